// Names and numbers of the parts of a model that was split into several GGUF files.
//
// Parts are called "<stem>-00001-of-00003.gguf"; each carries split.no (from 0), split.count and
// split.tensors.count (of all parts together).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_metadata.h"

namespace sotto {

struct SplitInfo {
    std::uint64_t index = 0;                // of this part, from 0
    std::uint64_t count = 1;                // parts in all; 1: not split
    std::optional<std::uint64_t> nTensors;  // of all parts together, where the file says so
};

// Errors: FileDamaged when the keys contradict each other.
Result<SplitInfo> splitInfo(const GgufMetadata& metadata, const std::string& fileName);

// The path of part `index` next to `firstPart`. Errors: InvalidArgument when `firstPart` is not
// named like the first of `count` parts.
Result<std::filesystem::path> splitPartPath(const std::filesystem::path& firstPart,
                                            std::uint64_t index, std::uint64_t count);

// All files of a model by their names alone, `path` first: the parts where it is called like one
// part of a split (any of them), else `path`. They need not be there.
std::vector<std::filesystem::path> partsByName(const std::filesystem::path& path);

}  // namespace sotto
