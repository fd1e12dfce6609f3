// Keys and values of Q8_0, Q5_0 and Q4_0: scores and weighted sums by products of bytes.
//
// A query is rounded to bytes once, by a scale per 32 dims, whatever the number of queries; the
// weights of 32 values, each times its value's scale, to 14 bits and a sign, two bytes: the error
// is 2^-15 of the largest weight times the largest scale, where a code's own is 2^-8. Sums of 32
// products of bytes are whole numbers that nothing rounds, so only the order of the blocks of 32 is
// an order of roundings: ascending, in every instruction set. Lanes are tokens for keys and dims
// for values, four codes in each (kv_codes.h). Codes are taken as unsigned, with their offset; what
// it adds, 128 (16, 8) times the sum of the other bytes, is where each sum begins. Bytes moved per
// tile: K and V of the range once; the group that follows is fetched meanwhile.
#pragma once

#include <limits>

#include "engine/kernels/cpu/isa/attention_state.inl.h"
#include "engine/kernels/cpu/isa/linear_packed.inl.h"
#include "engine/kernels/cpu/kv_codes.h"

namespace sotto::cpu {

// Units of 16 lanes by 32 codes, as those of packed weights are.
template <class V, KvType kCodeType>
struct CodeUnits {
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

// Where the four bytes of a step lie in a row: of a query one behind the other, of weights as
// V::storeHighLow() lays them.
struct QuerySteps {
    static constexpr int offset(int step) { return step * 4; }
};
struct WeightSteps {
    static constexpr int offset(int step) { return step % 4 * 16 + step / 4 * 4; }
};

// Steps kStep to 7 of kUnits units beside one another, each of four codes per lane, against kCount
// rows of 32 bytes: sums [kUnits][kCount].
template <class V, class Codes, class Steps, int kUnits, int kCount, int kStep = 0>
inline __attribute__((always_inline)) void addCodeSteps(const std::byte* units,
                                                        const std::byte* next,
                                                        const std::int8_t* const* x,
                                                        typename V::I* sums) {
    if constexpr (kStep < 8) {
        typename V::B codes[kUnits];
#pragma GCC unroll 2
        for (int unit = 0; unit < kUnits; ++unit) {
            codes[unit] = Codes::template load<kStep>(units + unit * Codes::kUnitBytes);
            if constexpr (kStep < Codes::kBits)
                fetchLine(next + unit * Codes::kUnitBytes + kStep * kKvChunk);
        }
#pragma GCC unroll 8
        for (int index = 0; index < kCount; ++index)
#pragma GCC unroll 2
            for (int unit = 0; unit < kUnits; ++unit) {
                auto& sum = sums[unit * kCount + index];
                sum = Codes::dot(sum, codes[unit], x[index] + Steps::offset(kStep));
            }
        addCodeSteps<V, Codes, Steps, kUnits, kCount, kStep + 1>(units, next, x, sums);
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
        typename V::I sums[2 * kQueries];
#pragma GCC unroll 8
        for (int query = 0; query < kQueries; ++query)
            sums[query] = sums[kQueries + query] = V::set1Int(
                Codes::kIsOffsetFolded ? 0 : Codes::kOffset * queries[query].starts[block]);
        addCodeSteps<V, Codes, QuerySteps, 2, kQueries>(patch + kKvScales, next + kKvScales, codes,
                                                        sums);
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            const auto scale = V::loadHalf(patch + half * 32);
#pragma GCC unroll 8
            for (int query = 0; query < kQueries; ++query)
                acc[query][half] =
                    V::fma(V::toFloatVector(sums[half * kQueries + query]),
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

// The weights of 32 values, each times its value's scale, in two bytes: weight * scale = factor *
// (128 * high + low).
struct WeightCodes {
    // High bytes reach from -127 to 127, since none may be -128: AVX2 turns their signs.
    static constexpr float kLargest = 127.0f * 128.0f;

    alignas(64) std::int8_t bytes[2 * kKeys];  // as V::storeHighLow() lays them
    float factor;
    std::int32_t start;  // minus the sum of the numbers
};

// The weights of some queries, as parts of kLargest / their largest.
template <int kQueries>
struct GroupWeights {
    alignas(64) float parts[kQueries][kKeys];
    float largest[kQueries];
};

// limit / largest, or 0 where that is no number: largest is as good as zero then, or none itself.
template <class V>
inline __attribute__((always_inline)) float inverseOf(float limit, float largest) {
    const float inverse = largest > 0.0f ? limit / largest : 0.0f;
    return inverse <= 3.0e38f ? inverse : 0.0f;
}

template <class V, int kQueries>
inline __attribute__((always_inline)) void scaleWeights(const float* weights,
                                                        GroupWeights<kQueries>& target) {
#pragma GCC unroll 8
    for (int query = 0; query < kQueries; ++query) {
        const auto low = V::load(weights + query * kKeys);
        const auto high = V::load(weights + query * kKeys + 16);
        const float largest = V::reduceMax(V::max(low, high));
        const auto inverse = V::set1(inverseOf<V>(WeightCodes::kLargest, largest));
        V::store(target.parts[query], V::mul(low, inverse));
        V::store(target.parts[query] + 16, V::mul(high, inverse));
        target.largest[query] = largest * (1.0f / WeightCodes::kLargest);
    }
}

// Scales of keys outside [firstKey, endKey) are no numbers to be looked at. Where one of the others
// is none, neither is the factor. Not inlined: the bytes are to be read from memory again, each
// four by the instruction that repeats them in all lanes, where a compiler that sees them written
// takes them apart in registers.
template <class V, int kQueries>
__attribute__((noinline)) void codeWeights(const GroupWeights<kQueries>& weights,
                                           const std::byte* scales, int firstKey, int endKey,
                                           WeightCodes* target) {
    auto low = V::loadHalf(scales), high = V::loadHalf(scales + 32);
    if (firstKey > 0 || endKey < kKeys) {
        low = V::onlyLanes(low, firstKey, endKey);
        high = V::onlyLanes(high, firstKey - 16, endKey - 16);
    }
    const float largest = V::reduceMaxMagnitude(low, high);
    const bool isFinite = largest <= std::numeric_limits<float>::max();
    const auto inverse = V::set1(inverseOf<V>(1.0f, largest));
    low = isFinite ? V::mul(low, inverse) : V::zero();
    high = isFinite ? V::mul(high, inverse) : V::zero();
#pragma GCC unroll 8
    for (int query = 0; query < kQueries; ++query) {
        const auto first = V::roundToInt(V::mul(V::load(weights.parts[query]), low));
        const auto second = V::roundToInt(V::mul(V::load(weights.parts[query] + 16), high));
        V::storeHighLow(target[query].bytes, first, second);
        target[query].start = -V::reduceAddInt(V::addInt(first, second));
        target[query].factor = weights.largest[query] * largest;
    }
}

// out[query][dim] += factor * sum over the keys of weight * code, block by block of 32 dims.
template <class V, class Codes, int kQueries>
void addCodes(const AttentionScratch& scratch, const std::byte* patch, const std::byte* next,
              std::int64_t firstQuery, int firstKey, int endKey) {
    if (firstKey >= endKey) return;
    GroupWeights<kQueries> groupWeights;
    scaleWeights<V, kQueries>(scratch.scores + firstQuery * kKeys, groupWeights);
    for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += kKvBlock) {
        fetchLine(next);
        WeightCodes weights[kQueries];
        codeWeights<V, kQueries>(groupWeights, patch, firstKey, endKey, weights);
        const std::int8_t* bytes[2 * kQueries];
        for (int query = 0; query < kQueries; ++query) {
            bytes[2 * query] = weights[query].bytes;
            bytes[2 * query + 1] = weights[query].bytes + 8;
        }
        // As many at once as there are registers for their sums.
        constexpr int kUnits = V::kQueryTile == 4 ? 2 : 1;
        for (int half = 0; half < 2; half += kUnits) {
            const std::int64_t unit = kKvScales + half * Codes::kUnitBytes;
            typename V::I sums[kUnits][2 * kQueries];
#pragma GCC unroll 8
            for (int query = 0; query < kQueries; ++query)
                for (int index = 0; index < kUnits; ++index) {
                    sums[index][2 * query] = V::set1Int(0);
                    sums[index][2 * query + 1] = V::set1Int(
                        Codes::kIsOffsetFolded ? 0 : Codes::kOffset * weights[query].start);
                }
            addCodeSteps<V, Codes, WeightSteps, kUnits, 2 * kQueries>(patch + unit, next + unit,
                                                                      bytes, sums[0]);
            float* out = scratch.state.out + firstQuery * scratch.paddedDim + dim + half * 16;
#pragma GCC unroll 8
            for (int query = 0; query < kQueries; ++query, out += scratch.paddedDim)
                for (int index = 0; index < kUnits; ++index) {
                    const auto sum = V::addInt(V::template shiftLeft<7>(sums[index][2 * query]),
                                               sums[index][2 * query + 1]);
                    V::store(out + index * 16,
                             V::fma(V::toFloatVector(sum), V::set1(weights[query].factor),
                                    V::load(out + index * 16)));
                }
        }
        patch += Codes::kPatchBytes;
        next += Codes::kPatchBytes;
    }
}

template <class V, KvType kType>
void scoreCodedKeys(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    const KeyGroup& group) {
    using Codes = CodeUnits<V, kType>;
    const std::int64_t groupBytes = scratch.keyDim / kKvBlock * Codes::kPatchBytes;
    const auto patchesAt = [&](std::int64_t position) {
        return headAt(tile, position) + patchOffset(tile, position, groupBytes);
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
    using Codes = CodeUnits<V, kType>;
    const std::int64_t groupBytes = scratch.paddedDim / kKvBlock * Codes::kPatchBytes;
    const auto patchesAt = [&](std::int64_t position) {
        return headAt(tile, position) + tile.cache->valueOffset +
               patchOffset(tile, position, groupBytes);
    };
    const std::byte* const patches = patchesAt(group.start);
    const std::byte* const next = patchesAt(group.next);
    inVisibleTiles<V>(tile, scratch, group,
                      [&](auto size, std::int64_t query, int firstKey, int endKey) {
                          addCodes<V, Codes, decltype(size)::kQueries>(scratch, patches, next,
                                                                       query, firstKey, endKey);
                      });
}

}  // namespace sotto::cpu
