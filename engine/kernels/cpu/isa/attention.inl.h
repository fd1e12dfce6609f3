// Softmax attention of a tile of rows (one sequence) against one KV head, all of its query heads.
//
// Online softmax (Milakov and Gimelshein 2018; FlashAttention, Dao et al. 2022) over blocks of 32
// keys that start at absolute multiples of 32, so that the order of every sum depends on the row's
// position only: the same bits in every batch and prefill chunk. Per block the keys are turned to
// [dim][key] floats once and serve all nTokens * (nHeads / nKvHeads) queries; scores have keys in
// lanes, the weighted sum has dims in lanes, so nothing is summed across lanes but at the end.
// A row that sees nothing of a block adds exact zeros. Masked slots are zeroed when loaded (memory
// never written may hold NaN, and 0 * NaN is not 0).
// Bytes moved per tile: K and V of the range once.
#pragma once

#include "engine/kernels/cpu/isa/elementwise.inl.h"
#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

inline constexpr int kKeys = 32;  // keys per block: two 16-lane registers

// Where the pieces of a tile's scratch lie; all multiples of 16 floats.
struct AttentionScratch {
    float* keys = nullptr;     // [paddedDim][32]
    float* values = nullptr;   // [32][paddedDim]
    float* queries = nullptr;  // [nQueries][paddedDim], times the scale
    float* scores = nullptr;   // [nQueries][32], then the weights
    float* out = nullptr;      // [nQueries][paddedDim]
    float* largest = nullptr;  // [nQueries] maximum so far
    float* sums = nullptr;     // [nQueries][16] sums of the weights by lane
    std::int64_t paddedDim = 0;
    std::int64_t nQueries = 0;
};

template <class V>
void loadKeysAndValues(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                       std::int64_t firstKey, std::int64_t lowest, std::int64_t highest) {
    const KvLayer& cache = tile.args->cache;
    const KvLayerShape& shape = cache.shape;
    const DType type = shape.key.type;
    const std::int64_t headDim = shape.key.dim;
    const BlockTableView& table =
        tile.args->batch.sequences.data()[tile.args->batch.sequenceIndex.data()[tile.firstToken]];
    const std::int64_t elementBytes = type == DType::F16 ? 2 : 4;
    const std::int64_t planeBytes = shape.nKvHeads * shape.blockTokens * headDim * elementBytes;
    const auto loadRow = [&](const std::byte* source, int nLanes) {
        return type == DType::F16 ? V::loadHalf(source, nLanes)
                                  : V::loadPartial(reinterpret_cast<const float*>(source), nLanes);
    };
    for (int half = 0; half < 2; ++half) {
        std::int64_t offsets[16];  // bytes of the key's row in the cache, -1: masked
        for (int key = 0; key < 16; ++key) {
            const std::int64_t position = firstKey + half * 16 + key;
            offsets[key] = -1;
            if (position < lowest || position > highest) continue;
            const std::int64_t block = table.blockIds.data()[position / shape.blockTokens];
            offsets[key] = block * 2 * planeBytes +
                           (tile.kvHead * shape.blockTokens + position % shape.blockTokens) *
                               headDim * elementBytes;
        }
        for (std::int64_t dim = 0; dim < headDim; dim += 16) {
            const int nLanes = static_cast<int>(headDim - dim < 16 ? headDim - dim : 16);
            typename V::F rows[16];
            for (int key = 0; key < 16; ++key) {
                const bool isMasked = offsets[key] < 0;
                const std::int64_t offset = offsets[key] + dim * elementBytes;
                rows[key] = isMasked ? V::zero() : loadRow(cache.memory + offset, nLanes);
                V::store(
                    scratch.values + (half * 16 + key) * scratch.paddedDim + dim,
                    isMasked ? V::zero() : loadRow(cache.memory + planeBytes + offset, nLanes));
            }
            V::transpose16(rows, scratch.keys + dim * kKeys + half * 16, kKeys);
        }
    }
}

// scores[query][key] = sum over dims in order.
template <class V, int kQueries>
void scoreQueries(const AttentionScratch& scratch, std::int64_t firstQuery) {
    typename V::F acc[kQueries][2];
    for (int query = 0; query < kQueries; ++query) acc[query][0] = acc[query][1] = V::zero();
    const float* queries = scratch.queries + firstQuery * scratch.paddedDim;
    for (std::int64_t dim = 0; dim < scratch.paddedDim; ++dim) {
        const auto first = V::load(scratch.keys + dim * kKeys);
        const auto second = V::load(scratch.keys + dim * kKeys + 16);
#pragma GCC unroll 8
        for (int query = 0; query < kQueries; ++query) {
            const auto q = V::set1(queries[query * scratch.paddedDim + dim]);
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

// out[query][dim] += sum over the 32 keys in order of weight * value.
template <class V, int kQueries, int kChunks>
void addValues(const AttentionScratch& scratch, std::int64_t firstQuery, std::int64_t firstDim) {
    typename V::F acc[kQueries][kChunks];
    float* out = scratch.out + firstQuery * scratch.paddedDim + firstDim;
    for (int query = 0; query < kQueries; ++query)
        for (int chunk = 0; chunk < kChunks; ++chunk)
            acc[query][chunk] = V::load(out + query * scratch.paddedDim + chunk * 16);
    const float* weights = scratch.scores + firstQuery * kKeys;
    for (int key = 0; key < kKeys; ++key) {
        const float* values = scratch.values + key * scratch.paddedDim + firstDim;
        typename V::F row[kChunks];
#pragma GCC unroll 8
        for (int chunk = 0; chunk < kChunks; ++chunk) row[chunk] = V::load(values + chunk * 16);
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

template <class V, int kQueries>
void addAllValues(const AttentionScratch& scratch, std::int64_t firstQuery) {
    std::int64_t dim = 0;
    for (; dim + V::kDimChunks * 16 <= scratch.paddedDim; dim += V::kDimChunks * 16)
        addValues<V, kQueries, V::kDimChunks>(scratch, firstQuery, dim);
    for (; dim < scratch.paddedDim; dim += 16) addValues<V, kQueries, 1>(scratch, firstQuery, dim);
}

// Turns one query's scores of a block into weights; rescales what was summed before. `first` and
// `end`: the visible keys of the block, 0 <= first, end <= 32.
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
    const float before = scratch.largest[query];
    const float blockLargest = V::reduceMax(V::max(low, high));
    const float largest = blockLargest > before ? blockLargest : before;
    const auto lowWeights = expVector<V>(V::sub(low, V::set1(largest)));
    const auto highWeights = expVector<V>(V::sub(high, V::set1(largest)));
    V::store(scores, lowWeights);
    V::store(scores + 16, highWeights);
    float* sums = scratch.sums + query * 16;
    auto sum = V::load(sums);
    if (largest > before) {
        const auto factor = expVector<V>(V::set1(before - largest));
        sum = V::mul(sum, factor);
        float* out = scratch.out + query * scratch.paddedDim;
        for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += 16)
            V::store(out + dim, V::mul(V::load(out + dim), factor));
        scratch.largest[query] = largest;
    }
    V::store(sums, V::add(sum, V::add(lowWeights, highWeights)));
}

template <class V>
void prepareQueries(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    std::int64_t headsPerKv) {
    const AttentionArgs& args = *tile.args;
    const std::int64_t headDim = args.cache.shape.key.dim;
    const auto scale = V::set1(args.scale);
    for (std::int64_t query = 0; query < scratch.nQueries; ++query) {
        const std::int64_t token = tile.firstToken + query / headsPerKv;
        const std::int64_t head = tile.kvHead * headsPerKv + query % headsPerKv;
        const float* q = args.q + (token * args.nHeads + head) * headDim;
        for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += 16) {
            const int nLanes = static_cast<int>(headDim - dim < 16 ? headDim - dim : 16);
            V::store(scratch.queries + query * scratch.paddedDim + dim,
                     V::mul(V::loadPartial(q + dim, nLanes), scale));
            V::store(scratch.out + query * scratch.paddedDim + dim, V::zero());
        }
        V::store(scratch.sums + query * 16, V::zero());
        scratch.largest[query] = -__builtin_inff();
    }
    // The dims past headDim of the last chunk of 16 keys are zeroed by the partial loads.
}

// Inlined by force: a shared copy compiled for a newer processor must never be linked for all.
inline __attribute__((always_inline)) AttentionScratch layOutScratch(float* memory,
                                                                     std::int64_t nQueries,
                                                                     std::int64_t headDim) {
    AttentionScratch scratch;
    scratch.paddedDim = (headDim + 15) / 16 * 16;
    scratch.nQueries = nQueries;
    scratch.keys = memory;
    scratch.values = scratch.keys + scratch.paddedDim * kKeys;
    scratch.queries = scratch.values + scratch.paddedDim * kKeys;
    scratch.scores = scratch.queries + nQueries * scratch.paddedDim;
    scratch.out = scratch.scores + nQueries * kKeys;
    scratch.sums = scratch.out + nQueries * scratch.paddedDim;
    scratch.largest = scratch.sums + nQueries * 16;
    return scratch;
}

template <class V>
void attentionTile(const AttentionTileArgs& tile) {
    const AttentionArgs& args = *tile.args;
    const std::int64_t headsPerKv = args.nHeads / args.cache.shape.nKvHeads;
    const std::int32_t* positions = args.batch.positions.data() + tile.firstToken;
    const AttentionScratch scratch =
        layOutScratch(tile.scratch, tile.nTokens * headsPerKv, args.cache.shape.key.dim);
    prepareQueries<V>(tile, scratch, headsPerKv);
    const auto lowestKey = [&](std::int64_t row) -> std::int64_t {
        const std::int64_t first = args.window > 0 ? positions[row] - args.window + 1 : 0;
        return first > 0 ? first : 0;
    };
    const std::int64_t lowest = lowestKey(0);
    const std::int64_t highest = positions[tile.nTokens - 1];
    for (std::int64_t key = lowest / kKeys * kKeys; key <= highest; key += kKeys) {
        loadKeysAndValues<V>(tile, scratch, key, lowest, highest);
        std::int64_t query = 0;
        for (; query + V::kQueryTile <= scratch.nQueries; query += V::kQueryTile)
            scoreQueries<V, V::kQueryTile>(scratch, query);
        for (; query < scratch.nQueries; ++query) scoreQueries<V, 1>(scratch, query);
        for (query = 0; query < scratch.nQueries; ++query) {
            const std::int64_t row = query / headsPerKv;
            const std::int64_t first = lowestKey(row) - key;
            const std::int64_t end = positions[row] + 1 - key;
            updateSoftmax<V>(scratch, query, static_cast<int>(first > 0 ? first : 0),
                             static_cast<int>(end < kKeys ? end : kKeys));
        }
        for (query = 0; query + V::kQueryTile <= scratch.nQueries; query += V::kQueryTile)
            addAllValues<V, V::kQueryTile>(scratch, query);
        for (; query < scratch.nQueries; ++query) addAllValues<V, 1>(scratch, query);
    }
    for (std::int64_t query = 0; query < scratch.nQueries; ++query) {
        const std::int64_t token = tile.firstToken + query / headsPerKv;
        const std::int64_t head = tile.kvHead * headsPerKv + query % headsPerKv;
        float* out = args.out + (token * args.nHeads + head) * args.cache.shape.key.dim;
        const auto inverse = V::set1(1.0f / V::reduceAdd(V::load(scratch.sums + query * 16)));
        for (std::int64_t dim = 0; dim < args.cache.shape.key.dim; dim += 16) {
            const std::int64_t nLeft = args.cache.shape.key.dim - dim;
            V::storePartial(out + dim,
                            V::mul(V::load(scratch.out + query * scratch.paddedDim + dim), inverse),
                            static_cast<int>(nLeft < 16 ? nLeft : 16));
        }
    }
}

}  // namespace sotto::cpu
