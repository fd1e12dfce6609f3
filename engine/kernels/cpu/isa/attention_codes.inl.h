// Keys and values of Q8_0, Q5_0 and Q4_0: scores and weighted sums by products of bytes.
//
// A query is rounded to bytes once, by a scale per 32 dims, whatever the number of queries; the
// weights of 32 values, each times its value's scale, to 14 bits and a sign, two bytes: the error
// is 2^-15 of the largest of them, where a code's own is 2^-8. Sums of 32 products of bytes are
// whole numbers that nothing rounds, so only the order of the blocks of 32 is an order of
// roundings: ascending, in every instruction set. Lanes are tokens for keys and dims for values,
// four codes in each (kv_codes.h). Codes are taken as unsigned, with their offset; what it adds,
// 128 (16, 8) times the sum of the other bytes, is where each sum begins. Bytes moved per tile: K
// and V of the range once; the group that follows is fetched meanwhile.
#pragma once

#include <limits>

#include "engine/kernels/cpu/isa/attention_state.inl.h"
#include "engine/kernels/cpu/isa/linear_packed.inl.h"
#include "engine/kernels/cpu/kv_codes.h"

namespace sotto::cpu {

// Units of 16 lanes by 32 codes, as those of packed weights are.
template <class V, KvType kCodeType>
struct KvCodes {
    static constexpr KvType kType = kCodeType;
    static constexpr int kBits = kvCodeBits(kType);
    static constexpr int kOffset = 1 << (kBits - 1);
    static constexpr std::int64_t kUnitBytes = kBits * kKvChunk;
    static constexpr std::int64_t kPatchBytes = kvPatchBytes(kType);
    // What begins the sums: nothing where the products are of signed codes.
    static constexpr bool kIsOffsetFolded = kBits == 8 && !V::kHasUnsignedDot;

    template <int kStep>
    static typename V::B load(const std::byte* unit) {
        if constexpr (kBits == 8)
            return V::loadBytes(unit + kStep * kKvChunk);
        else
            return nibbleCodes<V, kStep, kBits == 5>(unit);
    }
    static typename V::I dot(typename V::I sum, typename V::B codes, const std::int8_t* x) {
        if constexpr (kIsOffsetFolded)
            return V::dotOffset128(sum, codes, x);
        else
            return V::dot(sum, codes, x);
    }
};

// A query in bytes, in the place of its floats.
struct QueryCodes {
    std::int8_t* codes = nullptr;    // [key.dim]
    float* scales = nullptr;         // [key.dim / 32]
    std::int32_t* starts = nullptr;  // [key.dim / 32]: minus the sum of the codes
};
inline __attribute__((always_inline)) QueryCodes queryCodes(const AttentionScratch& scratch,
                                                            std::int64_t query) {
    float* const floats = scratch.queries + query * scratch.keyDim;
    float* const scales = floats + scratch.keyDim / 4;
    return {reinterpret_cast<std::int8_t*>(floats), scales,
            reinterpret_cast<std::int32_t*>(scales + scratch.keyDim / kKvBlock)};
}

// Where a number is none the scale is none either, and with it all that is made from it.
template <class V>
void quantizeQuery(const float* query, std::int64_t keyDim, const QueryCodes& target) {
    for (std::int64_t block = 0; block < keyDim / kKvBlock; ++block) {
        const auto first = V::load(query + block * kKvBlock);
        const auto second = V::load(query + block * kKvBlock + 16);
        const float largest = V::reduceMaxMagnitude(first, second);
        const float inverse = largest > 0.0f ? 127.0f / largest : 0.0f;
        // 127 / largest overflows for subnormal numbers; those are as good as zero.
        const bool isUsable = inverse <= 3.0e38f && largest <= std::numeric_limits<float>::max();
        const auto factor = V::set1(isUsable ? inverse : 0.0f);
        const auto low = V::roundToInt(isUsable ? V::mul(first, factor) : V::zero());
        const auto high = V::roundToInt(isUsable ? V::mul(second, factor) : V::zero());
        V::storeInt8(target.codes + block * kKvBlock, low, high);
        target.scales[block] = largest / 127.0f;
        target.starts[block] = -V::reduceAddInt(V::addInt(low, high));
    }
}

// Steps kStep to 7 of a unit, each of four codes per lane, against kCount rows of 32 bytes.
template <class V, class Codes, int kCount, int kStep = 0>
inline __attribute__((always_inline)) void addCodeSteps(const std::byte* unit,
                                                        const std::byte* next,
                                                        const std::int8_t* const* x,
                                                        typename V::I* sums) {
    if constexpr (kStep < 8) {
        const auto codes = Codes::template load<kStep>(unit);
        if constexpr (kStep < Codes::kBits) fetchLine(next + kStep * kKvChunk);
#pragma GCC unroll 8
        for (int index = 0; index < kCount; ++index)
            sums[index] = Codes::dot(sums[index], codes, x[index] + kStep * 4);
        addCodeSteps<V, Codes, kCount, kStep + 1>(unit, next, x, sums);
    }
}

// scores[query][key] = sum over the blocks of dims of (scale of the key's block * of the query's) *
// sum of their products.
template <class V, class Codes, int kQueries>
void scoreCodes(const AttentionScratch& scratch, const std::byte* patch, const std::byte* next,
                std::int64_t firstQuery) {
    typename V::F acc[kQueries][2];
    QueryCodes queries[kQueries];
    for (int query = 0; query < kQueries; ++query) {
        acc[query][0] = acc[query][1] = V::zero();
        queries[query] = queryCodes(scratch, firstQuery + query);
    }
    for (std::int64_t block = 0; block < scratch.keyDim / kKvBlock; ++block) {
        const std::int8_t* codes[kQueries];
        for (int query = 0; query < kQueries; ++query)
            codes[query] = queries[query].codes + block * kKvBlock;
        fetchLine(next);
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            const std::int64_t unit = kKvScales + half * Codes::kUnitBytes;
            typename V::I sums[kQueries];
#pragma GCC unroll 8
            for (int query = 0; query < kQueries; ++query)
                sums[query] = V::set1Int(
                    Codes::kIsOffsetFolded ? 0 : Codes::kOffset * queries[query].starts[block]);
            addCodeSteps<V, Codes, kQueries>(patch + unit, next + unit, codes, sums);
            const auto scale = V::loadHalf(patch + half * 32);
#pragma GCC unroll 8
            for (int query = 0; query < kQueries; ++query)
                acc[query][half] =
                    V::fma(V::toFloatVector(sums[query]),
                           V::mul(scale, V::set1(queries[query].scales[block])), acc[query][half]);
        }
        patch += Codes::kPatchBytes;
        next += Codes::kPatchBytes;
    }
    for (int query = 0; query < kQueries; ++query) {
        float* scores = scratch.scores + (firstQuery + query) * kKeys;
        V::store(scores, acc[query][0]);
        V::store(scores + 16, acc[query][1]);
    }
}

// The weights of 32 values, each times its value's scale, in two bytes: weight = factor * (128 *
// high + low). Where a weight is 0 its value is no part of the sum, whatever lies there.
struct WeightCodes {
    static constexpr float kLargest = 16383.0f;  // high in [-128, 127], low in [0, 127]

    alignas(32) std::int8_t high[kKeys];
    alignas(32) std::int8_t low[kKeys];
    float factor;
    std::int32_t start;  // minus the sum of 128 * high + low
};

template <class V>
inline __attribute__((always_inline)) void quantizeWeights(const float* weights,
                                                           typename V::F lowScales,
                                                           typename V::F highScales,
                                                           WeightCodes& target) {
    const auto lowWeights = V::load(weights), highWeights = V::load(weights + 16);
    const auto first = V::zeroWhereAtMost(lowWeights, V::zero(), V::mul(lowWeights, lowScales));
    const auto second = V::zeroWhereAtMost(highWeights, V::zero(), V::mul(highWeights, highScales));
    const float largest = V::reduceMaxMagnitude(first, second);
    const float inverse = largest > 0.0f ? WeightCodes::kLargest / largest : 0.0f;
    // It overflows where the largest weight is as good as zero. Where one is no number, the factor
    // alone carries it on.
    const bool isUsable = inverse <= 3.0e38f && largest <= std::numeric_limits<float>::max();
    const auto scale = V::set1(isUsable ? inverse : 0.0f);
    const auto low = V::roundToInt(isUsable ? V::mul(first, scale) : V::zero());
    const auto high = V::roundToInt(isUsable ? V::mul(second, scale) : V::zero());
    V::storeInt8(target.high, V::template shiftRight<7>(low), V::template shiftRight<7>(high));
    V::storeInt8(target.low, V::andInt(low, 127), V::andInt(high, 127));
    target.factor = largest * (1.0f / WeightCodes::kLargest);
    target.start = -V::reduceAddInt(V::addInt(low, high));
}

// out[query][dim] += factor * sum over the keys of weight * code, block by block of 32 dims.
template <class V, class Codes, int kQueries>
void addCodes(const AttentionScratch& scratch, const std::byte* patch, const std::byte* next,
              std::int64_t firstQuery) {
    for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += kKvBlock) {
        const auto lowScales = V::loadHalf(patch), highScales = V::loadHalf(patch + 32);
        fetchLine(next);
        WeightCodes weights[kQueries];
        const std::int8_t* bytes[2 * kQueries];
        for (int query = 0; query < kQueries; ++query) {
            quantizeWeights<V>(scratch.scores + (firstQuery + query) * kKeys, lowScales, highScales,
                               weights[query]);
            bytes[2 * query] = weights[query].high;
            bytes[2 * query + 1] = weights[query].low;
        }
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            const std::int64_t unit = kKvScales + half * Codes::kUnitBytes;
            typename V::I sums[2 * kQueries];
#pragma GCC unroll 8
            for (int query = 0; query < kQueries; ++query) {
                sums[2 * query] = V::set1Int(0);
                sums[2 * query + 1] =
                    V::set1Int(Codes::kIsOffsetFolded ? 0 : Codes::kOffset * weights[query].start);
            }
            addCodeSteps<V, Codes, 2 * kQueries>(patch + unit, next + unit, bytes, sums);
            float* out = scratch.state.out + firstQuery * scratch.paddedDim + dim + half * 16;
#pragma GCC unroll 8
            for (int query = 0; query < kQueries; ++query, out += scratch.paddedDim) {
                const auto sum =
                    V::addInt(V::template shiftLeft<7>(sums[2 * query]), sums[2 * query + 1]);
                V::store(out, V::fma(V::toFloatVector(sum), V::set1(weights[query].factor),
                                     V::load(out)));
            }
        }
        patch += Codes::kPatchBytes;
        next += Codes::kPatchBytes;
    }
}

template <class V, KvType kType>
void scoreCodedKeys(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    const KeyGroup& group) {
    using Codes = KvCodes<V, kType>;
    const std::int64_t groupBytes = scratch.keyDim / kKvBlock * Codes::kPatchBytes;
    const auto patchesAt = [&](std::int64_t position) {
        return headAt(tile, position) +
               position % tile.cache->shape.blockTokens / kKvGroup * groupBytes;
    };
    const std::byte* const patches = patchesAt(group.start);
    const std::byte* const next = patchesAt(group.next);
    inQueryTiles<V>(scratch.nQueries, [&](auto size, std::int64_t query) {
        scoreCodes<V, Codes, decltype(size)::kQueries>(scratch, patches, next, query);
    });
}

template <class V, KvType kType>
void addCodedValues(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    const KeyGroup& group) {
    using Codes = KvCodes<V, kType>;
    const std::int64_t groupBytes = scratch.paddedDim / kKvBlock * Codes::kPatchBytes;
    const auto patchesAt = [&](std::int64_t position) {
        return headAt(tile, position) + tile.cache->valueOffset +
               position % tile.cache->shape.blockTokens / kKvGroup * groupBytes;
    };
    const std::byte* const patches = patchesAt(group.start);
    const std::byte* const next = patchesAt(group.next);
    inQueryTiles<V>(scratch.nQueries, [&](auto size, std::int64_t query) {
        addCodes<V, Codes, decltype(size)::kQueries>(scratch, patches, next, query);
    });
}

}  // namespace sotto::cpu
