// Softmax attention of a tile of rows (one sequence) against one KV head, all of its query heads.
//
// Online softmax (Milakov and Gimelshein 2018; FlashAttention, Dao et al. 2022) over groups of 32
// keys that start at absolute multiples of 32, within splits that start at absolute multiples of
// kSplitKeys (attention_plan.h). A split's sums begin at nothing; the splits are merged in order,
// rescaled to the larger maximum. So the order of every sum depends on the row's position only: the
// same bits in every batch and prefill chunk, and whether one thread takes all splits or several.
// Keys and values may differ in type: each has its own inner loops in attention_plain.inl.h,
// attention_codes.inl.h and attention_float8.inl.h, which meet in a group's scores.
// Bytes moved per tile: K and V of the range once.
#pragma once

#include "engine/kernels/cpu/isa/attention_codes.inl.h"
#include "engine/kernels/cpu/isa/attention_float8.inl.h"
#include "engine/kernels/cpu/isa/attention_plain.inl.h"
#include "engine/kernels/cpu/isa/elementwise.inl.h"
#include "engine/kernels/cpu/isa/turn_head.inl.h"

namespace sotto::cpu {

// Turns the scores that some queries have of a group into weights; rescales what was summed before.
// `first` and `end`: the keys of the group that all of them see, 0 <= first, end <= 32. Side by
// side, since each is one chain of dependent operations that leaves a processor waiting.
template <class V, int kQueries>
void updateSoftmax(const AttentionScratch& scratch, std::int64_t firstQuery, int first, int end) {
    float* const scores = scratch.scores + firstQuery * kKeys;
    if (first >= end) {
        for (int query = 0; query < 2 * kQueries; ++query) V::store(scores + query * 16, V::zero());
        return;
    }
    constexpr float kMasked = -__builtin_inff();
    typename V::F weights[2 * kQueries];
    float largest[kQueries];
    if (first > 0 || end < kKeys)
        for (int query = 0; query < kQueries; ++query) {
            for (int key = 0; key < first; ++key) scores[query * kKeys + key] = kMasked;
            for (int key = end; key < kKeys; ++key) scores[query * kKeys + key] = kMasked;
        }
#pragma GCC unroll 8
    for (int query = 0; query < kQueries; ++query) {
        const auto low = V::load(scores + query * kKeys);
        const auto high = V::load(scores + query * kKeys + 16);
        const float before = scratch.state.largest[firstQuery + query];
        const float groupLargest = V::reduceMax(V::max(low, high));
        largest[query] = groupLargest > before ? groupLargest : before;
        weights[2 * query] = V::sub(low, V::set1(largest[query]));
        weights[2 * query + 1] = V::sub(high, V::set1(largest[query]));
    }
    expVectors<V, 2 * kQueries>(weights);
#pragma GCC unroll 8
    for (int query = 0; query < kQueries; ++query) {
        V::store(scores + query * kKeys, weights[2 * query]);
        V::store(scores + query * kKeys + 16, weights[2 * query + 1]);
        float* sums = scratch.state.sums + (firstQuery + query) * 16;
        float& before = scratch.state.largest[firstQuery + query];
        auto sum = V::load(sums);
        if (largest[query] > before) {
            float* out = scratch.state.out + (firstQuery + query) * scratch.paddedDim;
            const auto factor = expVector<V>(V::set1(before - largest[query]));
            sum = V::mul(sum, factor);
            for (std::int64_t dim = 0; dim < scratch.paddedDim; dim += 16)
                V::store(out + dim, V::mul(V::load(out + dim), factor));
            before = largest[query];
        }
        V::store(sums, V::add(sum, V::add(weights[2 * query], weights[2 * query + 1])));
    }
}

// Turned where the keys are, times the scale; of keys in codes, as codes.
template <class V>
void prepareQueries(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    std::int64_t headsPerKv) {
    const AttentionArgs& args = *tile.args;
    const KvRow& keyRow = args.cache.shape.key;
    const bool isCoded = isInBlocks(keyRow.type) && !isFloat8(keyRow.type);
    const auto scale = V::set1(args.scale);
    for (std::int64_t query = 0; query < scratch.nQueries; ++query) {
        const std::int64_t token = tile.firstToken + query / headsPerKv;
        const std::int64_t head = tile.kvHead * headsPerKv + query % headsPerKv;
        const float* q = args.q + (token * args.nHeads + head) * scratch.keyDim;
        float* scaled = isCoded ? scratch.keys : scratch.queries + query * scratch.keyDim;
        if (keyRow.isRotated) {
            __builtin_memcpy(scratch.keys, q,
                             static_cast<std::size_t>(scratch.keyDim) * sizeof(float));
            turnHeadVector<V>(scratch.keys, keyRow.dim);
            q = scratch.keys;
        }
        for (std::int64_t dim = 0; dim < scratch.keyDim; dim += 16) {
            const std::int64_t nLeft = scratch.keyDim - dim;
            const int nLanes = static_cast<int>(nLeft < 16 ? nLeft : 16);
            V::storePartial(scaled + dim, V::mul(V::loadPartial(q + dim, nLanes), scale), nLanes);
        }
        if (isCoded) quantizeQuery<V>(scaled, scratch.keyDim, queryCodes(scratch, query));
    }
}

template <class V>
void scoreKeys(const AttentionTileArgs& tile, const AttentionScratch& scratch,
               const KeyGroup& group) {
    switch (tile.cache->shape.key.type) {
        case KvType::F16: return scorePlainKeys<V, Halves<V>>(tile, scratch, group);
        case KvType::F32: return scorePlainKeys<V, Floats<V>>(tile, scratch, group);
        case KvType::Q8_0: return scoreCodedKeys<V, KvType::Q8_0>(tile, scratch, group);
        case KvType::Q5_0: return scoreCodedKeys<V, KvType::Q5_0>(tile, scratch, group);
        case KvType::Q4_0: return scoreCodedKeys<V, KvType::Q4_0>(tile, scratch, group);
        case KvType::F8E4M3: return scoreFloat8Keys<V, FloatsE4M3<V>>(tile, scratch, group);
        case KvType::F8E5M2: return scoreFloat8Keys<V, FloatsE5M2<V>>(tile, scratch, group);
    }
}

template <class V>
void addGroupValues(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                    const KeyGroup& group) {
    switch (tile.cache->shape.value.type) {
        case KvType::F16: return addPlainValues<V, Halves<V>>(tile, scratch, group);
        case KvType::F32: return addPlainValues<V, Floats<V>>(tile, scratch, group);
        case KvType::Q8_0: return addCodedValues<V, KvType::Q8_0>(tile, scratch, group);
        case KvType::Q5_0: return addCodedValues<V, KvType::Q5_0>(tile, scratch, group);
        case KvType::Q4_0: return addCodedValues<V, KvType::Q4_0>(tile, scratch, group);
        case KvType::F8E4M3: return addFloat8Values<V, FloatsE4M3<V>>(tile, scratch, group);
        case KvType::F8E5M2: return addFloat8Values<V, FloatsE5M2<V>>(tile, scratch, group);
    }
}

// One group: scores, weights, weighted sum.
template <class V>
void attendGroup(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                 const KeyGroup& group) {
    scoreKeys<V>(tile, scratch, group);
    inVisibleTiles<V>(
        tile, scratch, group, [&](auto size, std::int64_t query, int firstKey, int endKey) {
            updateSoftmax<V, decltype(size)::kQueries>(scratch, query, firstKey, endKey);
        });
    addGroupValues<V>(tile, scratch, group);
}

// The states of one split, from nothing.
template <class V>
void attendSplit(const AttentionTileArgs& tile, const AttentionScratch& scratch,
                 std::int64_t split) {
    const std::int64_t nFloats = scratch.nQueries * (scratch.paddedDim + 16);
    for (std::int64_t index = 0; index < nFloats; index += 16)
        V::store(scratch.state.out + index, V::zero());  // the sums follow
    for (std::int64_t query = 0; query < scratch.nQueries; ++query)
        scratch.state.largest[query] = -__builtin_inff();
    const std::int64_t lowest = visibleKeys(tile, 0).first;
    const std::int64_t highest = visibleKeys(tile, tile.nTokens - 1).end;
    const std::int64_t begin = split * kSplitKeys > lowest ? split * kSplitKeys : lowest;
    const std::int64_t end =
        (split + 1) * kSplitKeys < highest ? (split + 1) * kSplitKeys : highest;
    for (std::int64_t start = begin / kKeys * kKeys; start < end; start += kKeys) {
        KeyGroup group;
        group.start = start;
        group.firstKey = static_cast<int>(begin > start ? begin - start : 0);
        group.endKey = static_cast<int>(end - start < kKeys ? end - start : kKeys);
        group.next = start + kKeys < highest ? start + kKeys : start;
        attendGroup<V>(tile, scratch, group);
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
    const KvRow& value = tile.cache->shape.value;
    const std::int64_t valueDim = value.dim;
    for (std::int64_t query = 0; query < scratch.nQueries; ++query) {
        const std::int64_t token = tile.firstToken + query / headsPerKv;
        const std::int64_t head = tile.kvHead * headsPerKv + query % headsPerKv;
        const float* sum = scratch.total.out + query * scratch.paddedDim;
        float* out = args.out + (token * args.nHeads + head) * valueDim;
        const auto inverse = V::set1(1.0f / V::reduceAdd(V::load(scratch.total.sums + query * 16)));
        for (std::int64_t dim = 0; dim < valueDim; dim += 16)
            V::storePartial(out + dim, V::mul(V::load(sum + dim), inverse),
                            static_cast<int>(valueDim - dim < 16 ? valueDim - dim : 16));
        if (value.isRotated) turnHeadVector<V>(out, value.dim);
    }
}

template <class V>
void attentionTile(const AttentionTileArgs& tile) {
    AttentionScratch scratch = layOutScratch(tile);
    prepareQueries<V>(tile, scratch, scratch.nQueries / tile.nTokens);
    if (tile.partials != nullptr)
        scratch.state = layOutState(tile.partials, scratch.nQueries, scratch.paddedDim);
    for (std::int64_t split = tile.firstSplit; split < tile.endSplit; ++split) {
        attendSplit<V>(tile, scratch, split);
        if (tile.partials == nullptr) mergeSplit<V>(tile, scratch, scratch.state, split);
    }
    if (tile.partials == nullptr) writeRows<V>(tile, scratch);
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
