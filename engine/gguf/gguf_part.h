// GgufPart: one file of a model, parsed and checked by itself: header, metadata and tensor table.
//
// Flow: gguf_reader parses one part, or each part of a split, and joins them. Strings and tensor
// bytes are views into the parsed bytes. Source: ggml docs/gguf.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/gguf/tensor_index.h"

namespace sotto {

struct GgufPart {
    std::uint32_t version = 0;
    GgufMetadata metadata;
    std::vector<GgufTensor> tensors;  // in file order
};

// Errors: FileDamaged, Unsupported (version, byte order or tensor type). `fileName` is how messages
// name the file.
Result<GgufPart> parseGgufPart(std::span<const std::byte> bytes, const std::string& fileName,
                               TensorData data = TensorData::InFile);

// How long the header is at least that begins with `bytes`: more than their number while it goes
// on, else at most that (it is whole, or more bytes would not mend it).
std::uint64_t ggufHeaderWanted(std::span<const std::byte> bytes);

}  // namespace sotto
