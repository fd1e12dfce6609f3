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
// weights that does not depend on the code, to be subtracted; not set without kHasMin.
struct RowFactors {
    float scale[2];
    float scaleSecond[2];
    float min[2];
};

// A whole record: its codes and all scales of rows g and g + 8.
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

// What 4-bit types share.
struct NibbleCodes {
    NibbleWords codes;

    __device__ __forceinline__ void loadCodes(const std::byte* record, int lane) {
        codes.load(record, lane);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        codes.fragment<group>(a);
    }
};

// Completes the nibbles of one group by the bits of its words of "rest".
template <DType type, int group>
__device__ __forceinline__ void addRest(std::uint32_t (&a)[4], const uint4& rest) {
    constexpr bool kIsFive = RecordLayout<type>::kCodeBits == 5;
    static_assert(kIsFive || RecordLayout<type>::kCodeBits == 6);
    constexpr int kTurn = kIsFive ? 2 * (group / 2) : 4 * (group / 2 % 2);
    constexpr std::uint32_t kEven = kIsFive ? 0x10101010u : 0x30303030u;
    constexpr std::uint32_t kOdd = kIsFive ? 0x08080808u : 0x0c0c0c0cu;
    constexpr std::uint32_t kMask = group % 2 == 0 ? kEven : kOdd;
    a[0] |= turnRight<kTurn>(rest.x) & kMask;
    a[1] |= turnRight<kTurn>(rest.y) & kMask;
    a[2] |= turnRight<kTurn>(rest.z) & kMask;
    a[3] |= turnRight<kTurn>(rest.w) & kMask;
}

// The codes of 5-bit types.
template <DType type>
struct FiveBitCodes {
    NibbleWords codes;
    uint4 rest;

    __device__ __forceinline__ void loadCodes(const std::byte* record, int lane) {
        codes.load(record, lane);
        rest = loadWords(record + RecordLayout<type>::kRest, lane);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        codes.fragment<group>(a);
        addRest<type, group>(a, rest);
    }
};

// The 16 bytes of rows g and g + 8 of a part of the record: scales, mins or headers.
__device__ __forceinline__ void loadRowWords(uint4 (&rows)[2], const std::byte* part, int lane) {
    rows[0] = loadWords(part, lane / 4);
    rows[1] = loadWords(part, lane / 4 + 8);
}

__device__ __forceinline__ std::uint32_t loadSixBitD(const std::byte* record, int lane) {
    constexpr int kD = RecordLayout<DType::Q6_K>::kD;
    return *reinterpret_cast<const std::uint32_t*>(record + kD + 4 * (lane / 4));
}

// factor * (byte of the word), exactly: PRMT makes 2^23 + byte, and the fused multiply-add takes
// the 2^23 away again and rounds a product of 6 and 11 bits. selector: 0x7540 | index.
__device__ __forceinline__ float byteTimes(std::uint32_t selector, std::uint32_t word,
                                           float factor) {
    const float biased = __uint_as_float(__byte_perm(word, 0x4b000000u, selector));
    return fmaf(biased, factor, -kByteBias * factor);
}

// factor * (byte - 128): the byte goes into bits 8-15 of a float with exponent 15, which is then
// 2^15 + byte. 32768 + 128 times a half has 8 + 11 bits, so this is exact too; with the byte in
// bits 0-7 the product would have 27 bits. selector: 0x7404 | index << 4.
__device__ __forceinline__ float signedByteTimes(std::uint32_t selector, std::uint32_t word,
                                                 float factor) {
    const float biased = __uint_as_float(__byte_perm(word, 0x47000000u, selector));
    return fmaf(biased, factor, -32896.0f * factor);
}

// Scales and mins of four groups of a Q4_K or Q5_K header, a byte each: of groups 0-3, or of 4-7,
// whose top two bits lie in the bytes of 0-3.
struct HeaderBytes {
    std::uint32_t scales;
    std::uint32_t mins;
};
template <bool isUpper>
__device__ __forceinline__ HeaderBytes headerBytes(const uint4& header) {
    if constexpr (!isUpper)
        return {.scales = header.y & 0x3f3f3f3fu, .mins = header.z & 0x3f3f3f3fu};
    return {.scales = (header.w & 0x0f0f0f0fu) | (header.y >> 2 & 0x30303030u),
            .mins = (header.w >> 4 & 0x0f0f0f0fu) | (header.z >> 2 & 0x30303030u)};
}
__device__ __forceinline__ float headerScale(const uint4& header) {
    return halfBitsToFloat(header.x & 0xffffu);
}
__device__ __forceinline__ float headerMin(const uint4& header) {
    return halfBitsToFloat(header.x >> 16);
}

}  // namespace detail

// The codes of a record, without its scales.
template <DType type>
struct RecordCodes;

template <>
struct RecordCodes<DType::Q8_0> {
    static constexpr bool kIsUnsigned = false;
    static constexpr bool kHasMin = false;
    static constexpr int kScaleCols = 32;
    static constexpr int kOddStep = 1;
    static constexpr std::uint32_t kEvenOffset = 0, kOddOffset = 0;

    uint4 codes[8];

    __device__ __forceinline__ void loadCodes(const std::byte* record, int lane) {
#pragma unroll
        for (int group = 0; group < 8; ++group)
            codes[group] = detail::loadWords(record, 32 * group + lane);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        a[0] = codes[group].x;
        a[1] = codes[group].y;
        a[2] = codes[group].z;
        a[3] = codes[group].w;
    }
};

template <>
struct RecordCodes<DType::Q4_0> : detail::NibbleCodes {
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = false;
    static constexpr int kScaleCols = 32;
    static constexpr int kOddStep = 16;
    // -8 times kOddStep in odd groups, in all four bytes.
    static constexpr std::uint32_t kEvenOffset = 0xf8f8f8f8u, kOddOffset = 0x80808080u;
};

template <>
struct RecordCodes<DType::Q4_1> : detail::NibbleCodes {
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = true;
    static constexpr int kScaleCols = 32;
    static constexpr int kOddStep = 16;
    static constexpr std::uint32_t kEvenOffset = 0, kOddOffset = 0;
};

template <>
struct RecordCodes<DType::Q5_0> : detail::FiveBitCodes<DType::Q5_0> {
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = false;
    static constexpr int kScaleCols = 32;
    static constexpr int kOddStep = 8;
    // -16 times kOddStep in odd groups, in all four bytes.
    static constexpr std::uint32_t kEvenOffset = 0xf0f0f0f0u, kOddOffset = 0x80808080u;
};

template <>
struct RecordCodes<DType::Q5_1> : detail::FiveBitCodes<DType::Q5_1> {
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = true;
    static constexpr int kScaleCols = 32;
    static constexpr int kOddStep = 8;
    static constexpr std::uint32_t kEvenOffset = 0, kOddOffset = 0;
};

template <>
struct RecordCodes<DType::Q4_K> : detail::NibbleCodes {
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = true;
    static constexpr int kScaleCols = 32;
    static constexpr int kOddStep = 16;
    static constexpr std::uint32_t kEvenOffset = 0, kOddOffset = 0;
};

template <>
struct RecordCodes<DType::Q5_K> : detail::FiveBitCodes<DType::Q5_K> {
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = true;
    static constexpr int kScaleCols = 32;
    static constexpr int kOddStep = 8;
    static constexpr std::uint32_t kEvenOffset = 0, kOddOffset = 0;
};

template <>
struct RecordCodes<DType::Q6_K> {
    static constexpr bool kIsUnsigned = true;
    static constexpr bool kHasMin = false;
    static constexpr int kScaleCols = 16;
    static constexpr int kOddStep = 4;
    // -32 times kOddStep in odd groups, in all four bytes.
    static constexpr std::uint32_t kEvenOffset = 0xe0e0e0e0u, kOddOffset = 0x80808080u;

    detail::NibbleWords codes;
    uint4 rest[2];

    __device__ __forceinline__ void loadCodes(const std::byte* record, int lane) {
        codes.load(record, lane);
        rest[0] = detail::loadWords(record + RecordLayout<DType::Q6_K>::kRest, lane);
        rest[1] = detail::loadWords(record + RecordLayout<DType::Q6_K>::kRest, lane + 32);
    }

    template <int group>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        codes.fragment<group>(a);
        detail::addRest<DType::Q6_K, group>(a, rest[group / 4]);
    }
};

namespace detail {

// Q8_0, Q4_0, Q5_0: a half per row and group.
template <DType type>
struct HalfReader : RecordCodes<type> {
    static constexpr int kUnits = 1;  // parts of a record that are loaded at a time

    uint4 scales[2];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        this->loadCodes(record, lane);
        loadRowWords(scales, record + RecordLayout<type>::kScales, lane);
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        constexpr float kStep = group % 2 == 0 ? 1.0f : 1.0f / RecordCodes<type>::kOddStep;
        RowFactors result;
        result.scale[0] = groupScale<group>(scales[0]) * kStep;
        result.scale[1] = groupScale<group>(scales[1]) * kStep;
        return result;
    }
};

// Q4_1, Q5_1: another half, which is added.
template <DType type>
struct HalfMinReader : HalfReader<type> {
    uint4 mins[2];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        HalfReader<type>::load(record, lane);
        loadRowWords(mins, record + RecordLayout<type>::kMins, lane);
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        RowFactors result = HalfReader<type>::template factors<group>();
        result.min[0] = -groupScale<group>(mins[0]);
        result.min[1] = -groupScale<group>(mins[1]);
        return result;
    }
};

}  // namespace detail

template <>
struct RecordReader<DType::Q8_0> : detail::HalfReader<DType::Q8_0> {};
template <>
struct RecordReader<DType::Q4_0> : detail::HalfReader<DType::Q4_0> {};
template <>
struct RecordReader<DType::Q5_0> : detail::HalfReader<DType::Q5_0> {};
template <>
struct RecordReader<DType::Q4_1> : detail::HalfMinReader<DType::Q4_1> {};
template <>
struct RecordReader<DType::Q5_1> : detail::HalfMinReader<DType::Q5_1> {};

namespace detail {

// Q4_K and Q5_K: d * scale (over kOddStep in odd groups) and dmin * min.
template <DType type>
struct HeaderReader : RecordCodes<type> {
    static constexpr int kUnits = 1;

    uint4 headers[2];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        this->loadCodes(record, lane);
        loadRowWords(headers, record + RecordLayout<type>::kScales, lane);
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        constexpr float kStep = group % 2 == 0 ? 1.0f : 1.0f / RecordCodes<type>::kOddStep;
        constexpr std::uint32_t kSelector = 0x7540u | group % 4;
        RowFactors result;
#pragma unroll
        for (int row = 0; row < 2; ++row) {
            const HeaderBytes bytes = headerBytes<(group >= 4)>(headers[row]);
            result.scale[row] =
                byteTimes(kSelector, bytes.scales, headerScale(headers[row]) * kStep);
            result.min[row] = byteTimes(kSelector, bytes.mins, headerMin(headers[row]));
        }
        return result;
    }
};

}  // namespace detail

template <>
struct RecordReader<DType::Q4_K> : detail::HeaderReader<DType::Q4_K> {};
template <>
struct RecordReader<DType::Q5_K> : detail::HeaderReader<DType::Q5_K> {};

template <>
struct RecordReader<DType::Q6_K> : RecordCodes<DType::Q6_K> {
    static constexpr int kUnits = 1;

    uint4 scales[2];
    std::uint32_t d;  // halves of rows g and g + 8

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        loadCodes(record, lane);
        detail::loadRowWords(scales, record + RecordLayout<DType::Q6_K>::kScales, lane);
        d = detail::loadSixBitD(record, lane);
    }

    template <int group>
    __device__ __forceinline__ RowFactors factors() const {
        constexpr float kStep = group % 2 == 0 ? 1.0f : 1.0f / kOddStep;
        constexpr std::uint32_t kFirst = 0x7404u | (2 * group % 4) << 4;
        const float dRows[2] = {halfBitsToFloat(d & 0xffffu) * kStep,
                                halfBitsToFloat(d >> 16) * kStep};
        RowFactors result;
#pragma unroll
        for (int row = 0; row < 2; ++row) {
            const std::uint32_t word = wordOf<group / 2>(scales[row]);
            result.scale[row] = detail::signedByteTimes(kFirst, word, dRows[row]);
            result.scaleSecond[row] = detail::signedByteTimes(kFirst + 0x10u, word, dRows[row]);
        }
        return result;
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

// F16 and BF16: fragments of mma.m16n8k16, two per group; nGroups groups are loaded at a time.
template <int nGroups>
struct FloatCodes {
    uint4 codes[2 * nGroups];

    __device__ __forceinline__ void load(const std::byte* unit, int lane) {
#pragma unroll
        for (int k16 = 0; k16 < 2 * nGroups; ++k16)
            codes[k16] = detail::loadWords(unit, 32 * k16 + lane);
    }

    template <int k16>
    __device__ __forceinline__ void fragment(std::uint32_t (&a)[4]) const {
        a[0] = codes[k16].x;
        a[1] = codes[k16].y;
        a[2] = codes[k16].z;
        a[3] = codes[k16].w;
    }
};

// Half records, because a whole one would take 64 registers.
struct FloatRecordReader : FloatCodes<4> {
    static constexpr int kUnits = 2;
};
template <>
struct RecordReader<DType::F16> : FloatRecordReader {};
template <>
struct RecordReader<DType::BF16> : FloatRecordReader {};

}  // namespace sotto::cuda
