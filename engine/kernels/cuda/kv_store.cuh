// A row of keys or values written into the cache in any of its types, by one warp: rotated where
// the plane is, rounded in groups of 32.
//
// The definition, whose bits these are: engine/kernels/kv_rows.h. Lane i holds elements i, i + 32,
// ... of the row, so that a group is one register of each lane: its largest by a butterfly, its
// bits packed by votes and shuffles. Used by rope_store.cu. Device code.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "base/finite_half.h"
#include "engine/kernels/cuda/common/byte_ops.h"
#include "engine/kernels/cuda/common/warp.h"
#include "engine/kernels/cuda/hadamard.cuh"
#include "engine/kernels/cuda/kv_planes.h"
#include "engine/kernels/cuda/rope_store.cuh"

namespace sotto::cuda {

namespace detail {

// One lane's code of a group, and the group's scale as a half's bits.
struct GroupCode {
    unsigned code;
    std::uint16_t scale;
};

__device__ __forceinline__ float inverseOf(float scale) {
    return scale != 0.0f ? __fdiv_rn(1.0f, scale) : 0.0f;
}

// `largest`: the largest magnitude of the group.
__device__ __forceinline__ GroupCode codeOfQ8(float value, float largest) {
    const float scale = __fdiv_rn(largest, 127.0f);
    // Ties away from zero, as in files of this type.
    const int code = static_cast<int>(roundf(value * inverseOf(scale)));
    return {static_cast<unsigned>(code) & 0xffu, __half_as_ushort(finiteHalf(scale))};
}

// Q4_0 and Q5_0: the extreme, the first of those of the largest magnitude, maps to code 0, the one
// without a positive twin.
__device__ __forceinline__ GroupCode codeOfNibbles(float value, float largest, int nCodes) {
    const float center = static_cast<float>(nCodes / 2);
    const unsigned isLargest = __ballot_sync(kAllLanes, fabsf(value) == largest);
    // Nobody is where the largest is NaN; that group gets no codes.
    const int first = max(__ffs(static_cast<int>(isLargest)) - 1, 0);
    const float scale = __fdiv_rn(__shfl_sync(kAllLanes, value, first), -center);
    const float place = value * inverseOf(scale) + center;
    // Adding a half and cutting off rounds halves up.
    const float code = fminf(fmaxf(place + 0.5f, 0.0f), static_cast<float>(nCodes - 1));
    return {static_cast<unsigned>(static_cast<int>(code)), __half_as_ushort(finiteHalf(scale))};
}

// The bits of the eight-bit float nearest to `value`, even ones in ties, the largest finite one
// beyond it; with kMantissa bits and this bias of the exponent.
template <int kMantissa, int kBias>
__device__ __forceinline__ unsigned float8Of(float value, float most) {
    const float magnitude = fminf(fabsf(value), most);
    // Below the smallest normal exponent steps stay as they are.
    const int exponent = max(static_cast<int>(__float_as_uint(magnitude) >> 23) - 127, 1 - kBias);
    const float unit = __uint_as_float(static_cast<unsigned>(127 + kMantissa - exponent) << 23);
    // The hidden bit and a full mantissa's carry run into the exponent as they should.
    const int code = ((exponent + kBias - 1) << kMantissa) + __float2int_rn(magnitude * unit);
    return static_cast<unsigned>(code) | (__float_as_uint(value) >> 24 & 0x80u);
}

template <int kMantissa, int kBias>
__device__ __forceinline__ GroupCode codeOfFloat8(float value, float largest, float most) {
    const float scale = __fdiv_rn(largest, most);
    // The least half that is not below it.
    unsigned bits = __half_as_ushort(finiteHalf(scale));
    const float rounded = halfBitsToFloat(bits);
    if (rounded < scale && rounded < kLargestHalf) ++bits;
    return {float8Of<kMantissa, kBias>(value * inverseOf(halfBitsToFloat(bits)), most),
            static_cast<std::uint16_t>(bits)};
}

__device__ __forceinline__ GroupCode codeOf(KvType type, float value) {
    // As an integer, a float's bits order magnitudes, with NaN above infinity.
    const unsigned largestBits = warpMaxUnsigned(__float_as_uint(value) & 0x7fffffffu);
    const float largest = __uint_as_float(largestBits);
    GroupCode result = {};
    switch (type) {
        case KvType::Q8_0: result = codeOfQ8(value, largest); break;
        case KvType::Q5_0: result = codeOfNibbles(value, largest, 32); break;
        case KvType::Q4_0: result = codeOfNibbles(value, largest, 16); break;
        case KvType::F8E4M3: result = codeOfFloat8<3, 7>(value, largest, 448.0f); break;
        default: result = codeOfFloat8<2, 15>(value, largest, 57344.0f);
    }
    // What is no finite number is to be seen wherever the row is.
    if (largestBits >= 0x7f800000u) return {.code = 0, .scale = 0x7e00};
    return (result.scale & 0x7fffu) != 0 ? result : GroupCode{};
}

// A group of a quantized plane, of which lane i holds element i. All lanes.
__device__ __forceinline__ void storeGroup(const KvPlane& plane, std::int64_t group, float value) {
    const int lane = static_cast<int>(threadIdx.x % 32u);
    const auto [code, scale] = codeOf(plane.type, value);
    if (lane == 0) plane.scales[group] = scale;
    if (plane.type != KvType::Q4_0 && plane.type != KvType::Q5_0) {
        reinterpret_cast<std::uint8_t*>(plane.data)[group * kKvBlockElements + lane] =
            static_cast<std::uint8_t>(code);
        return;
    }
    unsigned word = (code & 15u) << (4 * (lane % 8 / 2 + lane % 2 * 4));
#pragma unroll
    for (int step = 1; step < 8; step *= 2) word |= __shfl_xor_sync(kAllLanes, word, step);
    if (lane % 8 == 0) reinterpret_cast<std::uint32_t*>(plane.data)[group * 4 + lane / 8] = word;
    if (plane.type != KvType::Q5_0) return;
    const unsigned fifths = __ballot_sync(kAllLanes, code >> 4 != 0u);
    if (lane == 0) plane.fifths[group] = fifths;
}

}  // namespace detail

// values[index]: element lane + 32 * index; past the row's end 0. All lanes.
template <int kGroups>
__device__ __forceinline__ void storeAnyRow(const KvPlane& plane, std::int64_t row,
                                            float (&values)[kGroups]) {
    const int lane = static_cast<int>(threadIdx.x % 32u);
    if (plane.isRotated) turnRow(plane.dim, values);
    const std::int64_t firstGroup = row * (plane.dim / kKvBlockElements);
    const bool isInGroups = plane.type != KvType::F16 && plane.type != KvType::F32;
#pragma unroll
    for (int index = 0; index < kGroups; ++index) {
        const int dim = lane + 32 * index;
        if (32 * index >= plane.dim) break;
        if (isInGroups)
            detail::storeGroup(plane, firstGroup + index, values[index]);
        else if (dim < plane.dim)
            storeCacheElement(plane.data, plane.type, row * plane.dim + dim, values[index]);
    }
}

}  // namespace sotto::cuda
