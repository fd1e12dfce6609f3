// Softmax attention of a tile of rows (one sequence) against one KV head, all of its query heads.
//
// Online softmax (Milakov and Gimelshein 2018; FlashAttention, Dao et al. 2022) over groups of 32
// keys that start at absolute multiples of 32, within splits that start at absolute multiples of
// kSplitKeys (attention_plan.h). A split's sums begin at nothing; the splits are merged in order,
// rescaled to the larger maximum. So the order of every sum depends on the row's position only: the
// same bits in every batch and prefill chunk, and whether one thread takes all splits or several.
// Scores have keys in lanes, the weighted sum has dims in lanes, as the cache lies (kv_tiles.h), so
// nothing is summed across lanes but at the end. Few queries read the cache as it is and convert on
// the way; for many, a group is converted once. Values of keys that a row does not see are no part
// of its sum, not with the weight 0 either: they may hold NaN or infinity, another row's or memory
// never written, and 0 * NaN is not 0. In the few groups that not all rows of a tile see whole,
// each row adds its own.
// Bytes moved per tile: K and V of the range once.
#pragma once

#include "engine/kernels/cpu/isa/elementwise.inl.h"
#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

inline constexpr int kKeys = 32;  // keys per group: two 16-lane registers

// Elements of the cache, or of a converted group.
template <class V>
struct Halves {
    static constexpr std::int64_t kBytes = 2;
    static constexpr bool kIsFetchingNext = true;  // see KeyGroup
    static typename V::F load(const std::byte* source) { return V::loadHalf(source); }
};
template <class V>
struct Floats {
    static constexpr std::int64_t kBytes = 4;
    static constexpr bool kIsFetchingNext = false;
    static typename V::F load(const std::byte* source) {
        return V::load(reinterpret_cast<const float*>(source));
    }
};

// The keys of a group, [key.dim][32], and its values, [32][padded value.dim], somewhere.
struct KeyGroup {
    const std::byte* keys = nullptr;
    std::int64_t dimBytes = 0;  // from one dim of the keys to the next
    const std::byte* values = nullptr;
    std::int64_t valueBytes = 0;  // from one value to the next
    int firstKey = 0;             // of the values that are read
    int endKey = kKeys;
    // Halves alone: those of the group that follows, fetched meanwhile into the second-level cache.
    // Blocks lie anywhere, and the processor's own prefetching ends with each.
    const std::byte* nextKeys = nullptr;
    const std::byte* nextValues = nullptr;
};

// What the queries carry, within stateFloats() each; out and sums begin on cache lines.
struct AttentionState {
    float* out = nullptr;      // [nQueries][paddedDim] weighted sums of the values
    float* sums = nullptr;     // [nQueries][16] sums of the weights by lane
    float* largest = nullptr;  // [nQueries] maximum so far
};

// Where the pieces of a tile's scratch lie.
struct AttentionScratch {
    float* keys = nullptr;     // [key.dim][32], converted
    float* values = nullptr;   // [32][paddedDim]
    float* queries = nullptr;  // [nQueries][key.dim], times the scale
    float* scores = nullptr;   // [nQueries][32], then the weights
    AttentionState total;      // of the splits so far
    AttentionState state;      // of this split
    std::int64_t keyDim = 0;
    std::int64_t paddedDim = 0;  // of the values
    std::int64_t nQueries = 0;
};

// Inlined by force, as all that is no template on V: a shared copy compiled for a newer processor
// must never be linked for all.
inline __attribute__((always_inline)) AttentionState layOutState(float* memory,
                                                                 std::int64_t nQueries,
                                                                 std::int64_t paddedDim) {
    float* const sums = memory + nQueries * paddedDim;
    return {memory, sums, sums + nQueries * 16};
}

// Converts the keys [firstKey, endKey) of the group that begins at position `group`, run by run of
// what lies in one block.
template <class V, class E>
void convertGroup(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                  std::int64_t group, int firstKey, int endKey) {
    const KvTiles& cache = *tile.cache;
    const std::int64_t blockTokens = cache.shape.blockTokens;
    const std::int32_t* blockIds = tile.blockIds;
    const auto loadPart = [](const std::byte* source, int nLanes) {
        if constexpr (E::kBytes == 2)
            return V::loadHalf(source, nLanes);
        else
            return V::loadPartial(reinterpret_cast<const float*>(source), nLanes);
    };
    for (int key = firstKey; key < endKey;) {
        const std::int64_t slot = (group + key) % blockTokens;
        std::int64_t nKeys = blockTokens - slot < endKey - key ? blockTokens - slot : endKey - key;
        if (nKeys > 16) nKeys = 16;
        const std::byte* head = cache.memory +
                                blockIds[(group + key) / blockTokens] * cache.blockStride +
                                tile.kvHead * cache.headStride;
        const std::byte* keys = head + slot * E::kBytes;
        const std::int64_t dimBytes = blockTokens * E::kBytes;
        const auto nLanes = static_cast<int>(nKeys);
        if (nKeys == 16) {
            for (std::int64_t dim = 0; dim < scratch.keyDim; ++dim)
                V::store(scratch.keys + dim * kKeys + key, E::load(keys + dim * dimBytes));
        } else {
            for (std::int64_t dim = 0; dim < scratch.keyDim; ++dim)
                V::storePartial(scratch.keys + dim * kKeys + key,
                                loadPart(keys + dim * dimBytes, nLanes), nLanes);
        }
        for (std::int64_t index = 0; index < nKeys; ++index) {
            const std::byte* value =
                head + cache.valueOffset + (slot + index) * cache.valueRowBytes;
            for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += 16)
                V::store(scratch.values + (key + index) * scratch.paddedDim + dim,
                         E::load(value + dim * E::kBytes));
        }
        key += static_cast<int>(nKeys);
    }
}

// scores[query][key] = sum over dims in order.
template <class V, class E, int kQueries>
void scoreQueries(const AttentionScratch& scratch, const KeyGroup& group, std::int64_t firstQuery) {
    typename V::F acc[kQueries][2];
    for (int query = 0; query < kQueries; ++query) acc[query][0] = acc[query][1] = V::zero();
    const float* queries = scratch.queries + firstQuery * scratch.keyDim;
    const std::byte* keys = group.keys;
    for (std::int64_t dim = 0; dim < scratch.keyDim; ++dim) {
        const auto first = E::load(keys);
        const auto second = E::load(keys + 16 * E::kBytes);
        keys += group.dimBytes;
        if constexpr (E::kIsFetchingNext)
            __builtin_prefetch(group.nextKeys + dim * group.dimBytes, 0, 2);
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

// out[query][dim] += sum over the keys in order of weight * value.
template <class V, class E, int kQueries, int kChunks>
void addValues(const AttentionScratch& scratch, const KeyGroup& group, std::int64_t firstQuery,
               std::int64_t firstDim) {
    typename V::F acc[kQueries][kChunks];
    float* out = scratch.state.out + firstQuery * scratch.paddedDim + firstDim;
    for (int query = 0; query < kQueries; ++query)
        for (int chunk = 0; chunk < kChunks; ++chunk)
            acc[query][chunk] = V::load(out + query * scratch.paddedDim + chunk * 16);
    const float* weights = scratch.scores + firstQuery * kKeys;
    const std::byte* values = group.values + firstDim * E::kBytes;
    for (int key = group.firstKey; key < group.endKey; ++key) {
        typename V::F row[kChunks];
        if constexpr (E::kIsFetchingNext) {
            const std::byte* next =
                group.nextValues + key * group.valueBytes + firstDim * E::kBytes;
#pragma GCC unroll 8
            for (int chunk = 0; chunk < kChunks; chunk += 2)
                __builtin_prefetch(next + chunk * 16 * E::kBytes, 0, 2);
        }
#pragma GCC unroll 8
        for (int chunk = 0; chunk < kChunks; ++chunk)
            row[chunk] = E::load(values + key * group.valueBytes + chunk * 16 * E::kBytes);
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
void addAllValues(const AttentionScratch& scratch, const KeyGroup& group, std::int64_t firstQuery) {
    std::int64_t dim = 0;
    for (; dim + V::kDimChunks * 16 <= scratch.paddedDim; dim += V::kDimChunks * 16)
        addValues<V, E, kQueries, V::kDimChunks>(scratch, group, firstQuery, dim);
    for (; dim < scratch.paddedDim; dim += 16)
        addValues<V, E, kQueries, 1>(scratch, group, firstQuery, dim);
}

// Turns one query's scores of a group into weights; rescales what was summed before. `first` and
// `end`: the visible keys of the group, 0 <= first, end <= 32.
template <class V>
void updateSoftmax(const AttentionScratch& scratch, std::int64_t query, int first, int end) {
    float* scores = scratch.scores + query * kKeys;
    if (first >= end) {
        V::store(scores, V::zero());
        V::store(scores + 16, V::zero());
        return;
    }
    constexpr float kMasked = -__builtin_inff();
    for (int key = 0; key < first; ++key) scores[key] = kMasked;
    for (int key = end; key < kKeys; ++key) scores[key] = kMasked;
    const auto low = V::load(scores);
    const auto high = V::load(scores + 16);
    float* out = scratch.state.out + query * scratch.paddedDim;
    float* sums = scratch.state.sums + query * 16;
    const float before = scratch.state.largest[query];
    const float groupLargest = V::reduceMax(V::max(low, high));
    const float largest = groupLargest > before ? groupLargest : before;
    const auto lowWeights = expVector<V>(V::sub(low, V::set1(largest)));
    const auto highWeights = expVector<V>(V::sub(high, V::set1(largest)));
    V::store(scores, lowWeights);
    V::store(scores + 16, highWeights);
    auto sum = V::load(sums);
    if (largest > before) {
        const auto factor = expVector<V>(V::set1(before - largest));
        sum = V::mul(sum, factor);
        for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += 16)
            V::store(out + dim, V::mul(V::load(out + dim), factor));
        scratch.state.largest[query] = largest;
    }
    V::store(sums, V::add(sum, V::add(lowWeights, highWeights)));
}

template <class V>
void prepareQueries(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    std::int64_t headsPerKv) {
    const AttentionArgs& args = *tile.args;
    const auto scale = V::set1(args.scale);
    for (std::int64_t query = 0; query < scratch.nQueries; ++query) {
        const std::int64_t token = tile.firstToken + query / headsPerKv;
        const std::int64_t head = tile.kvHead * headsPerKv + query % headsPerKv;
        const float* q = args.q + (token * args.nHeads + head) * scratch.keyDim;
        float* scaled = scratch.queries + query * scratch.keyDim;
        for (std::int64_t dim = 0; dim < scratch.keyDim; dim += 16) {
            const std::int64_t nLeft = scratch.keyDim - dim;
            const int nLanes = static_cast<int>(nLeft < 16 ? nLeft : 16);
            V::storePartial(scaled + dim, V::mul(V::loadPartial(q + dim, nLanes), scale), nLanes);
        }
    }
}

inline __attribute__((always_inline)) AttentionScratch layOutScratch(
    const AttentionTileArgs& tile) {
    const KvLayerShape& shape = tile.cache->shape;
    const std::int64_t headsPerKv = tile.args->nHeads / shape.nKvHeads;
    AttentionScratch scratch;
    scratch.keyDim = shape.key.dim;
    scratch.paddedDim = (std::int64_t{shape.value.dim} + 15) / 16 * 16;
    scratch.nQueries = tile.nTokens * headsPerKv;
    scratch.keys = tile.scratch;
    scratch.values = scratch.keys + scratch.keyDim * kKeys;
    scratch.scores = scratch.values + kKeys * scratch.paddedDim;
    const std::int64_t nStateFloats = scratch.nQueries * (scratch.paddedDim + 32);
    float* const states = scratch.scores + scratch.nQueries * kKeys;
    scratch.total = layOutState(states, scratch.nQueries, scratch.paddedDim);
    scratch.state = layOutState(states + nStateFloats, scratch.nQueries, scratch.paddedDim);
    scratch.queries = states + 2 * nStateFloats;
    return scratch;
}

// The visible keys of a row of the tile: [first, end).
struct VisibleKeys {
    std::int64_t first;
    std::int64_t end;
};
inline __attribute__((always_inline)) VisibleKeys visibleKeys(const AttentionTileArgs& tile,
                                                              std::int64_t row) {
    const std::int64_t position = tile.args->batch.positions.data()[tile.firstToken + row];
    const std::int64_t window = tile.args->window;
    const std::int64_t first = window > 0 ? position - window + 1 : 0;
    return {first > 0 ? first : 0, position + 1};
}

template <int kCount>
struct TileSize {
    static constexpr int kQueries = kCount;
};

// Calls body(size, first query) for tiles of V::kQueryTile queries and one of what is left.
template <class V, class Body>
inline __attribute__((always_inline)) void inQueryTiles(std::int64_t nQueries, const Body& body) {
    static_assert(V::kQueryTile == 2 || V::kQueryTile == 4);
    std::int64_t query = 0;
    for (; query + V::kQueryTile <= nQueries; query += V::kQueryTile)
        body(TileSize<V::kQueryTile>(), query);
    const std::int64_t nLeft = nQueries - query;
    if constexpr (V::kQueryTile == 4) {
        if (nLeft == 3) body(TileSize<3>(), query);
        if (nLeft == 2) body(TileSize<2>(), query);
    }
    if (nLeft == 1) body(TileSize<1>(), query);
}

// Each row's visible values of a group alone.
template <class V, class E>
void addVisibleValues(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                      const KeyGroup& keys, std::int64_t start) {
    const std::int64_t headsPerKv = scratch.nQueries / tile.nTokens;
    for (std::int64_t row = 0; row < tile.nTokens; ++row) {
        const VisibleKeys visible = visibleKeys(tile, row);
        const std::int64_t first = visible.first - start, end = visible.end - start;
        KeyGroup own = keys;
        if (first > own.firstKey) own.firstKey = static_cast<int>(first < kKeys ? first : kKeys);
        if (end < own.endKey) own.endKey = static_cast<int>(end > 0 ? end : 0);
        inQueryTiles<V>(headsPerKv, [&](auto tileSize, std::int64_t query) {
            addAllValues<V, E, decltype(tileSize)::kQueries>(scratch, own,
                                                             row * headsPerKv + query);
        });
    }
}

// One group: scores, weights, weighted sum.
template <class V, class E>
void attendGroup(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                 const KeyGroup& keys, std::int64_t start) {
    inQueryTiles<V>(scratch.nQueries, [&](auto tileSize, std::int64_t query) {
        scoreQueries<V, E, decltype(tileSize)::kQueries>(scratch, keys, query);
    });
    const std::int64_t headsPerKv = scratch.nQueries / tile.nTokens;
    for (std::int64_t row = 0; row < tile.nTokens; ++row) {
        const VisibleKeys visible = visibleKeys(tile, row);
        const std::int64_t first = visible.first - start, end = visible.end - start;
        for (std::int64_t query = row * headsPerKv; query < (row + 1) * headsPerKv; ++query)
            updateSoftmax<V>(scratch, query, static_cast<int>(first > 0 ? first : 0),
                             static_cast<int>(end < kKeys ? end : kKeys));
    }
    const bool isSeenWhole = visibleKeys(tile, tile.nTokens - 1).first <= start + keys.firstKey &&
                             visibleKeys(tile, 0).end >= start + keys.endKey;
    if (!isSeenWhole) {
        addVisibleValues<V, E>(tile, scratch, keys, start);
        return;
    }
    inQueryTiles<V>(scratch.nQueries, [&](auto tileSize, std::int64_t query) {
        addAllValues<V, E, decltype(tileSize)::kQueries>(scratch, keys, query);
    });
}

// Up to so many queries convert what they read themselves.
inline constexpr std::int64_t kDirectQueries = 8;

// The states of one split, from nothing.
template <class V, class E>
void attendSplit(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                 std::int64_t split) {
    const KvTiles& cache = *tile.cache;
    const std::int64_t nFloats = scratch.nQueries * (scratch.paddedDim + 16);
    for (std::int64_t index = 0; index < nFloats; index += 16)
        V::store(scratch.state.out + index, V::zero());  // the sums follow
    for (std::int64_t query = 0; query < scratch.nQueries; ++query)
        scratch.state.largest[query] = -__builtin_inff();
    const std::int64_t lowest = visibleKeys(tile, 0).first;
    const std::int64_t highest = visibleKeys(tile, tile.nTokens - 1).end;
    const std::int64_t blockTokens = cache.shape.blockTokens;
    const bool isDirect = blockTokens % kKeys == 0 && scratch.nQueries <= kDirectQueries;
    const std::int64_t begin = split * kSplitKeys > lowest ? split * kSplitKeys : lowest;
    const std::int64_t end =
        (split + 1) * kSplitKeys < highest ? (split + 1) * kSplitKeys : highest;
    for (std::int64_t start = begin / kKeys * kKeys; start < end; start += kKeys) {
        KeyGroup keys;
        keys.firstKey = static_cast<int>(begin > start ? begin - start : 0);
        keys.endKey = static_cast<int>(end - start < kKeys ? end - start : kKeys);
        if (isDirect) {
            keys.dimBytes = blockTokens * E::kBytes;
            keys.valueBytes = cache.valueRowBytes;
            const auto headOf = [&](std::int64_t position) {
                return cache.memory + tile.blockIds[position / blockTokens] * cache.blockStride +
                       tile.kvHead * cache.headStride;
            };
            const auto keysAt = [&](std::int64_t position) {
                return headOf(position) + position % blockTokens * E::kBytes;
            };
            const auto valuesAt = [&](std::int64_t position) {
                return headOf(position) + cache.valueOffset +
                       position % blockTokens * cache.valueRowBytes;
            };
            const std::int64_t next = start + kKeys < highest ? start + kKeys : start;
            keys.keys = keysAt(start);
            keys.values = valuesAt(start);
            keys.nextKeys = keysAt(next);
            keys.nextValues = valuesAt(next);
            attendGroup<V, E>(tile, scratch, keys, start);
        } else {
            convertGroup<V, E>(tile, scratch, start, keys.firstKey, keys.endKey);
            keys.keys = reinterpret_cast<const std::byte*>(scratch.keys);
            keys.dimBytes = kKeys * 4;
            keys.values = reinterpret_cast<const std::byte*>(scratch.values);
            keys.valueBytes = scratch.paddedDim * 4;
            attendGroup<V, Floats<V>>(tile, scratch, keys, start);
        }
    }
}

// One query's state so far and its part of a split, each rescaled to the larger of their maxima.
template <class V>
void mergeQuery(const AttentionScratch& scratch, const AttentionState& part, std::int64_t query,
                bool isFirst) {
    const float before = scratch.total.largest[query], after = part.largest[query];
    const float largest = isFirst || after > before ? after : before;
    const auto keep = expVector<V>(V::set1(before - largest));
    const auto take = expVector<V>(V::set1(after - largest));
    const auto merge = [&](float* total, const float* added, std::int64_t nFloats) {
        for (std::int64_t index = 0; index < nFloats; index += 16) {
            const auto own = V::load(added + index);
            V::store(total + index,
                     isFirst ? own : V::fma(own, take, V::mul(V::load(total + index), keep)));
        }
    };
    merge(scratch.total.out + query * scratch.paddedDim, part.out + query * scratch.paddedDim,
          scratch.paddedDim);
    merge(scratch.total.sums + query * 16, part.sums + query * 16, 16);
    scratch.total.largest[query] = largest;
}

// The same of every query whose row sees keys of the split.
template <class V>
void mergeSplit(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                const AttentionState& part, std::int64_t split) {
    const std::int64_t headsPerKv = scratch.nQueries / tile.nTokens;
    for (std::int64_t row = 0; row < tile.nTokens; ++row) {
        const VisibleKeys visible = visibleKeys(tile, row);
        const std::int64_t firstSplit = visible.first / kSplitKeys;
        if (split < firstSplit || split * kSplitKeys >= visible.end) continue;
        for (std::int64_t query = row * headsPerKv; query < (row + 1) * headsPerKv; ++query)
            mergeQuery<V>(scratch, part, query, split == firstSplit);
    }
}

template <class V>
void writeRows(const AttentionTileArgs& tile, const AttentionScratch& scratch) {
    const AttentionArgs& args = *tile.args;
    const std::int64_t headsPerKv = scratch.nQueries / tile.nTokens;
    const std::int64_t valueDim = tile.cache->shape.value.dim;
    for (std::int64_t query = 0; query < scratch.nQueries; ++query) {
        const std::int64_t token = tile.firstToken + query / headsPerKv;
        const std::int64_t head = tile.kvHead * headsPerKv + query % headsPerKv;
        const float* sum = scratch.total.out + query * scratch.paddedDim;
        float* out = args.out + (token * args.nHeads + head) * valueDim;
        const auto inverse = V::set1(1.0f / V::reduceAdd(V::load(scratch.total.sums + query * 16)));
        for (std::int64_t dim = 0; dim < valueDim; dim += 16)
            V::storePartial(out + dim, V::mul(V::load(sum + dim), inverse),
                            static_cast<int>(valueDim - dim < 16 ? valueDim - dim : 16));
    }
}

template <class V, class E>
void attendTile(const AttentionTileArgs& tile) {
    AttentionScratch scratch = layOutScratch(tile);
    prepareQueries<V>(tile, scratch, scratch.nQueries / tile.nTokens);
    if (tile.partials != nullptr)
        scratch.state = layOutState(tile.partials, scratch.nQueries, scratch.paddedDim);
    for (std::int64_t split = tile.firstSplit; split < tile.endSplit; ++split) {
        attendSplit<V, E>(tile, scratch, split);
        if (tile.partials == nullptr) mergeSplit<V>(tile, scratch, scratch.state, split);
    }
    if (tile.partials == nullptr) writeRows<V>(tile, scratch);
}

template <class V>
void attentionTile(const AttentionTileArgs& tile) {
    if (tile.cache->shape.key.type == KvType::F16)
        attendTile<V, Halves<V>>(tile);
    else
        attendTile<V, Floats<V>>(tile);
}

// partials: [splits of the tile][nQueries] states.
template <class V>
void attentionMerge(const AttentionTileArgs& tile) {
    const AttentionScratch scratch = layOutScratch(tile);
    const std::int64_t nStateFloats = scratch.nQueries * (scratch.paddedDim + 32);
    for (std::int64_t split = tile.firstSplit; split < tile.endSplit; ++split)
        mergeSplit<V>(tile, scratch,
                      layOutState(tile.partials + (split - tile.firstSplit) * nStateFloats,
                                  scratch.nQueries, scratch.paddedDim),
                      split);
    writeRows<V>(tile, scratch);
}

}  // namespace sotto::cpu
