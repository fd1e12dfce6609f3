// The main loop of linear_rows: one warp adds up its share of the columns of one tile of 16 rows.
//
// Result of lane 4g + t: rows g (0, 1) and g + 8 (2, 3) of tokens 2t (0, 2) and 2t + 1 (1, 3), as
// mma leaves them. A warp takes steps first, first + stride, ...; while it works on one record, all
// loads of the next are on their way (two RecordReaders in turn, 1 to 2 records of 2.3 to 4.3 KB in
// flight per warp). Order of summation: steps as taken, within a step groups 0..7. Bytes: the
// record once from memory, 1.25 (Int8) bytes of activations per column and token from L1/L2.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <utility>

#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/record_reader.cuh"

namespace sotto::cuda {

// A lane's view of the first token tile of an ActivationPlane. A lane whose token is absent reads
// the first token's words instead: the same sectors, so nothing more is moved, no branch, and what
// mma makes of them stays in columns of its own, which nobody reads. (The second scale of the last
// pair is read even where its token is absent, for the same reason.)
struct TokenLane {
    const std::byte* values;  // of this lane's B fragment in group 0
    const float* scales;      // of tokens 2t and 2t + 1 in group 0
};

template <ActivationKind kind>
__device__ __forceinline__ TokenLane tokenLane(const ActivationPlane& x, int nTokens, int lane) {
    constexpr int kLaneBytes = kind == ActivationKind::Int8       ? 8
                               : kind == ActivationKind::SplitF16 ? 16
                                                                  : 24;
    const int t = lane % 4;
    const int token = lane / 4 < nTokens ? lane / 4 : 0;
    const int pair = 2 * t < nTokens ? t : 0;
    return {x.values + (4 * token + t) * kLaneBytes, x.scales + 4 * pair};
}

__device__ __forceinline__ float4 tokenScales(const TokenLane& tokens, int group) {
    return *reinterpret_cast<const float4*>(tokens.scales + group * (2 * kTileTokens));
}

__device__ __forceinline__ uint2 tokenWords(const TokenLane& tokens, int byteOffset) {
    return *reinterpret_cast<const uint2*>(tokens.values + byteOffset);
}

// Int8: 256 columns.
template <class Reader, int group>
__device__ __forceinline__ void addGroup(float (&results)[4], const Reader& record,
                                         const TokenLane& tokens, int firstGroup) {
    const uint2 words = tokenWords(tokens, (firstGroup + group) * (kTileTokens * kGroupCols));
    const std::uint32_t b[2] = {words.x, words.y};
    std::uint32_t a[4];
    record.template fragment<group>(a);
    int sums[4];
    int second[4];
    startSums<Reader, group>(sums, second, b);
    addProducts<Reader>(sums, second, a, b);
    addScaled<Reader>(results, sums, second, record.template factors<group>(),
                      tokenScales(tokens, firstGroup + group));
}

template <class Reader, int... groups>
__device__ __forceinline__ void addGroups(float (&results)[4], const Reader& record,
                                          const TokenLane& tokens, int firstGroup,
                                          std::integer_sequence<int, groups...>) {
    (addGroup<Reader, groups>(results, record, tokens, firstGroup), ...);
}

// F16: 32 columns, high and low halves into one sum, which the group's power of two then scales.
template <int group>
__device__ __forceinline__ void addHalfGroup(float (&results)[4],
                                             const RecordReader<DType::F16>& record,
                                             const TokenLane& tokens, int firstGroup) {
    constexpr int kK16Bytes = kTileTokens * 64;
    float sums[4] = {};
    const int offset = (firstGroup + group) * (2 * kK16Bytes);
    std::uint32_t a[4];
#pragma unroll
    for (int k16 = 0; k16 < 2; ++k16) {
        if (k16 == 0) record.fragment<2 * group>(a);
        if (k16 == 1) record.fragment<2 * group + 1>(a);
        const uint2 high = tokenWords(tokens, offset + k16 * kK16Bytes);
        const uint2 low = tokenWords(tokens, offset + k16 * kK16Bytes + 8);
        mmaF16k16(sums, a, {high.x, high.y});
        mmaF16k16(sums, a, {low.x, low.y});
    }
    const float4 scales = tokenScales(tokens, firstGroup + group);
#pragma unroll
    for (int index = 0; index < 4; ++index)
        results[index] = fmaf(sums[index], index % 2 == 0 ? scales.x : scales.z, results[index]);
}

// BF16: 32 columns, three parts of each activation, no scale.
template <int group>
__device__ __forceinline__ void addBf16Group(float (&results)[4],
                                             const RecordReader<DType::BF16>& record,
                                             const TokenLane& tokens, int firstGroup) {
    constexpr int kK16Bytes = kTileTokens * 96;
    const int offset = (firstGroup + group) * (2 * kK16Bytes);
    std::uint32_t a[4];
#pragma unroll
    for (int k16 = 0; k16 < 2; ++k16) {
        if (k16 == 0) record.fragment<2 * group>(a);
        if (k16 == 1) record.fragment<2 * group + 1>(a);
#pragma unroll
        for (int part = 0; part < 3; ++part) {
            const uint2 words = tokenWords(tokens, offset + k16 * kK16Bytes + 8 * part);
            mmaBf16k16(results, a, {words.x, words.y});
        }
    }
}

template <int... groups>
__device__ __forceinline__ void addGroups(float (&results)[4],
                                          const RecordReader<DType::F16>& record,
                                          const TokenLane& tokens, int firstGroup,
                                          std::integer_sequence<int, groups...>) {
    (addHalfGroup<groups>(results, record, tokens, firstGroup), ...);
}

template <int... groups>
__device__ __forceinline__ void addGroups(float (&results)[4],
                                          const RecordReader<DType::BF16>& record,
                                          const TokenLane& tokens, int firstGroup,
                                          std::integer_sequence<int, groups...>) {
    (addBf16Group<groups>(results, record, tokens, firstGroup), ...);
}

// The units (whole or half records) of one warp, in order.
struct WarpUnits {
    const std::byte* tile;  // first record of the row tile
    int nSteps;
    int firstStep, stride;  // stride <= nSteps, so every warp has a step
};

// whileLoading: called once, after the first record's loads are under way and what the kernel
// before wrote is there to be read.
template <DType type, class WhileLoading>
__device__ __forceinline__ void sumTile(float (&results)[4], const WarpUnits& units,
                                        const ActivationPlane& x, int nTokens,
                                        const WhileLoading& whileLoading) {
    using Reader = RecordReader<type>;
    constexpr int kGroups = kStepGroups / Reader::kUnits;
    constexpr int kUnitBytes = RecordLayout<type>::kBytes / Reader::kUnits;
    constexpr std::make_integer_sequence<int, kGroups> kAllGroups{};
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int nOwnSteps = (units.nSteps - units.firstStep + units.stride - 1) / units.stride;
    const int nUnits = nOwnSteps * Reader::kUnits;
    const auto placeOf = [&](int unit) {  // in units from the tile's first
        return (units.firstStep + unit / Reader::kUnits * units.stride) * Reader::kUnits +
               unit % Reader::kUnits;
    };
    const auto load = [&](Reader& record, int unit) {
        record.load(units.tile + static_cast<std::int64_t>(placeOf(unit)) * kUnitBytes, lane);
    };
    Reader even;
    Reader odd;
    load(even, 0);
    gridDependencyWait();
    whileLoading();
    const TokenLane tokens = tokenLane<RecordLayout<type>::kInput>(x, nTokens, lane);
    for (int unit = 0; unit < nUnits; unit += 2) {
        if (unit + 1 < nUnits) load(odd, unit + 1);
        addGroups(results, even, tokens, placeOf(unit) * kGroups, kAllGroups);
        if (unit + 1 >= nUnits) break;
        if (unit + 2 < nUnits) load(even, unit + 2);
        addGroups(results, odd, tokens, placeOf(unit + 1) * kGroups, kAllGroups);
    }
}

}  // namespace sotto::cuda
