// Keys and values whose elements stand alone, F16 and F32: scores and weighted sums.
//
// Scores have keys in lanes, the weighted sum has dims in lanes, as the cache lies (kv_tiles.h), so
// nothing is summed across lanes but at the end. Few queries read the cache as it is and convert on
// the way; for many, a group is converted once.
#pragma once

#include "engine/kernels/cpu/isa/attention_state.inl.h"

namespace sotto::cpu {

// Elements of the cache, or of a converted group.
template <class V>
struct Halves {
    static constexpr std::int64_t kBytes = 2;
    static constexpr bool kIsFetchingNext = true;  // see ElementRows
    static typename V::F load(const std::byte* source) { return V::loadHalf(source); }
    static typename V::F load(const std::byte* source, int nLanes) {
        return V::loadHalf(source, nLanes);
    }
};
template <class V>
struct Floats {
    static constexpr std::int64_t kBytes = 4;
    static constexpr bool kIsFetchingNext = false;
    static typename V::F load(const std::byte* source) {
        return V::load(reinterpret_cast<const float*>(source));
    }
    static typename V::F load(const std::byte* source, int nLanes) {
        return V::loadPartial(reinterpret_cast<const float*>(source), nLanes);
    }
};

// The keys of a group, a row per dim, or its values, a row per key.
struct ElementRows {
    const std::byte* first = nullptr;
    std::int64_t stride = 0;  // bytes from row to row
    // Halves alone: those of the group that follows, fetched meanwhile into the second-level cache.
    // Blocks lie anywhere, and the processor's own prefetching ends with each.
    const std::byte* next = nullptr;
};

// Up to so many queries convert what they read themselves.
inline constexpr std::int64_t kDirectQueries = 8;

inline __attribute__((always_inline)) bool isReadDirectly(const AttentionTileArgs& tile,
                                                          const AttentionScratch& scratch) {
    return tile.cache->shape.blockTokens % kKeys == 0 && scratch.nQueries <= kDirectQueries;
}

// Calls body(head, slot, key, nKeys) for the runs of a group's keys that lie in one block, of 16 at
// most.
template <class Body>
inline __attribute__((always_inline)) void inBlockRuns(const AttentionTileArgs& tile,
                                                       const KeyGroup& group, const Body& body) {
    const std::int64_t blockTokens = tile.cache->shape.blockTokens;
    for (int key = group.firstKey; key < group.endKey;) {
        const std::int64_t slot = (group.start + key) % blockTokens;
        std::int64_t nKeys = group.endKey - key;
        if (nKeys > blockTokens - slot) nKeys = blockTokens - slot;
        if (nKeys > 16) nKeys = 16;
        body(headAt(tile, group.start + key), slot, key, static_cast<int>(nKeys));
        key += static_cast<int>(nKeys);
    }
}

template <class V, class E>
void convertKeys(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                 const KeyGroup& group) {
    const std::int64_t dimBytes = tile.cache->shape.blockTokens * E::kBytes;
    inBlockRuns(tile, group, [&](const std::byte* head, std::int64_t slot, int key, int nKeys) {
        const std::byte* keys = head + slot * E::kBytes;
        if (nKeys == 16) {
            for (std::int64_t dim = 0; dim < scratch.keyDim; ++dim)
                V::store(scratch.keys + dim * kKeys + key, E::load(keys + dim * dimBytes));
        } else {
            for (std::int64_t dim = 0; dim < scratch.keyDim; ++dim)
                V::storePartial(scratch.keys + dim * kKeys + key,
                                E::load(keys + dim * dimBytes, nKeys), nKeys);
        }
    });
}

template <class V, class E>
void convertValues(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                   const KeyGroup& group) {
    const KvTiles& cache = *tile.cache;
    inBlockRuns(tile, group, [&](const std::byte* head, std::int64_t slot, int key, int nKeys) {
        const std::byte* value = head + cache.valueOffset + slot * cache.valueRowBytes;
        for (int index = 0; index < nKeys; ++index, value += cache.valueRowBytes)
            for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += 16)
                V::store(scratch.values + (key + index) * scratch.paddedDim + dim,
                         E::load(value + dim * E::kBytes));
    });
}

// scores[query][key] = sum over dims in order.
template <class V, class E, int kQueries>
void scoreElements(const AttentionScratch& scratch, const ElementRows& rows,
                   std::int64_t firstQuery) {
    typename V::F acc[kQueries][2];
    for (int query = 0; query < kQueries; ++query) acc[query][0] = acc[query][1] = V::zero();
    const float* queries = scratch.queries + firstQuery * scratch.keyDim;
    const std::byte* keys = rows.first;
    for (std::int64_t dim = 0; dim < scratch.keyDim; ++dim) {
        const auto first = E::load(keys);
        const auto second = E::load(keys + 16 * E::kBytes);
        keys += rows.stride;
        if constexpr (E::kIsFetchingNext) __builtin_prefetch(rows.next + dim * rows.stride, 0, 2);
#pragma GCC unroll 8
        for (int query = 0; query < kQueries; ++query) {
            const auto q = V::set1(queries[query * scratch.keyDim + dim]);
            acc[query][0] = V::fma(q, first, acc[query][0]);
            acc[query][1] = V::fma(q, second, acc[query][1]);
        }
    }
    for (int query = 0; query < kQueries; ++query) {
        float* scores = scratch.scores + (firstQuery + query) * kKeys;
        V::store(scores, acc[query][0]);
        V::store(scores + 16, acc[query][1]);
    }
}

// The values of the keys [firstKey, endKey).
struct ValueRows {
    ElementRows rows;
    int firstKey = 0;
    int endKey = kKeys;
};

// out[query][dim] += sum over the keys in order of weight * value; weights [kQueries][32].
template <class V, class E, int kQueries, int kChunks>
void addValues(const AttentionScratch& scratch, const ValueRows& values, const float* weights,
               std::int64_t firstQuery, std::int64_t firstDim) {
    typename V::F acc[kQueries][kChunks];
    float* out = scratch.state.out + firstQuery * scratch.paddedDim + firstDim;
    for (int query = 0; query < kQueries; ++query)
        for (int chunk = 0; chunk < kChunks; ++chunk)
            acc[query][chunk] = V::load(out + query * scratch.paddedDim + chunk * 16);
    const std::byte* source = values.rows.first + firstDim * E::kBytes;
    for (int key = values.firstKey; key < values.endKey; ++key) {
        typename V::F row[kChunks];
        if constexpr (E::kIsFetchingNext) {
            const std::byte* next =
                values.rows.next + key * values.rows.stride + firstDim * E::kBytes;
#pragma GCC unroll 8
            for (int chunk = 0; chunk < kChunks; chunk += 2)
                __builtin_prefetch(next + chunk * 16 * E::kBytes, 0, 2);
        }
#pragma GCC unroll 8
        for (int chunk = 0; chunk < kChunks; ++chunk)
            row[chunk] = E::load(source + key * values.rows.stride + chunk * 16 * E::kBytes);
#pragma GCC unroll 8
        for (int query = 0; query < kQueries; ++query) {
            const auto weight = V::set1(weights[query * kKeys + key]);
#pragma GCC unroll 8
            for (int chunk = 0; chunk < kChunks; ++chunk)
                acc[query][chunk] = V::fma(weight, row[chunk], acc[query][chunk]);
        }
    }
    for (int query = 0; query < kQueries; ++query)
        for (int chunk = 0; chunk < kChunks; ++chunk)
            V::store(out + query * scratch.paddedDim + chunk * 16, acc[query][chunk]);
}

template <class V, class E, int kQueries>
void addAllValues(const AttentionScratch& scratch, const ValueRows& values,
                  std::int64_t firstQuery) {
    const float* weights = scratch.scores + firstQuery * kKeys;
    std::int64_t dim = 0;
    for (; dim + V::kDimChunks * 16 <= scratch.paddedDim; dim += V::kDimChunks * 16)
        addValues<V, E, kQueries, V::kDimChunks>(scratch, values, weights, firstQuery, dim);
    for (; dim < scratch.paddedDim; dim += 16)
        addValues<V, E, kQueries, 1>(scratch, values, weights, firstQuery, dim);
}

template <class V, class E>
void scorePlainKeys(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    const KeyGroup& group) {
    const std::int64_t blockTokens = tile.cache->shape.blockTokens;
    if (isReadDirectly(tile, scratch)) {
        const auto keysAt = [&](std::int64_t position) {
            return headAt(tile, position) + position % blockTokens * E::kBytes;
        };
        const ElementRows rows{keysAt(group.start), blockTokens * E::kBytes, keysAt(group.next)};
        inQueryTiles<V>(scratch.nQueries, [&](auto size, std::int64_t query) {
            scoreElements<V, E, decltype(size)::kQueries>(scratch, rows, query);
        });
        return;
    }
    convertKeys<V, E>(tile, scratch, group);
    const ElementRows rows{reinterpret_cast<const std::byte*>(scratch.keys), kKeys * 4};
    inQueryTiles<V>(scratch.nQueries, [&](auto size, std::int64_t query) {
        scoreElements<V, Floats<V>, decltype(size)::kQueries>(scratch, rows, query);
    });
}

template <class V, class E>
void addPlainValues(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    const KeyGroup& group) {
    const KvTiles& cache = *tile.cache;
    if (isReadDirectly(tile, scratch)) {
        const auto valuesAt = [&](std::int64_t position) {
            return headAt(tile, position) + cache.valueOffset +
                   position % cache.shape.blockTokens * cache.valueRowBytes;
        };
        const ElementRows rows{valuesAt(group.start), cache.valueRowBytes, valuesAt(group.next)};
        inVisibleTiles<
            V>(tile, scratch, group, [&](auto size, std::int64_t query, int firstKey, int endKey) {
            addAllValues<V, E, decltype(size)::kQueries>(scratch, {rows, firstKey, endKey}, query);
        });
        return;
    }
    convertValues<V, E>(tile, scratch, group);
    const ElementRows rows{reinterpret_cast<const std::byte*>(scratch.values),
                           scratch.paddedDim * 4};
    inVisibleTiles<V>(tile, scratch, group,
                      [&](auto size, std::int64_t query, int firstKey, int endKey) {
                          addAllValues<V, Floats<V>, decltype(size)::kQueries>(
                              scratch, {rows, firstKey, endKey}, query);
                      });
}

}  // namespace sotto::cpu
