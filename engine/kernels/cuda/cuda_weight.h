// A matrix on the card: packed records, or for F32 the file's rows. Read by embed, linear_rows,
// linear_tiles and linear_float.
#pragma once

#include "engine/device/buffer.h"
#include "engine/kernels/cuda/common/packed_record.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

class CudaWeight final : public Weight {
public:
    Buffer memory;

    const std::byte* records() const { return memory.data(); }
    bool isPacked() const { return type != DType::F32; }
    ActivationKind inputKind() const { return activationKindOf(type); }
};

// Bytes on the card: what the file has, rows and columns rounded up to whole records.
inline std::uint64_t cudaWeightBytes(const TensorView& source) {
    return source.type == DType::F32
               ? static_cast<std::uint64_t>(source.bytes())
               : static_cast<std::uint64_t>(packedBytes(source.type, source.nRows, source.nCols));
}

}  // namespace sotto::cuda
