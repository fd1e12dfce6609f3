// LaneScales: what a lane of linear_rows needs of a record's scales, and no more.
//
// A lane holds four cells of c, index = 2 * (row g or g + 8) + parity, for every bundle of 8 /
// kTokens groups (linear_rows_sum.cuh). Which groups and tokens those are:
//   kTokens 8   bundle = group; parity: tokens 2t, 2t + 1
//   kTokens 4   bundle = groups 2b, 2b + 1; the lane's is 2b + t / 2; parity: tokens 2 (t % 2), + 1
//   kTokens 1   one bundle, all groups; parity: groups h, h + 2 of the only token, h = t / 2 * 4 +
//               t % 2
// With one token a lane so decodes two groups' scales instead of eight. The numbers are the same
// bits in all three forms. Device code.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <type_traits>

#include "engine/kernels/cuda/common/record_reader.cuh"

namespace sotto::cuda {

struct CellFactors {
    float scale[4];
    float scaleSecond[4];  // columns 16..31 where scales are per 16
    float min[4];          // where the type has mins; subtracted
};

namespace detail {

// Half a row's 16 bytes: those of groups 0-3 or 4-7.
__device__ __forceinline__ void loadHalfRows(uint2 (&rows)[2], const std::byte* words, int lane,
                                             int half) {
    const auto* const own = reinterpret_cast<const uint2*>(words) + lane / 4 * 2 + half;
    rows[0] = __ldcs(own);
    rows[1] = __ldcs(own + 16);
}

// With fewer tokens than columns, whether a lane's groups are the odd ones of their pairs (all of
// them are or none).
template <int kTokens>
__device__ __forceinline__ bool isOddLane(int t) {
    return kTokens == 1 ? t % 2 != 0 : t >= 2;
}
template <DType type>
constexpr float kOddFactor = 1.0f / RecordCodes<type>::kOddStep;

template <DType type, int kTokens>
__device__ __forceinline__ float laneStep(int t) {
    return isOddLane<kTokens>(t) ? kOddFactor<type> : 1.0f;
}

// The half of a lane's group in the word of its pair.
template <int kTokens>
__device__ __forceinline__ float laneHalf(std::uint32_t word, int t) {
    return halfBitsToFloat(__byte_perm(word, 0u, isOddLane<kTokens>(t) ? 0x4432u : 0x4410u));
}

template <int kTokens>
using RowWords = std::conditional_t<kTokens == 1, uint2, uint4>;

// A half per group of rows g and g + 8: what a lane needs of scales or mins.
template <int kTokens>
struct LaneHalves {
    RowWords<kTokens> rows[2];

    __device__ __forceinline__ void load(const std::byte* part, int lane) {
        if constexpr (kTokens == 1)
            loadHalfRows(rows, part, lane, lane % 4 / 2);
        else
            loadRowWords(rows, part, lane);
    }

    // Of row g or g + 8 (0 or 1). parity: with one token that of the group, else without meaning.
    template <int bundle>
    __device__ __forceinline__ float of(int row, int parity, int t) const {
        if constexpr (kTokens == 1)
            return laneHalf<1>(parity == 0 ? rows[row].x : rows[row].y, t);
        else if constexpr (kTokens == 4)
            return laneHalf<4>(wordOf<bundle>(rows[row]), t);
        else
            return groupScale<bundle>(rows[row]);
    }
};

}  // namespace detail

// Q8_0, Q4_0, Q5_0; with mins Q4_1, Q5_1.
template <DType type, int kTokens>
struct LaneScales {
    static constexpr bool kHasMin = RecordCodes<type>::kHasMin;
    struct Nothing {};

    detail::LaneHalves<kTokens> scales;
    [[no_unique_address]] std::conditional_t<kHasMin, detail::LaneHalves<kTokens>, Nothing> mins;

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        scales.load(record + RecordLayout<type>::kScales, lane);
        if constexpr (kHasMin) mins.load(record + RecordLayout<type>::kMins, lane);
    }

    template <int bundle>
    __device__ __forceinline__ CellFactors factors(int t) const {
        float step = bundle % 2 == 0 ? 1.0f : detail::kOddFactor<type>;
        if constexpr (kTokens < 8) step = detail::laneStep<type, kTokens>(t);
        CellFactors result;
#pragma unroll
        for (int cell = 0; cell < 4; ++cell) {
            result.scale[cell] = scales.template of<bundle>(cell / 2, cell % 2, t) * step;
            if constexpr (kHasMin)
                result.min[cell] = -mins.template of<bundle>(cell / 2, cell % 2, t);
        }
        return result;
    }
};

namespace detail {

// Q4_K, Q5_K: d * scale and dmin * min per row and group.
template <DType type, int kTokens>
struct HeaderScales {
    uint4 headers[2];

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        loadRowWords(headers, record + RecordLayout<type>::kScales, lane);
    }

    template <int bundle>
    __device__ __forceinline__ CellFactors factors(int t) const {
        CellFactors result;
#pragma unroll
        for (int row = 0; row < 2; ++row) {
            const float d = headerScale(headers[row]);
            const float dMin = headerMin(headers[row]);
            if constexpr (kTokens == 1) {
                const HeaderBytes lower = headerBytes<false>(headers[row]);
                const HeaderBytes upper = headerBytes<true>(headers[row]);
                const std::uint32_t scales = t < 2 ? lower.scales : upper.scales;
                const std::uint32_t mins = t < 2 ? lower.mins : upper.mins;
                const std::uint32_t selector = 0x7540u + static_cast<std::uint32_t>(t % 2);
                const float dLane = d * laneStep<type, 1>(t);
                result.scale[2 * row] = byteTimes(selector, scales, dLane);
                result.scale[2 * row + 1] = byteTimes(selector + 2, scales, dLane);
                result.min[2 * row] = byteTimes(selector, mins, dMin);
                result.min[2 * row + 1] = byteTimes(selector + 2, mins, dMin);
            } else {
                constexpr int kGroup = bundle * (8 / kTokens);
                const HeaderBytes bytes = headerBytes<(kGroup >= 4)>(headers[row]);
                std::uint32_t selector = 0x7540u + kGroup % 4;
                float step = kGroup % 2 == 0 ? 1.0f : kOddFactor<type>;
                if constexpr (kTokens == 4) {
                    selector += static_cast<std::uint32_t>(t / 2);
                    step = laneStep<type, 4>(t);
                }
                result.scale[2 * row] = byteTimes(selector, bytes.scales, d * step);
                result.scale[2 * row + 1] = result.scale[2 * row];
                result.min[2 * row] = byteTimes(selector, bytes.mins, dMin);
                result.min[2 * row + 1] = result.min[2 * row];
            }
        }
        return result;
    }
};

}  // namespace detail

template <int kTokens>
struct LaneScales<DType::Q4_K, kTokens> : detail::HeaderScales<DType::Q4_K, kTokens> {};
template <int kTokens>
struct LaneScales<DType::Q5_K, kTokens> : detail::HeaderScales<DType::Q5_K, kTokens> {};

// Q6_K: d * (byte - 128), two bytes per row and group.
template <int kTokens>
struct LaneScales<DType::Q6_K, kTokens> {
    static constexpr DType kType = DType::Q6_K;

    detail::RowWords<kTokens> rows[2];
    std::uint32_t d;

    __device__ __forceinline__ void load(const std::byte* record, int lane) {
        if constexpr (kTokens == 1)
            detail::loadHalfRows(rows, record + RecordLayout<kType>::kScales, lane, lane % 4 / 2);
        else
            detail::loadRowWords(rows, record + RecordLayout<kType>::kScales, lane);
        d = detail::loadSixBitD(record, lane);
    }

    template <int bundle>
    __device__ __forceinline__ CellFactors factors(int t) const {
        CellFactors result;
#pragma unroll
        for (int row = 0; row < 2; ++row) {
            const float dRow = halfBitsToFloat(row == 0 ? d & 0xffffu : d >> 16);
            if constexpr (kTokens == 1) {
                const float dLane = dRow * detail::laneStep<kType, 1>(t);
                const std::uint32_t selector = 0x7404u + (static_cast<std::uint32_t>(t % 2) << 5);
                const std::uint32_t words[2] = {rows[row].x, rows[row].y};
#pragma unroll
                for (int parity = 0; parity < 2; ++parity) {
                    result.scale[2 * row + parity] =
                        detail::signedByteTimes(selector, words[parity], dLane);
                    result.scaleSecond[2 * row + parity] =
                        detail::signedByteTimes(selector + 0x10u, words[parity], dLane);
                }
            } else {
                constexpr int kGroup = bundle * (8 / kTokens);
                const std::uint32_t word = wordOf<kGroup / 2>(rows[row]);
                std::uint32_t selector = 0x7404u + (kGroup % 2 << 5);
                float step = kGroup % 2 == 0 ? 1.0f : detail::kOddFactor<kType>;
                if constexpr (kTokens == 4) {
                    selector += static_cast<std::uint32_t>(t / 2) << 5;
                    step = detail::laneStep<kType, 4>(t);
                }
                result.scale[2 * row] = detail::signedByteTimes(selector, word, dRow * step);
                result.scaleSecond[2 * row] =
                    detail::signedByteTimes(selector + 0x10u, word, dRow * step);
                result.scale[2 * row + 1] = result.scale[2 * row];
                result.scaleSecond[2 * row + 1] = result.scaleSecond[2 * row];
            }
        }
        return result;
    }
};

}  // namespace sotto::cuda
