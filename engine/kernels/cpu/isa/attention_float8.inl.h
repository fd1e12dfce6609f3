// Keys and values of eight-bit floats: scores and weighted sums in floats, converted on the way.
//
// A block of 32 dims is summed without the scales, which its sum is multiplied by: [32 dims][32
// keys] lie behind a group's scales. Of values, [32 keys][32 dims], a key's scale is part of its
// weight.
#pragma once

#include "engine/kernels/cpu/isa/attention_plain.inl.h"
#include "engine/kernels/cpu/kv_codes.h"

namespace sotto::cpu {

template <class V>
struct FloatsE4M3 {
    static constexpr KvType kType = KvType::F8E4M3;
    static constexpr float kUnit = 256.0f;  // what a loaded number is to be multiplied by
    static constexpr std::int64_t kBytes = 1;
    static constexpr bool kIsFetchingNext = true;
    static typename V::F load(const std::byte* source) { return V::loadE4M3(source); }
};
template <class V>
struct FloatsE5M2 {
    static constexpr KvType kType = KvType::F8E5M2;
    static constexpr float kUnit = 1.0f;
    static constexpr std::int64_t kBytes = 1;
    static constexpr bool kIsFetchingNext = true;
    static typename V::F load(const std::byte* source) { return V::loadE5M2(source); }
};

// scores[query][key] = sum over blocks of scale * (sum over the block's dims in order).
template <class V, class E, int kQueries>
void scoreFloat8(const AttentionScratch& scratch, const std::byte* patch, const std::byte* next,
                 std::int64_t firstQuery) {
    typename V::F total[kQueries][2];
    for (int query = 0; query < kQueries; ++query) total[query][0] = total[query][1] = V::zero();
    const float* queries = scratch.queries + firstQuery * scratch.keyDim;
    for (std::int64_t block = 0; block < scratch.keyDim / kKvBlock; ++block) {
        typename V::F acc[kQueries][2];
        for (int query = 0; query < kQueries; ++query) acc[query][0] = acc[query][1] = V::zero();
        __builtin_prefetch(next, 0, 2);
        const std::byte* keys = patch + kKvScales;
        for (std::int64_t dim = 0; dim < kKvBlock; ++dim, keys += kKvPatchTokens) {
            const auto first = E::load(keys);
            const auto second = E::load(keys + 16);
            if (dim % 2 == 0) __builtin_prefetch(next + kKvScales + dim * kKvPatchTokens, 0, 2);
#pragma GCC unroll 8
            for (int query = 0; query < kQueries; ++query) {
                const auto q = V::set1(queries[query * scratch.keyDim + block * kKvBlock + dim]);
                acc[query][0] = V::fma(q, first, acc[query][0]);
                acc[query][1] = V::fma(q, second, acc[query][1]);
            }
        }
        for (int half = 0; half < 2; ++half) {
            const auto scale = V::mul(V::loadHalf(patch + half * 32), V::set1(E::kUnit));
            for (int query = 0; query < kQueries; ++query)
                total[query][half] = V::fma(acc[query][half], scale, total[query][half]);
        }
        patch += kvPatchBytes(E::kType);
        next += kvPatchBytes(E::kType);
    }
    for (int query = 0; query < kQueries; ++query) {
        float* scores = scratch.scores + (firstQuery + query) * kKeys;
        V::store(scores, total[query][0]);
        V::store(scores + 16, total[query][1]);
    }
}

// out[query][dim] += sum over the keys of (weight * scale) * value.
template <class V, class E, int kQueries>
void addFloat8(const AttentionScratch& scratch, const std::byte* patch, const std::byte* next,
               std::int64_t firstQuery, int firstKey, int endKey) {
    for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += kKvBlock) {
        alignas(64) float weights[kQueries][kKeys];
        __builtin_prefetch(next, 0, 2);
        for (int half = 0; half < 2; ++half) {
            const auto scale = V::mul(V::loadHalf(patch + half * 32), V::set1(E::kUnit));
            for (int query = 0; query < kQueries; ++query)
                V::store(weights[query] + half * 16,
                         V::mul(V::load(scratch.scores + (firstQuery + query) * kKeys + half * 16),
                                scale));
        }
        // The rows of these dims alone: they are all that the pointers lead to.
        ValueRows values{
            {patch + kKvScales - dim, kKvBlock, next + kKvScales - dim}, firstKey, endKey};
        addValues<V, E, kQueries, 2>(scratch, values, weights[0], firstQuery, dim);
        patch += kvPatchBytes(E::kType);
        next += kvPatchBytes(E::kType);
    }
}

template <class V, class E>
void scoreFloat8Keys(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                     const KeyGroup& group) {
    const std::int64_t groupBytes = scratch.keyDim / kKvBlock * kvPatchBytes(E::kType);
    const auto patchesAt = [&](std::int64_t position) {
        return headAt(tile, position) + patchOffset(tile, position, groupBytes);
    };
    const std::byte* const patches = patchesAt(group.start);
    const std::byte* const next = patchesAt(group.next);
    inQueryTiles<V>(scratch.nQueries, [&](auto size, std::int64_t query) {
        scoreFloat8<V, E, decltype(size)::kQueries>(scratch, patches, next, query);
    });
}

template <class V, class E>
void addFloat8Values(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                     const KeyGroup& group) {
    const std::int64_t groupBytes = scratch.paddedDim / kKvBlock * kvPatchBytes(E::kType);
    const auto patchesAt = [&](std::int64_t position) {
        return headAt(tile, position) + tile.cache->valueOffset +
               patchOffset(tile, position, groupBytes);
    };
    const std::byte* const patches = patchesAt(group.start);
    const std::byte* const next = patchesAt(group.next);
    inVisibleTiles<V>(tile, scratch, group,
                      [&](auto size, std::int64_t query, int firstKey, int endKey) {
                          addFloat8<V, E, decltype(size)::kQueries>(scratch, patches, next, query,
                                                                    firstKey, endKey);
                      });
}

}  // namespace sotto::cpu
