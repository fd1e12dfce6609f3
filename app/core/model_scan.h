// Which model files lie in folders: names and sizes only, no file is opened. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace sotto::app {

struct ModelFile {
    std::filesystem::path path;     // absolute; of a split model the first shard
    std::uint64_t sizeBytes = 0;    // all shards that are there
    std::int64_t modifiedAtMs = 0;  // of `path`, since 1970 UTC
    int nShards = 1;                // as the name says
    int nShardsFound = 1;           // fewer: the model is incomplete
};

// Every *.gguf (in any case) in `folders` and below, at most four levels; symbolic links to files
// are followed (the Hugging Face cache is made of them), those to folders are not. Sorted by path,
// each file once. What cannot be read is left out.
std::vector<ModelFile> scanModels(const std::vector<std::filesystem::path>& folders);

}  // namespace sotto::app
