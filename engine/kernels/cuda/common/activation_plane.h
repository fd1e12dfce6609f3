// ActivationPlane: the input rows of a linear step as the tensor cores want them: split or
// quantized per group of 32 columns, in fragment order.
//
// Made in the epilogue of the operation before (norm, GLU, attention), read by linear_rows and
// linear_tiles. Plain pointers to device memory owned by CudaKernels; valid within one step.
//
// Layout. Tokens lie in tiles of 8 (the n side of mma.m16n8k32), columns in groups of 32, padded
// with zeros to a multiple of 256 columns; nGroups = 8 * ceil(nCols / 256).
//   Int8      values  int8 [tokenTile][group][token 8][32]     x ~ scale * code, |code| <= 127
//             scales  float2 [tokenTile][group][token 8]       (scale, scale * sum of the 32 codes)
//             Byte 8t + j of a group is column 4t + j, byte 8t + 4 + j is column 16 + 4t + j
//             (t, j = 0..3): the lane with threadID_in_group t reads both B registers in 8 bytes.
//   SplitF16  values  half [tokenTile][group][k16 2][token 8][t 4][8]   x = scale * (high + low)
//             The 8 halves: high of columns 2t, 2t+1, 2t+8, 2t+9 of the 16, then low of the same.
//             scales  float2 as above, (a power of two, 0): |high| <= 2^14, nothing is lost beyond
//             2^-24.
//   SplitBf16 values  bf16 [tokenTile][group][k16 2][token 8][t 4][12]  x = high + middle + low
//             the same four columns, three times; scales (1, 0).
// Rows of a tile beyond the last token are never read as tokens; writers leave them alone, readers
// use zero for them.
//
// Deferred norm: the RMS norm's factor is one number per token and commutes with the matrix
// product, so the writer stores x * normWeight and the sums of squares of x per group (squares,
// float [tokenTile][group][token 8]); the reader multiplies its result by 1 / sqrt(sum / normWidth
// + normEpsilon). squares == nullptr: no norm.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/tensor/dtype.h"

namespace sotto::cuda {

inline constexpr int kTileTokens = 8;
inline constexpr int kGroupCols = 32;
inline constexpr int kStepCols = 256;  // columns of one packed record
inline constexpr int kStepGroups = kStepCols / kGroupCols;

enum class ActivationKind : std::uint8_t { Int8, SplitF16, SplitBf16 };

struct ActivationPlane {
    std::byte* values = nullptr;
    float* scales = nullptr;   // pairs, see above
    float* squares = nullptr;  // null: no norm is pending
    ActivationKind kind = ActivationKind::Int8;
    std::int32_t nCols = 0;
    std::int32_t normWidth = 0;  // columns the pending norm divides by
    float normEpsilon = 0.0f;
};

constexpr std::int64_t stepsOf(std::int64_t nCols) { return (nCols + kStepCols - 1) / kStepCols; }
constexpr std::int64_t groupsOf(std::int64_t nCols) { return stepsOf(nCols) * kStepGroups; }
constexpr std::int64_t tokenTilesOf(std::int64_t nTokens) {
    return (nTokens + kTileTokens - 1) / kTileTokens;
}

// Bytes of one group of one token in `values`.
constexpr std::int64_t groupValueBytes(ActivationKind kind) {
    return kind == ActivationKind::Int8       ? kGroupCols
           : kind == ActivationKind::SplitF16 ? kGroupCols * 4
                                              : kGroupCols * 6;
}

// The kind that matrices of this type multiply with; F32 matrices read plain float rows instead.
constexpr ActivationKind activationKindOf(DType type) {
    switch (type) {
        case DType::F16: return ActivationKind::SplitF16;
        case DType::BF16: return ActivationKind::SplitBf16;
        case DType::Q4_0:
        case DType::Q4_1:
        case DType::Q5_0:
        case DType::Q5_1:
        case DType::Q8_0:
        case DType::Q4_K:
        case DType::Q5_K:
        case DType::Q6_K:
        case DType::F32: return ActivationKind::Int8;
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "activationKindOf");
}

}  // namespace sotto::cuda
