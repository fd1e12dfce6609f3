// A folder of Hugging Face's form made of a GGUF by inverse code of its own: names, the order of
// the rows of q and k, experts one by one, the vocabulary as a tokenizer.json or a tokenizer.model.
#pragma once

#include <filesystem>
#include <string>

#include "engine/gguf/gguf_reader.h"

namespace sotto::test {

struct HfFolderOptions {
    int nParts = 1;            // files of weights
    std::string type = "F32";  // of the matrices: F32, F16 or BF16
    std::string architecture;  // in config.json; empty: the one of the GGUF
    bool isTied = false;       // without lm_head
    std::string chatTemplate;  // in tokenizer_config.json; empty: none
    std::string ropeScaling;   // JSON in config.json; empty: from the GGUF's keys
};

// False when something cannot be written.
bool writeHfFolder(const GgufFile& model, const std::filesystem::path& folder,
                   const HfFolderOptions& options = {});

}  // namespace sotto::test
