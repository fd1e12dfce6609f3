// The body of rope_store: one warp, one head. Included by rope_store.cu and by the epilogue of
// linear_rows.
//
// Formulas: reference/rope_store.cpp (Su et al. 2021; norm of Zhang and Sennrich 2019). The sum of
// squares runs over a lane's dims first, then over the lanes by a butterfly: an order that depends
// on headDim and the pairing alone. Nothing here depends on other heads or tokens.
#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "base/finite_half.h"
#include "engine/kernels/cuda/common/warp.h"
#include "engine/kernels/cuda/kv_rows.cuh"
#include "engine/kernels/cuda/rope_store.h"

namespace sotto::cuda {

// Each lane holds pairs of dims: lane, lane + 32, ... of headDim / 2. Longer heads get a variant of
// their own, so that the usual ones need no more registers.
inline constexpr int kRopePairsPerLane = kMaxFusedHeadDim / 2 / 32;
inline constexpr int kLongRopePairsPerLane = kMaxHeadDim / 2 / 32;

struct RopeTurn {
    float cosine;
    float sine;
};

// cos and sin of position * frequency to about 2^-22, without double arithmetic (1/64 of the float
// rate on consumer cards) and without the library's slow path (it spills). position < 2^24, angle <
// 2^22 radians.
__device__ __forceinline__ RopeTurn ropeTurn(int position, float frequency) {
    // pi/2 in two floats (Cody and Waite 1980); the 2e-15 that they lack are 5e-9 at the farthest
    // angle. The product is exact in two floats, and so is the first step of the reduction: both
    // operands are multiples of 2^-23 (or near each other), and the difference is below 2.
    constexpr float kHalfPiHigh = 0x1.921fb6p+0f;
    constexpr float kHalfPiMiddle = -0x1.777a5cp-25f;
    constexpr float kTwoOverPi = 0x1.45f306p-1f;
    const float count = static_cast<float>(position);
    const float angle = __fmul_rn(count, frequency);
    const float angleRest = fmaf(count, frequency, -angle);
    const float turns = rintf(angle * kTwoOverPi);
    float rest = fmaf(-turns, kHalfPiHigh, angle) + angleRest;
    rest = fmaf(-turns, kHalfPiMiddle, rest);
    // A large angle's quotient may have been rounded to a neighbour: once more.
    const float moreTurns = rintf(rest * kTwoOverPi);
    rest = fmaf(-moreTurns, kHalfPiHigh, rest);
    rest = fmaf(-moreTurns, kHalfPiMiddle, rest);
    // Taylor to r^9 and r^10: the next terms are below 2e-9 for |r| <= pi/4.
    const float square = rest * rest;
    float sine = fmaf(square, 1.0f / 362880.0f, -1.0f / 5040.0f);
    sine = fmaf(square, sine, 1.0f / 120.0f);
    sine = fmaf(square, sine, -1.0f / 6.0f);
    sine = fmaf(square * rest, sine, rest);
    float cosine = fmaf(square, -1.0f / 3628800.0f, 1.0f / 40320.0f);
    cosine = fmaf(square, cosine, -1.0f / 720.0f);
    cosine = fmaf(square, cosine, 1.0f / 24.0f);
    cosine = fmaf(square, cosine, -0.5f);
    cosine = fmaf(square, cosine, 1.0f);
    const int quadrant = static_cast<int>(turns) + static_cast<int>(moreTurns);
    const bool isSwapped = (quadrant & 1) != 0;
    const float cosineSize = isSwapped ? sine : cosine;
    const float sineSize = isSwapped ? cosine : sine;
    return {.cosine = ((quadrant + 1) & 2) != 0 ? -cosineSize : cosineSize,
            .sine = (quadrant & 2) != 0 ? -sineSize : sineSize};
}

// Number of rotated pairs, and the two dims of a pair; the dims that are not rotated follow as
// neighbours.
__device__ __forceinline__ int ropePairs(const RopeStoreLaunch& args) {
    return args.kind == RopeKind::None ? 0 : args.rotaryDims / 2;
}
__device__ __forceinline__ int2 ropePairDims(const RopeStoreLaunch& args, int pair) {
    const bool isApart = args.kind == RopeKind::Neox && pair < args.rotaryDims / 2;
    return isApart ? make_int2(pair, pair + args.rotaryDims / 2)
                   : make_int2(2 * pair, 2 * pair + 1);
}

// As toFiniteHalf().
__device__ __forceinline__ __half finiteHalf(float value) {
    const float clamped = fabsf(value) > kLargestHalf ? copysignf(kLargestHalf, value) : value;
    return __float2half_rn(clamped - (value - value));
}

__device__ __forceinline__ void storeCacheElement(std::byte* base, KvType type, std::int64_t index,
                                                  float value) {
    if (type == KvType::F16)
        reinterpret_cast<__half*>(base)[index] = finiteHalf(value);
    else
        reinterpret_cast<float*>(base)[index] = value;
}

// Norm and rotation of q or k in the lanes' registers. All 32 lanes.
template <int kPairsPerLane>
__device__ __forceinline__ void normAndTurn(const RopeStoreLaunch& args, const float* norm,
                                            int position, int lane,
                                            float2 (&pairs)[kPairsPerLane]) {
    const int headDim = args.cache.keys.dim;
    float inverse = 1.0f;
    if (norm != nullptr) {
        float squares = 0.0f;
#pragma unroll
        for (int index = 0; index < kPairsPerLane; ++index)
            squares =
                fmaf(pairs[index].x, pairs[index].x, fmaf(pairs[index].y, pairs[index].y, squares));
        squares = warpSum(squares);
        inverse = 1.0f / sqrtf(squares / static_cast<float>(headDim) + args.normEpsilon);
    }
    const int nPairs = ropePairs(args);
#pragma unroll
    for (int index = 0; index < kPairsPerLane; ++index) {
        const int pair = lane + index * 32;
        if (2 * pair >= headDim) continue;
        float2& value = pairs[index];
        if (norm != nullptr) {
            const int2 dims = ropePairDims(args, pair);
            value.x *= inverse * norm[dims.x];
            value.y *= inverse * norm[dims.y];
        }
        if (pair >= nPairs) continue;
        const RopeTurn turn = ropeTurn(position, args.frequencies[pair]);
        const float cosine = turn.cosine * args.magnitude;
        const float sine = turn.sine * args.magnitude;
        value = make_float2(fmaf(value.x, cosine, -(value.y * sine)),
                            fmaf(value.x, sine, value.y * cosine));
    }
}

// One head of one token: headIndex in [0, nHeads) are the heads of q (norm and rotation in place),
// then nKvHeads of k (norm, rotation, cache), then nKvHeads of v (cache). Called by all 32 lanes of
// a warp with the same arguments; blockDim.x a multiple of 32, headDim even and <= 64 *
// kPairsPerLane. If other blocks wrote the head, the caller has synchronized with them
// (__threadfence()).
template <int kPairsPerLane = kRopePairsPerLane>
__device__ __forceinline__ void ropeStoreHead(const RopeStoreLaunch& args, int headIndex,
                                              int token) {
    const int lane = static_cast<int>(threadIdx.x & 31u);
    const int headDim = args.cache.keys.dim;
    const int nKvHeads = args.cache.nKvHeads;
    const bool isQuery = headIndex < args.nHeads;
    const bool isValue = headIndex >= args.nHeads + nKvHeads;
    const int kvHead = headIndex - args.nHeads - (isValue ? nKvHeads : 0);
    const std::int64_t offset = static_cast<std::int64_t>(isQuery ? token * args.nHeads + headIndex
                                                                  : token * nKvHeads + kvHead) *
                                headDim;
    const float* source = (isQuery ? args.q : isValue ? args.v : args.k) + offset;
    const int position = args.batch.positions[token];

    float2 pairs[kPairsPerLane];
#pragma unroll
    for (int index = 0; index < kPairsPerLane; ++index) {
        const int pair = lane + index * 32;
        const int2 dims = ropePairDims(args, pair);
        pairs[index] = 2 * pair < headDim ? make_float2(source[dims.x], source[dims.y])
                                          : make_float2(0.0f, 0.0f);
    }
    // The whole warp takes one side: the head is the same for all lanes.
    if (!isValue) normAndTurn(args, isQuery ? args.qNorm : args.kNorm, position, lane, pairs);

    std::int64_t cacheIndex = 0;
    if (!isQuery)
        cacheIndex =
            static_cast<std::int64_t>(
                kvRow(args.cache, args.batch, args.batch.sequenceIndex[token], position, kvHead)) *
            headDim;
    const KvPlane& plane = isValue ? args.cache.values : args.cache.keys;
#pragma unroll
    for (int index = 0; index < kPairsPerLane; ++index) {
        const int pair = lane + index * 32;
        if (2 * pair >= headDim) continue;
        const int2 dims = ropePairDims(args, pair);
        if (isQuery) {
            args.q[offset + dims.x] = pairs[index].x;
            args.q[offset + dims.y] = pairs[index].y;
        } else {
            storeCacheElement(plane.data, plane.type, cacheIndex + dims.x, pairs[index].x);
            storeCacheElement(plane.data, plane.type, cacheIndex + dims.y, pairs[index].y);
        }
    }
}

}  // namespace sotto::cuda
