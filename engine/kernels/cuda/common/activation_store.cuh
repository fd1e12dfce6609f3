// storeActivation: one warp writes one group of 32 columns of one token into an ActivationPlane.
//
// The tail of every kernel that makes the next linear step's input. Device code, warp-collective:
// lane i of a warp along x holds column i of the group. The layout is in activation_plane.h.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/common/activation_plane.h"
#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {

// Index of a token's group in `scales` (pairs) and `squares`; times groupValueBytes() within a
// token's tile in `values`.
__device__ __forceinline__ std::int64_t activationIndex(int nCols, int token, int group) {
    const std::int64_t nGroups = (nCols + kStepCols - 1) / kStepCols * kStepGroups;
    return (token / kTileTokens * nGroups + group) * kTileTokens + token % kTileTokens;
}

namespace detail {

// A float as an unsigned integer orders magnitudes like the float, with NaN above infinity, so that
// a NaN anywhere reaches the scale and from there every result.
__device__ __forceinline__ float largestMagnitude(float value) {
    return __uint_as_float(warpMax(__float_as_uint(value) & 0x7fffffffu));
}

__device__ __forceinline__ float2 storeInt8(std::byte* values, int lane, float value) {
    const float largest = largestMagnitude(value);
    // Below 2^-100 the inverse would overflow; such rows are zeros to any matrix.
    const bool isZero = largest < 0x1p-100f;
    const float scale = isZero ? 0.0f : __fdiv_rn(largest, 127.0f);
    const float inverse = isZero ? 0.0f : __fdiv_rn(127.0f, largest);
    // The product is at most 127 * (1 + 2^-23): it rounds to 127. The clamp is for NaN.
    const int code = __float2int_rn(fminf(fmaxf(value * inverse, -127.0f), 127.0f));
    const int byteIndex = lane % 16 / 4 * 8 + lane / 16 * 4 + lane % 4;
    reinterpret_cast<std::int8_t*>(values)[byteIndex] = static_cast<std::int8_t>(code);
    const int sum = warpSum(code);
    return {scale, scale * static_cast<float>(sum)};
}

// Where the four columns 2t, 2t + 1, 2t + 8, 2t + 9 of each 16 lie together, times nParts 16-bit
// values: index of this lane's column's first part.
__device__ __forceinline__ int splitIndex(int lane, int tokenInTile, int nParts) {
    const int t = lane % 8 / 2;
    const int inFour = lane % 2 + lane % 16 / 8 * 2;
    return ((lane / 16 * kTileTokens + tokenInTile) * 4 + t) * 4 * nParts + inFour;
}

__device__ __forceinline__ float2 storeSplitF16(std::byte* tile, int lane, int tokenInTile,
                                                float value) {
    // The power of two that brings the largest magnitude into [2^13, 2^14): exponent fields.
    const std::uint32_t largest = warpMax(__float_as_uint(value) & 0x7fffffffu);
    const std::uint32_t exponent = max(largest >> 23, 14u) - 13u;
    const float scale = __uint_as_float(exponent << 23);
    const float scaled = value * __uint_as_float((254u - exponent) << 23);
    const __half high = __float2half_rn(scaled);
    const __half low = __float2half_rn(scaled - __half2float(high));
    __half* const values = reinterpret_cast<__half*>(tile) + splitIndex(lane, tokenInTile, 2);
    values[0] = high;
    values[4] = low;
    return {scale, 0.0f};
}

__device__ __forceinline__ float2 storeSplitBf16(std::byte* tile, int lane, int tokenInTile,
                                                 float value) {
    __nv_bfloat16* const values =
        reinterpret_cast<__nv_bfloat16*>(tile) + splitIndex(lane, tokenInTile, 3);
    float rest = value;
#pragma unroll
    for (int part = 0; part < 3; ++part) {
        const __nv_bfloat16 rounded = __float2bfloat16_rn(rest);
        values[4 * part] = rounded;
        rest -= __bfloat162float(rounded);
    }
    return {1.0f, 0.0f};
}

}  // namespace detail

// value: this lane's column of what is stored; raw: the number whose square counts for the deferred
// norm (value before the norm's weight), used where plane.squares is set. Columns past the end of
// the row are stored as zero values.
__device__ __forceinline__ void storeActivation(const ActivationPlane& plane, int token, int group,
                                                float value, float raw) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int tokenInTile = token % kTileTokens;
    const std::int64_t index = activationIndex(plane.nCols, token, group);
    const std::int64_t tileStart = index - tokenInTile;
    float2 scale;
    if (plane.kind == ActivationKind::Int8) {
        scale = detail::storeInt8(plane.values + index * kGroupCols, lane, value);
    } else if (plane.kind == ActivationKind::SplitF16) {
        std::byte* const tile = plane.values + tileStart * (kGroupCols * 4);
        scale = detail::storeSplitF16(tile, lane, tokenInTile, value);
    } else {
        std::byte* const tile = plane.values + tileStart * (kGroupCols * 6);
        scale = detail::storeSplitBf16(tile, lane, tokenInTile, value);
    }
    if (lane == 0) reinterpret_cast<float2*>(plane.scales)[index] = scale;
    if (plane.squares == nullptr) return;
    const float squares = warpSum(raw * raw);
    if (lane == 0) plane.squares[index] = squares;
}

__device__ __forceinline__ void storeActivation(const ActivationPlane& plane, int token, int group,
                                                float value) {
    storeActivation(plane, token, group, value, value);
}

}  // namespace sotto::cuda
