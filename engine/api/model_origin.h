// What a model file says of where it comes from, for who looks for things made for it. The claim of
// whoever wrote the file; any of it may be empty.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace sotto {

struct ModelOrigin {
    std::string name;  // general.name: "Qwen3 8B"
    // As converters cut a name: "Llama-3.2", "1B", "Instruct".
    std::string basename, sizeLabel, finetune;
    // Addresses of repositories: its own (general.repo_url, general.source.*), and that of
    // general.base_model.0, which may be the model itself or the one that it was trained from.
    std::string address, baseAddress;
};

// Of a GGUF (of a split its first part): its keys alone. Of a folder, which says nothing of it,
// empty. Errors: those of GgufFile::open().
Result<ModelOrigin> readModelOrigin(const std::filesystem::path& model);

}  // namespace sotto
