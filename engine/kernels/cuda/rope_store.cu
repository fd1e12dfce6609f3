// Rotation and cache write as a kernel of its own: prefill, and wherever linear_rows did not do it.
//
// One warp per (token, head); moves (nHeads * 2 + nKvHeads * 2) * headDim floats of q, k and v and
// 2 * nKvHeads * headDim cache elements per token: bound by memory. Formulas: rope_store.cuh;
// quantized and rotated rows: kv_store.cuh.
#include "engine/kernels/cuda/rope_store.h"

#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/kv_store.cuh"
#include "engine/kernels/cuda/rope_store.cuh"

namespace sotto::cuda {
namespace {

// Four warps: enough to fill an SM at its limit of 16 to 32 blocks, small enough for one token's 16
// to 80 heads to spread over several.
constexpr int kWarpsPerBlock = 4;

template <int kPairsPerLane>
__global__ void __launch_bounds__(kWarpsPerBlock * 32) ropeStoreKernel(RopeStoreLaunch args) {
    gridDependencyWait();
    gridDependencyLaunch();
    const int headIndex =
        static_cast<int>(blockIdx.y) * kWarpsPerBlock + static_cast<int>(threadIdx.x / 32);
    if (headIndex >= args.nHeads + 2 * args.cache.nKvHeads) return;
    ropeStoreHead<kPairsPerLane>(args, headIndex, static_cast<int>(blockIdx.x));
}

// Norm and rotation of k, of which lane i holds dims i, i + 32, ...: each lane turns its own dims
// and reads their partners once more. The sum of squares runs over a lane's dims first.
template <int kGroups>
__device__ __forceinline__ void normAndTurnGroups(const RopeStoreLaunch& args, const float* source,
                                                  int position, float (&values)[kGroups]) {
    const int lane = static_cast<int>(threadIdx.x % 32u);
    const int headDim = args.cache.keys.dim;
    const float* const norm = args.kNorm;
    float inverse = 1.0f;
    if (norm != nullptr) {
        float squares = 0.0f;
#pragma unroll
        for (int index = 0; index < kGroups; ++index)
            squares = fmaf(values[index], values[index], squares);
        squares = warpSum(squares);
        inverse = 1.0f / sqrtf(squares / static_cast<float>(headDim) + args.normEpsilon);
    }
    const int nPairs = ropePairs(args);
    const bool isApart = args.kind == RopeKind::Neox;
#pragma unroll
    for (int index = 0; index < kGroups; ++index) {
        const int dim = lane + 32 * index;
        if (dim >= headDim) continue;
        if (norm != nullptr) values[index] *= inverse * norm[dim];
        if (dim >= 2 * nPairs) continue;
        const int pair = isApart ? dim % nPairs : dim / 2;
        const int2 dims = ropePairDims(args, pair);
        const int partner = dim == dims.x ? dims.y : dims.x;
        const float other =
            norm != nullptr ? source[partner] * (inverse * norm[partner]) : source[partner];
        const RopeTurn turn = ropeTurn(position, args.frequencies[pair]);
        const float cosine = turn.cosine * args.magnitude;
        const float sine = turn.sine * args.magnitude;
        values[index] = dim == dims.x ? fmaf(values[index], cosine, -(other * sine))
                                      : fmaf(other, sine, values[index] * cosine);
    }
}

// One head of k or v: kvIndex in [0, nKvHeads) of k, then those of v. All lanes of a warp.
template <int kGroups>
__device__ __forceinline__ void storeAnyHead(const RopeStoreLaunch& args, int kvIndex, int token) {
    const int lane = static_cast<int>(threadIdx.x % 32u);
    const int nKvHeads = args.cache.nKvHeads;
    const bool isValue = kvIndex >= nKvHeads;
    const int kvHead = isValue ? kvIndex - nKvHeads : kvIndex;
    const KvPlane& plane = isValue ? args.cache.values : args.cache.keys;
    const float* const source = (isValue ? args.v : args.k) +
                                (static_cast<std::int64_t>(token) * nKvHeads + kvHead) * plane.dim;
    const int position = args.batch.positions[token];
    float values[kGroups];
#pragma unroll
    for (int index = 0; index < kGroups; ++index) {
        const int dim = lane + 32 * index;
        values[index] = dim < plane.dim ? source[dim] : 0.0f;
    }
    // The whole warp takes one side: the head is the same for all lanes.
    if (!isValue) normAndTurnGroups(args, source, position, values);
    storeAnyRow(plane,
                kvRow(args.cache, args.batch, args.batch.sequenceIndex[token], position, kvHead),
                values);
}

// As ropeStoreKernel, into a cache of any types. One block per multiprocessor is asked for: left
// alone, ptxas aims at more on sm_86 and 89 and spills where heads are long.
template <int kPairsPerLane>
__global__ void __launch_bounds__(kWarpsPerBlock * 32, 1) ropeStoreAnyKernel(RopeStoreLaunch args) {
    gridDependencyWait();
    gridDependencyLaunch();
    const int headIndex =
        static_cast<int>(blockIdx.y) * kWarpsPerBlock + static_cast<int>(threadIdx.x / 32);
    const auto token = static_cast<int>(blockIdx.x);
    if (headIndex < args.nHeads)
        ropeStoreHead<kPairsPerLane>(args, headIndex, token);
    else if (headIndex < args.nHeads + 2 * args.cache.nKvHeads)
        storeAnyHead<2 * kPairsPerLane>(args, headIndex - args.nHeads, token);
}

}  // namespace

void launchRopeStore(const RopeStoreLaunch& args, const LaunchStream& on) {
    if (args.batch.nTokens == 0) return;
    const int nHeads = args.nHeads + 2 * args.cache.nKvHeads;
    const dim3 grid(static_cast<unsigned>(args.batch.nTokens),
                    static_cast<unsigned>((nHeads + kWarpsPerBlock - 1) / kWarpsPerBlock));
    const dim3 block(kWarpsPerBlock * 32);
    const bool isLong = args.cache.keys.dim > kMaxFusedHeadDim;
    if (isPlain(args.cache.keys) && isPlain(args.cache.values))
        launch(isLong ? ropeStoreKernel<kLongRopePairsPerLane> : ropeStoreKernel<kRopePairsPerLane>,
               grid, block, 0, on, args);
    else
        launch(isLong ? ropeStoreAnyKernel<kLongRopePairsPerLane>
                      : ropeStoreAnyKernel<kRopePairsPerLane>,
               grid, block, 0, on, args);
}

}  // namespace sotto::cuda
