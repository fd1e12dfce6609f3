// exp, gated units, RMS norm and rotation of single rows, and the store of keys and values; all in
// float32, no half-precision tables.
#pragma once

#include "engine/kernels/cpu/isa/kv_quantize.inl.h"
#include "engine/kernels/cpu/isa/turn_head.inl.h"
#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

// e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2, and the Taylor series of e^r to r^7
// (the next term is 5e-9 of the sum, a tenth of float's half unit). ln 2 is split in two so that
// n * high is exact. Below kLowest (where 2^n would be subnormal) the result is 0; above kHighest
// it stays at e^88 = 1.7e38, which is as good as infinity to a softmax or a sigmoid. NaN stays NaN:
// max and min give their second operand where one is none. Several at once are independent chains.
template <class V, int kCount>
inline __attribute__((always_inline)) void expVectors(typename V::F (&x)[kCount]) {
    constexpr float kLowest = -87.0f, kHighest = 88.0f;
    constexpr float kSeries[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
    typename V::F r[kCount], series[kCount];
    typename V::I n[kCount];
#pragma GCC unroll 8
    for (int index = 0; index < kCount; ++index) {
        const auto bounded = V::min(V::set1(kHighest), V::max(V::set1(kLowest), x[index]));
        n[index] = V::roundToInt(V::mul(bounded, V::set1(1.44269504f)));
        const auto whole = V::toFloatVector(n[index]);
        r[index] = V::fnma(whole, V::set1(0.693359375f), bounded);
        r[index] = V::fnma(whole, V::set1(-2.12194440e-4f), r[index]);
        series[index] = V::set1(1.0f / 5040);
    }
#pragma GCC unroll 8
    for (int term = 0; term < 7; ++term)
#pragma GCC unroll 8
        for (int index = 0; index < kCount; ++index)
            series[index] = V::fma(series[index], r[index], V::set1(kSeries[term]));
#pragma GCC unroll 8
    for (int index = 0; index < kCount; ++index)
        x[index] = V::zeroWhereAtMost(x[index], V::set1(kLowest),
                                      V::mul(series[index], V::powerOfTwo(n[index])));
}

template <class V>
inline typename V::F expVector(typename V::F x) {
    typename V::F values[1] = {x};
    expVectors<V, 1>(values);
    return values[0];
}

// silu(x) = x / (1 + e^-x); tanh-gelu is x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3), since
// (1 + tanh u) / 2 is the logistic function of 2u.
template <class V, GluKind kKind>
inline typename V::F gate(typename V::F x) {
    auto exponent = V::sub(V::zero(), x);
    if constexpr (kKind == GluKind::GeluTanh) {
        constexpr float kFactor = -1.5957691216f;  // -2 sqrt(2/pi)
        const auto cubic = V::fma(V::mul(V::mul(x, x), V::set1(0.044715f)), x, x);
        exponent = V::mul(cubic, V::set1(kFactor));
    }
    return V::div(x, V::add(V::set1(1.0f), expVector<V>(exponent)));
}

template <class V, GluKind kKind>
void gluSpan(const float* gateIn, const float* up, float* out, std::int64_t nElements) {
    std::int64_t index = 0;
    for (; index + 16 <= nElements; index += 16)
        V::store(out + index, V::mul(gate<V, kKind>(V::load(gateIn + index)), V::load(up + index)));
    const int nTail = static_cast<int>(nElements - index);
    if (nTail == 0) return;
    const auto product = V::mul(gate<V, kKind>(V::loadPartial(gateIn + index, nTail)),
                                V::loadPartial(up + index, nTail));
    V::storePartial(out + index, product, nTail);
}

template <class V>
void glu(GluKind kind, const float* gateIn, const float* up, float* out, std::int64_t nElements) {
    if (kind == GluKind::Silu)
        gluSpan<V, GluKind::Silu>(gateIn, up, out, nElements);
    else
        gluSpan<V, GluKind::GeluTanh>(gateIn, up, out, nElements);
}

template <class V>
void rmsNormRow(const float* x, const float* weight, float* out, std::int64_t width,
                float epsilon) {
    const std::int64_t nFull = width / 16 * 16;
    const int nTail = static_cast<int>(width - nFull);
    auto squares = V::zero();
    for (std::int64_t index = 0; index < nFull; index += 16) {
        const auto value = V::load(x + index);
        squares = V::fma(value, value, squares);
    }
    if (nTail > 0) {
        const auto value = V::loadPartial(x + nFull, nTail);
        squares = V::fma(value, value, squares);
    }
    const float mean = V::reduceAdd(squares) / static_cast<float>(width);
    const auto inverse = V::set1(1.0f / __builtin_sqrtf(mean + epsilon));
    for (std::int64_t index = 0; index < nFull; index += 16)
        V::store(out + index, V::mul(V::mul(V::load(x + index), inverse), V::load(weight + index)));
    if (nTail > 0)
        V::storePartial(out + nFull,
                        V::mul(V::mul(V::loadPartial(x + nFull, nTail), inverse),
                               V::loadPartial(weight + nFull, nTail)),
                        nTail);
}

// x cos - y sin, x sin + y cos of each pair, every product and sum rounded on its own.
template <class V>
void rotateInterleaved(float* head, std::int32_t rotaryDims, const RotationTable& rotation) {
    const auto turned = [](typename V::F x, typename V::F cosines, typename V::F sines) {
        return V::add(V::mul(x, cosines), V::mul(V::swapPairs(x), sines));
    };
    std::int32_t dim = 0;
    for (; dim + 16 <= rotaryDims; dim += 16)
        V::store(head + dim, turned(V::load(head + dim), V::load(rotation.cosines + dim),
                                    V::load(rotation.sines + dim)));
    const int nTail = rotaryDims - dim;
    if (nTail == 0) return;
    V::storePartial(
        head + dim,
        turned(V::loadPartial(head + dim, nTail), V::loadPartial(rotation.cosines + dim, nTail),
               V::loadPartial(rotation.sines + dim, nTail)),
        nTail);
}

// The compiler vectorizes this one.
inline __attribute__((always_inline)) void rotateNeox(float* head, std::int32_t rotaryDims,
                                                      const RotationTable& rotation) {
    const std::int32_t nPairs = rotaryDims / 2;
    for (std::int32_t pair = 0; pair < nPairs; ++pair) {
        float& first = head[pair];
        float& second = head[pair + nPairs];
        const float x = first * rotation.cosines[pair] - second * rotation.sines[pair];
        second = first * rotation.sines[pair] + second * rotation.cosines[pair];
        first = x;
    }
}

template <class V>
void rotateHead(float* head, const RopeStoreArgs& args, const RotationTable& rotation) {
    if (args.kind == RopeKind::Interleaved) rotateInterleaved<V>(head, args.rotaryDims, rotation);
    if (args.kind == RopeKind::Neox) rotateNeox(head, args.rotaryDims, rotation);
}

// Every `stride`-th element of the cache gets a key's next dim.
template <class V>
void storeKey(std::byte* target, KvType type, std::int64_t stride, const float* key,
              std::int64_t headDim) {
    for (std::int64_t dim = 0; dim < headDim; dim += 16) {
        const int nLanes = static_cast<int>(headDim - dim < 16 ? headDim - dim : 16);
        std::byte elements[64];
        const std::int64_t bytes = type == KvType::F16 ? 2 : 4;
        if (type == KvType::F16)
            V::storeFiniteHalf(elements, V::loadPartial(key + dim, nLanes), nLanes);
        else
            __builtin_memcpy(elements, key + dim, static_cast<std::size_t>(nLanes) * 4);
        for (int lane = 0; lane < nLanes; ++lane) {
            std::byte* place = target + (dim + lane) * stride * bytes;
            if (type == KvType::F16)
                __builtin_memcpy(place, elements + lane * 2, 2);
            else
                __builtin_memcpy(place, elements + lane * 4, 4);
        }
    }
}

template <class V>
void storeValue(std::byte* target, KvType type, const float* value, std::int64_t valueDim) {
    for (std::int64_t dim = 0; dim < valueDim; dim += 16) {
        const int nLanes = static_cast<int>(valueDim - dim < 16 ? valueDim - dim : 16);
        const auto chunk = V::loadPartial(value + dim, nLanes);
        if (type == KvType::F16)
            V::storeFiniteHalf(target + dim * 2, chunk, nLanes);
        else
            V::storePartial(reinterpret_cast<float*>(target) + dim, chunk, nLanes);
    }
}

// Where a run's keys and values of one head go.
struct RunPlace {
    std::byte* head = nullptr;  // of the block
    std::int64_t kvHead = 0;
    std::int64_t slot = 0;  // of the run's first token
};

// From so many keys on turning 16 dims of them at once is faster than scattering each.
inline constexpr std::int64_t kTurnedKeys = 4;

// keys [nKeys][headDim] of consecutive slots, 16 at most.
template <class V>
void storeKeys(std::byte* target, KvType type, std::int64_t stride, const float* keys,
               std::int64_t headDim, int nKeys) {
    const std::int64_t bytes = type == KvType::F16 ? 2 : 4;
    if (nKeys < kTurnedKeys) {
        for (int key = 0; key < nKeys; ++key)
            storeKey<V>(target + key * bytes, type, stride, keys + key * headDim, headDim);
        return;
    }
    for (std::int64_t dim = 0; dim < headDim; dim += 16) {
        const int nDims = static_cast<int>(headDim - dim < 16 ? headDim - dim : 16);
        typename V::F rows[16];
        for (int key = 0; key < 16; ++key)
            rows[key] = key < nKeys ? V::loadPartial(keys + key * headDim + dim, nDims) : V::zero();
        alignas(64) float turned[16 * 16];
        V::transpose16(rows, turned, 16);
        for (int index = 0; index < nDims; ++index) {
            const auto slots = V::load(turned + index * 16);
            std::byte* place = target + (dim + index) * stride * bytes;
            if (type == KvType::F16)
                V::storeFiniteHalf(place, slots, nKeys);
            else
                V::storePartial(reinterpret_cast<float*>(place), slots, nKeys);
        }
    }
}

// Values of one head of a run, in place from `slot` of their block on. `scratch` [value.dim] holds
// one while it is turned.
template <class V>
void storeRunValues(const RopeStoreArgs& args, const KvTiles& cache, const RopeRun& run,
                    const RunPlace& place, float* scratch) {
    const KvRow& kvRow = cache.shape.value;
    for (std::int64_t row = 0; row < run.nTokens; ++row) {
        const std::int64_t head = (run.firstToken + row) * cache.shape.nKvHeads + place.kvHead;
        const float* value = args.v + head * kvRow.dim;
        if (kvRow.isRotated) {
            __builtin_memcpy(scratch, value, static_cast<std::size_t>(kvRow.dim) * sizeof(float));
            turnHeadVector<V>(scratch, kvRow.dim);
            value = scratch;
        }
        std::byte* values = place.head + cache.valueOffset;
        if (isInBlocks(kvRow.type))
            storeCodedValue<V>(values, kvRow, place.slot + row, value);
        else
            storeValue<V>(values + (place.slot + row) * cache.valueRowBytes, kvRow.type, value,
                          kvRow.dim);
    }
}

// The same of its keys, all of them in `scratch` [run.nTokens][key.dim] meanwhile.
template <class V>
void storeRunKeys(const RopeStoreArgs& args, const KvTiles& cache, const RopeRun& run,
                  const RunPlace& place, float* scratch) {
    const KvRow& kvRow = cache.shape.key;
    const std::int64_t headDim = kvRow.dim;
    for (std::int64_t row = 0; row < run.nTokens; ++row) {
        const std::int64_t head = (run.firstToken + row) * cache.shape.nKvHeads + place.kvHead;
        float* key = scratch + row * headDim;
        __builtin_memcpy(key, args.k + head * headDim,
                         static_cast<std::size_t>(headDim) * sizeof(float));
        if (args.kNorm != nullptr) rmsNormRow<V>(key, args.kNorm, key, headDim, args.normEpsilon);
        rotateHead<V>(key, args, run.rotation(row));
        if (kvRow.isRotated) turnHeadVector<V>(key, kvRow.dim);
        if (isInBlocks(kvRow.type)) storeCodedKey<V>(place.head, kvRow, place.slot + row, key);
    }
    if (isInBlocks(kvRow.type)) return;
    const std::int64_t elementBytes = kvRow.type == KvType::F16 ? 2 : 4;
    storeKeys<V>(place.head + place.slot * elementBytes, kvRow.type, cache.shape.blockTokens,
                 scratch, headDim, static_cast<int>(run.nTokens));
}

template <class V>
void ropeStoreRun(const RopeStoreArgs& args, const KvTiles& cache, const RopeRun& run,
                  float* scratch) {
    const KvLayerShape& shape = cache.shape;
    const std::int64_t headDim = shape.key.dim;
    const std::int64_t headsPerKv = args.nHeads / shape.nKvHeads;
    for (std::int64_t row = 0; row < run.nTokens; ++row) {
        const RotationTable rotation = run.rotation(row);
        for (std::int64_t head = run.firstKvHead * headsPerKv; head < run.endKvHead * headsPerKv;
             ++head) {
            float* q = args.q + ((run.firstToken + row) * args.nHeads + head) * headDim;
            if (args.qNorm != nullptr) rmsNormRow<V>(q, args.qNorm, q, headDim, args.normEpsilon);
            rotateHead<V>(q, args, rotation);
        }
    }
    const std::int32_t position = args.batch.positions.data()[run.firstToken];
    const BlockTableView& table =
        args.batch.sequences.data()[args.batch.sequenceIndex.data()[run.firstToken]];
    std::byte* block =
        cache.memory + table.blockIds.data()[position / shape.blockTokens] * cache.blockStride;
    for (std::int64_t kvHead = run.firstKvHead; kvHead < run.endKvHead; ++kvHead) {
        const RunPlace place{block + kvHead * cache.headStride, kvHead,
                             position % shape.blockTokens};
        storeRunValues<V>(args, cache, run, place, scratch);
        storeRunKeys<V>(args, cache, run, place, scratch);
    }
}

}  // namespace sotto::cpu
