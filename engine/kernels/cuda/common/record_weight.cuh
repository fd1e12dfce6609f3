// One weight of a packed record, by row and column: for whoever needs the numbers themselves
// (embedding, unpacking), not for products.
//
// The arithmetic is that of engine/quant/dequantize_reference.cpp, operation by operation (never
// fused): same bits. Layouts: common/packed_record.h.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "engine/kernels/cuda/common/byte_ops.h"
#include "engine/kernels/cuda/common/packed_record.h"

namespace sotto::cuda {

// Blocks of 32 columns with nibbles, and with a least weight that is added.
template <DType type>
inline constexpr bool kIsSmallNibble =
    type == DType::Q4_0 || type == DType::Q4_1 || type == DType::Q5_0 || type == DType::Q5_1;
template <DType type>
inline constexpr bool kHasAddedMin = type == DType::Q4_1 || type == DType::Q5_1;

__device__ __forceinline__ std::uint32_t byteAt(const std::byte* bytes, int index) {
    return static_cast<std::uint32_t>(bytes[index]);
}

__device__ __forceinline__ float halfAt(const std::byte* bytes, int index) {
    return halfBitsToFloat(byteAt(bytes, index) | byteAt(bytes, index + 1) << 8);
}

// Which lane, word and byte of a group's fragment hold (row, column in the group).
struct FragmentPlace {
    int lane;
    int word;
    int byteIndex;
};

__device__ __forceinline__ FragmentPlace placeOf(int row, int inGroup) {
    return {.lane = row % 8 * 4 + inGroup % 16 / 4,
            .word = inGroup / 16 * 2 + row / 8,
            .byteIndex = inGroup % 4};
}

template <DType type>
__device__ __forceinline__ std::uint32_t recordCode(const std::byte* record, int row, int col) {
    using Layout = RecordLayout<type>;
    const int group = col / 32;
    const FragmentPlace place = placeOf(row, col % 32);
    const int wordInPart = place.lane * 4 + place.word;
    if constexpr (type == DType::Q8_0)
        return byteAt(record, 4 * (group * 128 + wordInPart) + place.byteIndex);
    const int isOdd = group % 2;
    const std::uint32_t both = byteAt(record, 4 * (group / 2 * 128 + wordInPart) + place.byteIndex);
    const std::uint32_t nibble = isOdd ? both >> 4 : both & 15u;
    if constexpr (Layout::kCodeBits == 4) {
        return nibble;
    } else {
        constexpr int kRestBits = Layout::kCodeBits - 4;
        constexpr int kPairs = 4 / kRestBits;
        const int pair = group / 2;
        const int position =
            (8 * place.byteIndex + 4 - kRestBits * isOdd + 2 * kRestBits * (pair % kPairs)) % 32;
        const int restByte = Layout::kRest + 4 * (pair / kPairs * 128 + wordInPart) + position / 8;
        // Two bits never straddle a byte: their positions are even.
        const std::uint32_t rest =
            byteAt(record, restByte) >> (position % 8) & ((1u << kRestBits) - 1u);
        return isOdd ? nibble << kRestBits | rest : nibble | rest << 4;
    }
}

// The 6-bit scale and min of one sub-block of a Q4_K or Q5_K header.
__device__ __forceinline__ int2 scaleAndMin(const std::byte* scales, int group) {
    if (group < 4)
        return make_int2(static_cast<int>(byteAt(scales, group) & 63u),
                         static_cast<int>(byteAt(scales, group + 4) & 63u));
    const std::uint32_t low = byteAt(scales, group + 4);
    return make_int2(static_cast<int>((low & 15u) | byteAt(scales, group - 4) >> 6 << 4),
                     static_cast<int>(low >> 4 | byteAt(scales, group) >> 6 << 4));
}

template <DType type>
__device__ __forceinline__ float recordWeight(const std::byte* record, int row, int col) {
    using Layout = RecordLayout<type>;
    if constexpr (Layout::kIsFloat) {
        const int lane = row % 8 * 4 + col % 8 / 2;
        const int word = col % 16 / 8 * 2 + row / 8;
        const int index = 4 * (col / 16 * 128 + lane * 4 + word) + col % 2 * 2;
        if constexpr (type == DType::F16) return halfAt(record, index);
        return __uint_as_float(byteAt(record, index) << 16 | byteAt(record, index + 1) << 24);
    } else {
        const int code = static_cast<int>(recordCode<type>(record, row, col));
        const std::byte* const scales = record + Layout::kScales + 16 * row;
        if constexpr (type == DType::Q8_0) {
            return __fmul_rn(halfAt(scales, col / 32 * 2),
                             static_cast<float>(static_cast<std::int8_t>(code)));
        } else if constexpr (kHasAddedMin<type>) {
            const std::byte* const mins = record + Layout::kMins + 16 * row;
            return __fadd_rn(__fmul_rn(halfAt(scales, col / 32 * 2), static_cast<float>(code)),
                             halfAt(mins, col / 32 * 2));
        } else if constexpr (kIsSmallNibble<type>) {
            constexpr int kCenter = 1 << (Layout::kCodeBits - 1);
            return __fmul_rn(halfAt(scales, col / 32 * 2), static_cast<float>(code - kCenter));
        } else if constexpr (type == DType::Q6_K) {
            const float d = halfAt(record, Layout::kD + 4 * (row % 8) + 2 * (row / 8));
            const int scale = static_cast<int>(byteAt(scales, col / 16)) - 128;
            return __fmul_rn(__fmul_rn(d, static_cast<float>(scale)),
                             static_cast<float>(code - 32));
        } else {
            static_assert(type == DType::Q4_K || type == DType::Q5_K);
            const int2 factors = scaleAndMin(scales + 4, col / 32);
            const float scale = __fmul_rn(halfAt(scales, 0), static_cast<float>(factors.x));
            const float min = __fmul_rn(halfAt(scales, 2), static_cast<float>(factors.y));
            return __fsub_rn(__fmul_rn(scale, static_cast<float>(code)), min);
        }
    }
}

}  // namespace sotto::cuda
