// What a tile of attention carries along: its scratch, its queries' states, and which keys its rows
// see.
#pragma once

#include "engine/kernels/cpu/kernel_table.h"
#include "engine/kernels/cpu/kv_codes.h"

namespace sotto::cpu {

inline constexpr int kKeys = 32;  // keys per group: two 16-lane registers

// The 32 keys from an absolute multiple of 32 on that a tile turns to.
struct KeyGroup {
    std::int64_t start = 0;  // position
    int firstKey = 0;        // of those that the tile's rows see: [firstKey, endKey)
    int endKey = kKeys;
    std::int64_t next = 0;  // where the group begins that follows, to be fetched meanwhile
};

// What the queries carry, within stateFloats() each; out and sums begin on cache lines.
struct AttentionState {
    float* out = nullptr;      // [nQueries][paddedDim] weighted sums of the values
    float* sums = nullptr;     // [nQueries][16] sums of the weights by lane
    float* largest = nullptr;  // [nQueries] maximum so far
};

// Where the pieces of a tile's scratch lie.
struct AttentionScratch {
    float* keys = nullptr;     // [key.dim][32], converted; before that a query on its way
    float* values = nullptr;   // [32][paddedDim]
    float* queries = nullptr;  // [nQueries][key.dim], times the scale; or codes, QueryCodes
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

// The tile's KV head in the block that holds a position.
inline __attribute__((always_inline)) const std::byte* headAt(const AttentionTileArgs& tile,
                                                              std::int64_t position) {
    const KvTiles& cache = *tile.cache;
    return cache.memory + tile.blockIds[position / cache.shape.blockTokens] * cache.blockStride +
           tile.kvHead * cache.headStride;
}

// The patches of codes that begin at a position, from where the head's keys, or values, begin;
// groupBytes: of those of kKvPatchTokens tokens.
inline __attribute__((always_inline)) std::int64_t patchOffset(const AttentionTileArgs& tile,
                                                               std::int64_t position,
                                                               std::int64_t groupBytes) {
    return position % tile.cache->shape.blockTokens / kKvPatchTokens * groupBytes;
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

// Values of keys that a row does not see are no part of its sum, not with the weight 0 either: they
// may hold NaN or infinity, another row's or memory never written, and 0 * NaN is not 0. Calls
// body(size, first query, first key, end key): for all queries alike where all rows see the group
// whole, else for each row with its own keys.
template <class V, class Body>
inline __attribute__((always_inline)) void inVisibleTiles(const AttentionTileArgs& tile,
                                                          const AttentionScratch& scratch,
                                                          const KeyGroup& group, const Body& body) {
    const bool isSeenWhole =
        visibleKeys(tile, tile.nTokens - 1).first <= group.start + group.firstKey &&
        visibleKeys(tile, 0).end >= group.start + group.endKey;
    if (isSeenWhole) {
        inQueryTiles<V>(scratch.nQueries, [&](auto size, std::int64_t query) {
            body(size, query, group.firstKey, group.endKey);
        });
        return;
    }
    const std::int64_t headsPerKv = scratch.nQueries / tile.nTokens;
    for (std::int64_t row = 0; row < tile.nTokens; ++row) {
        const VisibleKeys visible = visibleKeys(tile, row);
        const std::int64_t first = visible.first - group.start, end = visible.end - group.start;
        int firstKey = group.firstKey, endKey = group.endKey;
        if (first > firstKey) firstKey = static_cast<int>(first < kKeys ? first : kKeys);
        if (end < endKey) endKey = static_cast<int>(end > 0 ? end : 0);
        inQueryTiles<V>(headsPerKv, [&](auto size, std::int64_t query) {
            body(size, row * headsPerKv + query, firstKey, endKey);
        });
    }
}

}  // namespace sotto::cpu
