// RecordReader: one lane's share of a packed record in registers: load() issues all 16-byte loads,
// fragment() and factors() make what the tensor cores and the sums of one group of 32 columns need.
//
// Shared by linear_rows and linear_tiles. The layout is in packed_record.h. Everything is indexed
// at compile time, so that nothing but registers is used; what two groups share (unpacked headers,
// turned words) the compiler computes once.
//
// How a group is used (Int8 types), lane = 4g + t, tokens 2t and 2t + 1 in its columns of c:
//   startSums(c): the float 1.5 * 2^23 and the codes' constant offset times the activations
//   addProducts(c, a, b)
//   addScaled(results, c): sumToFloat(c) * scale[row] * tokenScale - min[row] * tokenScale *
//   tokenSum
// A sum of 32 products is below 32 * 252 * 128 < 2^20 and its offset below that, inside the 2^22
// that the bias leaves; converting is one float subtraction.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/common/byte_ops.h"
#include "engine/kernels/cuda/common/mma.h"
#include "engine/kernels/cuda/common/mma_unsigned.h"
#include "engine/kernels/cuda/common/packed_record.h"
#include "engine/kernels/cuda/common/vector_load.h"

namespace sotto::cuda {

inline constexpr int kSumBias = 0x4b400000;  // 12582912.0f: adding an integer to it is exact

__device__ __forceinline__ float sumToFloat(int sum) { return __int_as_float(sum) - 12582912.0f; }

// Of rows g and g + 8 (index 0 and 1) of one group. With kScaleCols = 16, scale belongs to columns
// 0..15 and scaleSecond to columns 16..31, with 32 scaleSecond is not set. min: the part of the
// weights that does not depend on the code; not set without kHasMin.
struct RowFactors {
    float scale[2];
    float scaleSecond[2];
    float min[2];
};

template <DType type>
struct RecordReader;

namespace detail {

__device__ __forceinline__ uint4 loadWords(const std::byte* part, int index) {
    return loadStreaming(part + 16 * index);
}

// Half `group` of a row's eight.
template <int group>
__device__ __forceinline__ float groupScale(const uint4& row) {
    const std::uint32_t word = wordOf<group / 2>(row);
    return halfBitsToFloat(group % 2 == 0 ? word & 0xffffu : word >> 16);
}

struct NibbleWords {
    uint4 pairs[4];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
#pragma unroll
        for (int pair = 0; pair < 4; ++pair) pairs[pair] = loadWords(record, 32 * pair + lane);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        constexpr std::uint32_t kMask = group % 2 == 0 ? 0x0f0f0f0fu : 0xf0f0f0f0u;
        const uint4& words = pairs[group / 2];
        a[0] = words.x & kMask;
        a[1] = words.y & kMask;
        a[2] = words.z & kMask;
        a[3] = words.w & kMask;
    }
};

// The factors of Q4_K and Q5_K: d * scale (over kOddStep in odd groups) and dmin * min, exact as
// the fused multiply-add removes the byte's bias and rounds a product of 11 and 6 bits.
template <int group, int oddStep>
__device__ __forceinline__ void kFactors(const uint4& header, float& scale, float& min) {
    // Bytes 0-3: scales 0-3, bytes 4-7: mins 0-3, bytes 8-11: low nibbles of scales 4-7, high
    // nibbles of mins 4-7; their top two bits are those of bytes 0-3 and 4-7.
    std::uint32_t scales;
    std::uint32_t mins;
    if constexpr (group < 4) {
        scales = header.y & 0x3f3f3f3fu;
        mins = header.z & 0x3f3f3f3fu;
    } else {
        scales = (header.w & 0x0f0f0f0fu) | (header.y >> 2 & 0x30303030u);
        mins = (header.w >> 4 & 0x0f0f0f0fu) | (header.z >> 2 & 0x30303030u);
    }
    constexpr float kStep = group % 2 == 0 ? 1.0f : 1.0f / oddStep;
    const float d = halfBitsToFloat(header.x & 0xffffu) * kStep;
    const float dMin = halfBitsToFloat(header.x >> 16);
    scale = fmaf(biasedByte<group % 4>(scales), d, -kByteBias * d);
    min = fmaf(biasedByte<group % 4>(mins), dMin, -kByteBias * dMin);
}

}  // namespace detail

template <>
struct RecordReader<DType::Q8_0> {
    using Layout = RecordLayout<DType::Q8_0>;
    static constexpr bool kIsUnsigned = false;
    static constexpr bool kHasMin = false;
    static constexpr int kScaleCols = 32;
    static constexpr int kUnits = 1;  // parts of a record that are loaded at a time
    static constexpr std::uint32_t kEvenOffset = 0, kOddOffset = 0;

    uint4 codes[8];
    uint4 scales[2];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
#pragma unroll
        for (int group = 0; group < 8; ++group)
            codes[group] = detail::loadWords(record, 32 * group + lane);
        scales[0] = detail::loadWords(record + Layout::kScales, lane / 4);
        scales[1] = detail::loadWords(record + Layout::kScales, lane / 4 + 8);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        a[0] = codes[group].x;
        a[1] = codes[group].y;
        a[2] = codes[group].z;
        a[3] = codes[group].w;
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        RowFactors result;
        result.scale[0] = detail::groupScale<group>(scales[0]);
        result.scale[1] = detail::groupScale<group>(scales[1]);
        return result;
    }
};

template <>
struct RecordReader<DType::Q4_0> {
    using Layout = RecordLayout<DType::Q4_0>;
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = false;
    static constexpr int kScaleCols = 32;
    static constexpr int kUnits = 1;
    // -8 times kOddStep in odd groups, in all four bytes.
    static constexpr std::uint32_t kEvenOffset = 0xf8f8f8f8u, kOddOffset = 0x80808080u;

    detail::NibbleWords codes;
    uint4 scales[2];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        codes.load(record, lane);
        scales[0] = detail::loadWords(record + Layout::kScales, lane / 4);
        scales[1] = detail::loadWords(record + Layout::kScales, lane / 4 + 8);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        codes.fragment<group>(a);
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        constexpr float kStep = group % 2 == 0 ? 1.0f : 1.0f / 16;
        RowFactors result;
        result.scale[0] = detail::groupScale<group>(scales[0]) * kStep;
        result.scale[1] = detail::groupScale<group>(scales[1]) * kStep;
        return result;
    }
};

template <>
struct RecordReader<DType::Q4_K> {
    using Layout = RecordLayout<DType::Q4_K>;
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = true;
    static constexpr int kScaleCols = 32;
    static constexpr int kUnits = 1;
    static constexpr std::uint32_t kEvenOffset = 0, kOddOffset = 0;

    detail::NibbleWords codes;
    uint4 headers[2];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        codes.load(record, lane);
        headers[0] = detail::loadWords(record + Layout::kScales, lane / 4);
        headers[1] = detail::loadWords(record + Layout::kScales, lane / 4 + 8);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        codes.fragment<group>(a);
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        RowFactors result;
        detail::kFactors<group, 16>(headers[0], result.scale[0], result.min[0]);
        detail::kFactors<group, 16>(headers[1], result.scale[1], result.min[1]);
        return result;
    }
};

template <>
struct RecordReader<DType::Q5_K> {
    using Layout = RecordLayout<DType::Q5_K>;
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = true;
    static constexpr int kScaleCols = 32;
    static constexpr int kUnits = 1;
    static constexpr std::uint32_t kEvenOffset = 0, kOddOffset = 0;

    detail::NibbleWords codes;
    uint4 rest;
    uint4 headers[2];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        codes.load(record, lane);
        rest = detail::loadWords(record + Layout::kRest, lane);
        headers[0] = detail::loadWords(record + Layout::kScales, lane / 4);
        headers[1] = detail::loadWords(record + Layout::kScales, lane / 4 + 8);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        constexpr int kTurn = 2 * (group / 2);
        constexpr std::uint32_t kMask = group % 2 == 0 ? 0x10101010u : 0x08080808u;
        codes.fragment<group>(a);
        a[0] |= turnRight<kTurn>(rest.x) & kMask;
        a[1] |= turnRight<kTurn>(rest.y) & kMask;
        a[2] |= turnRight<kTurn>(rest.z) & kMask;
        a[3] |= turnRight<kTurn>(rest.w) & kMask;
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        RowFactors result;
        detail::kFactors<group, 8>(headers[0], result.scale[0], result.min[0]);
        detail::kFactors<group, 8>(headers[1], result.scale[1], result.min[1]);
        return result;
    }
};

template <>
struct RecordReader<DType::Q6_K> {
    using Layout = RecordLayout<DType::Q6_K>;
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = false;
    static constexpr int kScaleCols = 16;
    static constexpr int kUnits = 1;
    // -32 times kOddStep in odd groups, in all four bytes.
    static constexpr std::uint32_t kEvenOffset = 0xe0e0e0e0u, kOddOffset = 0x80808080u;

    detail::NibbleWords codes;
    uint4 rest[2];
    uint4 scales[2];
    std::uint32_t d;  // halves of rows g and g + 8

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        codes.load(record, lane);
        rest[0] = detail::loadWords(record + Layout::kRest, lane);
        rest[1] = detail::loadWords(record + Layout::kRest, lane + 32);
        scales[0] = detail::loadWords(record + Layout::kScales, lane / 4);
        scales[1] = detail::loadWords(record + Layout::kScales, lane / 4 + 8);
        d = *reinterpret_cast<const std::uint32_t*>(record + Layout::kD + 4 * (lane / 4));
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        constexpr int kTurn = 4 * (group / 2 % 2);
        constexpr std::uint32_t kMask = group % 2 == 0 ? 0x30303030u : 0x0c0c0c0cu;
        const uint4& words = rest[group / 4];
        codes.fragment<group>(a);
        a[0] |= turnRight<kTurn>(words.x) & kMask;
        a[1] |= turnRight<kTurn>(words.y) & kMask;
        a[2] |= turnRight<kTurn>(words.z) & kMask;
        a[3] |= turnRight<kTurn>(words.w) & kMask;
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        constexpr float kStep = group % 2 == 0 ? 1.0f : 1.0f / 4;
        RowFactors result;
        const float dFirst = halfBitsToFloat(d & 0xffffu) * kStep;
        const float dSecond = halfBitsToFloat(d >> 16) * kStep;
        result.scale[0] = scaleOf<2 * group>(scales[0], dFirst);
        result.scale[1] = scaleOf<2 * group>(scales[1], dSecond);
        result.scaleSecond[0] = scaleOf<2 * group + 1>(scales[0], dFirst);
        result.scaleSecond[1] = scaleOf<2 * group + 1>(scales[1], dSecond);
        return result;
    }

private:
    // The byte, which is the scale + 128, goes into bits 8-15 of a float with exponent 15, which is
    // then 2^15 + byte. 32768 + 128 times d has 8 + 11 bits: the multiply-add is exact. (With the
    // byte in bits 0-7 the product would have 27 bits.)
    template <int index>
    __device__ __forceinline__ static float scaleOf(const uint4& row, float d) {
        constexpr std::uint32_t kSelector = 0x7404u | index % 4 << 4;
        const std::uint32_t bits = __byte_perm(wordOf<index / 4>(row), 0x47000000u, kSelector);
        return fmaf(__uint_as_float(bits), d, -32896.0f * d);
    }
};

// Adds the products of one group. a: a reader's fragment, b: the group's B registers. With
// kScaleCols = 16, `second` takes columns 16..31; otherwise it is not touched.
template <class Reader>
__device__ __forceinline__ void addProducts(int (&sums)[4], int (&second)[4],
                                            const std::uint32_t (&a)[4],
                                            const std::uint32_t (&b)[2]) {
    if constexpr (Reader::kScaleCols == 16) {
        static_assert(Reader::kIsUnsigned);
        mmaU8S8k16(sums, {a[0], a[1]}, b[0]);
        mmaU8S8k16(second, {a[2], a[3]}, b[1]);
    } else if constexpr (Reader::kIsUnsigned) {
        mmaU8S8k32(sums, a, b);
    } else {
        mmaS8k32(sums, a, b);
    }
}

// What the sums start from: the bias of sumToFloat() and the codes' offset times the activations,
// which is the same for all rows (linear_tiles computes it once for several row tiles).
template <class Reader, int group>
__device__ __forceinline__ void startSums(int (&sums)[4], int (&second)[4],
                                          const std::uint32_t (&b)[2]) {
    constexpr std::uint32_t kOffset = group % 2 == 0 ? Reader::kEvenOffset : Reader::kOddOffset;
#pragma unroll
    for (int index = 0; index < 4; ++index) sums[index] = second[index] = kSumBias;
    if constexpr (kOffset != 0 && Reader::kScaleCols == 16) {
        mmaS8k16(sums, {kOffset, kOffset}, b[0]);
        mmaS8k16(second, {kOffset, kOffset}, b[1]);
    } else if constexpr (kOffset != 0) {
        mmaS8k32(sums, {kOffset, kOffset, kOffset, kOffset}, b);
    }
}

// sums of rows g, g + 8 and tokens 2t, 2t + 1 (c's order) into the float results. tokens: (scale,
// scale * sum of codes) of tokens 2t and 2t + 1, as they lie in the plane.
template <class Reader>
__device__ __forceinline__ void addScaled(float (&results)[4], const int (&sums)[4],
                                          const int (&second)[4], const RowFactors& factors,
                                          const float4& tokens) {
#pragma unroll
    for (int index = 0; index < 4; ++index) {
        const int row = index / 2;
        float sum = sumToFloat(sums[index]) * factors.scale[row];
        if constexpr (Reader::kScaleCols == 16)
            sum = fmaf(sumToFloat(second[index]), factors.scaleSecond[row], sum);
        results[index] = fmaf(sum, index % 2 == 0 ? tokens.x : tokens.z, results[index]);
        if constexpr (Reader::kHasMin)
            results[index] =
                fmaf(-factors.min[row], index % 2 == 0 ? tokens.y : tokens.w, results[index]);
    }
}

// F16 and BF16: fragments of mma.m16n8k16, two per group; loaded by half records of four groups,
// because a whole one would take 64 registers.
struct FloatRecordReader {
    static constexpr int kUnits = 2;

    uint4 codes[8];

    __device__ __forceinline__ void load(const std::byte* unit, int lane) {
#pragma unroll
        for (int k16 = 0; k16 < 8; ++k16) codes[k16] = detail::loadWords(unit, 32 * k16 + lane);
    }

    template <int k16>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        a[0] = codes[k16].x;
        a[1] = codes[k16].y;
        a[2] = codes[k16].z;
        a[3] = codes[k16].w;
    }
};
template <>
struct RecordReader<DType::F16> : FloatRecordReader {};
template <>
struct RecordReader<DType::BF16> : FloatRecordReader {};

}  // namespace sotto::cuda
