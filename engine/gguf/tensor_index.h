// The tensor table of one GGUF file: names, shapes, types and where their bytes lie.
//
// Flow: gguf_part calls it after the metadata; each tensor it returns lies wholly inside the file
// and touches no other. Source: ggml docs/gguf.md, "Tensor infos".
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/gguf/gguf_reader.h"

namespace sotto {

// Name length, one letter, dimension count, one dimension, type, offset.
inline constexpr std::uint64_t kMinTensorInfoBytes = 8 + 1 + 4 + 8 + 4 + 8;

// What follows the tensor table.
enum class TensorData {
    InFile,
    Absent,  // a header alone: tensors have a place and a size, but no bytes
};

// Reads `nTensors` infos at the cursor and checks them against the data section behind them, which
// begins at the next multiple of `alignment` (bytes, not 0). Errors: FileDamaged,
// Unsupported (tensor type, named).
Result<std::vector<GgufTensor>> readTensorIndex(ByteCursor& cursor, std::uint64_t nTensors,
                                                std::uint64_t alignment, TensorData data);

// FileDamaged when two tensors have the same name; otherwise indices into `tensors` sorted by name.
Result<std::vector<std::size_t>> sortTensorsByName(const std::vector<GgufTensor>& tensors,
                                                   const std::string& fileName);

}  // namespace sotto
