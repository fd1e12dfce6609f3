// Between the file's block order and packed records (common/packed_record.h), on the device.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/tensor/dtype.h"

namespace sotto::cuda {

struct ChosenHeader;  // choose_tokens.h

// A range of whole panels of 32 rows, so that a large matrix passes through a staging buffer in
// pieces.
struct RepackArgs {
    const std::byte* source = nullptr;  // file order, rows firstRow .. firstRow + nRows - 1
    std::byte* records = nullptr;       // the whole packed matrix
    DType type = DType::Q8_0;
    std::int64_t firstRow = 0;  // a multiple of 32
    std::int64_t nRows = 0;     // a multiple of 32 unless it is the end of the matrix
    std::int64_t nCols = 0;
};
void launchRepack(const RepackArgs& args, const LaunchStream& on);

// out[token, :] = scale * row tokenIds[token] of the packed (F32: plain) table; also the inverse
// that tests use. nCols a multiple of the type's block.
struct UnpackRowsArgs {
    const std::byte* records = nullptr;
    DType type = DType::Q8_0;
    std::int64_t nCols = 0;
    const std::int32_t* rowIds = nullptr;  // [nRows] on the device
    std::int64_t nRows = 0;
    float scale = 1.0f;
    float* out = nullptr;  // [nRows, nCols]
    // Where there is one, the row id -1 - n stands for the token that was chosen for row n.
    const ChosenHeader* chosen = nullptr;
};
void launchUnpackRows(const UnpackRowsArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda
