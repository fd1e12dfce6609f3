// Which model files lie in folders, and what the programs that own the folders call them. Models
// are not opened, only the lists that such programs keep beside them. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace sotto::app {

struct ModelFile {
    std::filesystem::path path;     // absolute; of a split model the first shard
    std::string name;               // by the list of another program ("llama3.2:3b"); mostly empty
    std::uint64_t sizeBytes = 0;    // all shards that are there
    std::int64_t modifiedAtMs = 0;  // of `path`, since 1970 UTC
    int nShards = 1;                // as the name says
    int nShardsFound = 1;           // fewer: the model is incomplete
};

// *.gguf in any case, but for downloads that are not finished (incomplete-*), the vision parts of
// models (mmproj*) and importance matrices (imatrix*, *.imatrix).
bool isModelName(const std::filesystem::path& file);

// imatrix* and *.imatrix, with any ending behind it: not "…-imatrix.gguf", as people call models
// that were quantized with one.
bool isImportanceName(const std::filesystem::path& file);

// Every file of such a name in `folders` and below, at most four levels, sorted by path; symbolic
// links to files are followed (the Hugging Face cache is made of them) and a file that several lead
// to is listed once, links to folders are not followed. What cannot be read is left out.
// Nothing in folders NAME.imatrix, which have importance matrices.
// Also what a folder of Ollama (blobs, named by manifests) and Jan's model.yml files name.
// `isCancelled` is asked before each file; what was found until then is given back.
std::vector<ModelFile> scanModels(const std::vector<std::filesystem::path>& folders,
                                  const std::function<bool()>& isCancelled = {});

}  // namespace sotto::app
