// A matrix on the card: packed records, or for F32 the file's rows. Read by embed, linear_rows,
// linear_tiles and linear_float.
#pragma once

#include <memory>

#include "base/rounding.h"
#include "engine/device/cuda/arena.h"
#include "engine/kernels/cuda/common/packed_record.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

class CudaWeight final : public Weight {
public:
    std::byte* memory = nullptr;
    DeviceBuffer own;  // that memory, unless it is the caller's

    const std::byte* records() const { return memory; }
    const float* floats() const { return reinterpret_cast<const float*>(memory); }  // of F32
    bool isPacked() const { return type != DType::F32; }
    ActivationKind inputKind() const { return activationKindOf(type); }
};

// Bytes on the card: what the file has, rows and columns rounded up to whole records, and the end
// so that the next matrix may begin there.
inline std::uint64_t cudaWeightBytes(const TensorView& source) {
    const auto bytes =
        source.type == DType::F32
            ? static_cast<std::uint64_t>(source.bytes())
            : static_cast<std::uint64_t>(packedBytes(source.type, source.nRows, source.nCols));
    return roundUp(bytes, kArenaAlignment);
}

// A matrix of the source's shape and type, not written yet: in `place`, or in memory of its own
// where that is null. Errors: OutOfMemory.
Result<std::unique_ptr<CudaWeight>> placeCudaWeight(const TensorView& source, std::byte* place);

// Rows in the file's order, on the device.
struct FileRows {
    const std::byte* data = nullptr;
    std::int64_t firstRow = 0;  // a multiple of 32
    std::int64_t nRows = 0;     // a multiple of 32 unless it is the end of the matrix
};
// Queues their way into the matrix: packed, of F32 copied. Errors: DeviceFailed.
Status queueRows(const CudaWeight& weight, const FileRows& rows, const Stream& stream);

}  // namespace sotto::cuda
