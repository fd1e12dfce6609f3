// Attention without tensor cores: F32 caches (tests) and head dims that have no compiled variant.
//
// One warp per (token, query head), one pass over the positions it sees, 32 at a time with online
// softmax: lane i first scores position i, then holds dims i, i + 32, ... of the output. Plain
// float32; the order of summation is that of positions, so a row's bits depend on it alone. Reads K
// and V once per query head: slower than the other variants by the number of heads that share them.
#include "engine/kernels/cuda/attention_variants.h"

#include "engine/kernels/cuda/attention_tile.cuh"
#include "engine/kernels/cuda/common/activation_store.cuh"
#include "engine/kernels/cuda/common/byte_ops.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {
namespace {

constexpr int kWarps = 4;
// Longer heads get a variant of their own, so that the usual ones need no more registers.
constexpr int kUsualHeadDim = 256;

__device__ __forceinline__ float valueOf(const __half* element) { return __half2float(*element); }
__device__ __forceinline__ float valueOf(const float* element) { return *element; }

// Four neighbours at once; headDim is a multiple of 4.
__device__ __forceinline__ float4 loadFour(const float* elements) {
    return *reinterpret_cast<const float4*>(elements);
}
__device__ __forceinline__ float4 loadFour(const __half* elements) {
    const uint2 words = *reinterpret_cast<const uint2*>(elements);
    return make_float4(halfBitsToFloat(words.x & 0xffffu), halfBitsToFloat(words.x >> 16),
                       halfBitsToFloat(words.y & 0xffffu), halfBitsToFloat(words.y >> 16));
}

template <class Element>
__device__ __forceinline__ float dotRow(const float* q, const Element* row, int headDim) {
    float sum = 0.0f;
    for (int dim = 0; dim < headDim; dim += 4) {
        const float4 key = loadFour(row + dim);
        sum = fmaf(q[dim], key.x, sum);
        sum = fmaf(q[dim + 1], key.y, sum);
        sum = fmaf(q[dim + 2], key.z, sum);
        sum = fmaf(q[dim + 3], key.w, sum);
    }
    return sum;
}

// A row's place and its running result.
template <int kDimsPerLane>
struct RowState {
    float largest = -INFINITY;
    float sum = 0.0f;
    float dims[kDimsPerLane] = {};
};

// Positions [start, start + 32) up to `last`. Start is visible, so `largest` is finite afterwards.
template <class Element, int kDimsPerLane>
__device__ __forceinline__ void attendPositions(const AttentionLaunch& args, const float* q,
                                                int sequence, int kvHead, int start, int last,
                                                RowState<kDimsPerLane>& state) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int headDim = args.cache.keys.dim;
    const int position = min(start + lane, last);
    const int cacheRow = kvRow(args.cache, args.batch, sequence, position, kvHead);
    const auto* keys = reinterpret_cast<const Element*>(args.cache.keys.data);
    const auto* values = reinterpret_cast<const Element*>(args.cache.values.data);
    const float dot = dotRow(q, keys + static_cast<std::int64_t>(cacheRow) * headDim, headDim);
    const float score = start + lane <= last ? dot : -INFINITY;
    const float largest = fmaxf(state.largest, warpMax(score));
    const float keep = exp2f(state.largest - largest);
    const float probability = exp2f(score - largest);
    state.largest = largest;
    state.sum = fmaf(state.sum, keep, warpSum(probability));
#pragma unroll
    for (int index = 0; index < kDimsPerLane; ++index) state.dims[index] *= keep;
    const int nPositions = min(32, last - start + 1);
    for (int source = 0; source < nPositions; ++source) {
        const float weight = __shfl_sync(0xffffffffu, probability, source);
        const int row = __shfl_sync(0xffffffffu, cacheRow, source);
        const Element* value = values + static_cast<std::int64_t>(row) * headDim;
#pragma unroll
        for (int index = 0; index < kDimsPerLane; ++index) {
            const int dim = lane + 32 * index;
            if (dim < headDim)
                state.dims[index] = fmaf(weight, valueOf(value + dim), state.dims[index]);
        }
    }
}

// To `out` and to the next input; the last head's warp also fills the plane's padding.
template <int kDimsPerLane>
__device__ __forceinline__ void writeRow(const AttentionLaunch& args, int token, int head,
                                         const RowState<kDimsPerLane>& state) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int headDim = args.cache.keys.dim;
    const std::int64_t column = static_cast<std::int64_t>(head) * headDim;
    float* out = args.out + static_cast<std::int64_t>(token) * args.nHeads * headDim + column;
#pragma unroll
    for (int index = 0; index < kDimsPerLane; ++index) {
        const int dim = lane + 32 * index;
        const float value = state.dims[index] / state.sum;
        if (dim < headDim) out[dim] = value;
        // The whole warp: a head is whole groups where a next input is asked for.
        if (args.next.values != nullptr && 32 * index < headDim)
            storeActivation(args.next, token, static_cast<int>(column) / kGroupCols + index, value);
    }
    if (args.next.values == nullptr || head != args.nHeads - 1) return;
    const int nGroups = args.nHeads * headDim / kGroupCols;
    const int endGroup = (nGroups + kStepGroups - 1) / kStepGroups * kStepGroups;
    for (int group = nGroups; group < endGroup; ++group)
        storeActivation(args.next, token, group, 0.0f);
}

// One block per multiprocessor is asked for where heads are long: left alone, ptxas aims at more on
// sm_80 to 89 and spills. 0: left alone.
constexpr int wantedBlocks(int longestHead) { return longestHead > kUsualHeadDim ? 1 : 0; }

template <class Element, int kLongestHead>
__global__ void __launch_bounds__(kWarps * 32, wantedBlocks(kLongestHead))
    attentionRowsKernel(AttentionLaunch args) {
    SOTTO_SHARED(float[kWarps][kLongestHead], queries);
    gridDependencyWait();
    gridDependencyLaunch();
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int head = static_cast<int>(blockIdx.y) * kWarps + warp;
    const int token = static_cast<int>(blockIdx.x);
    if (head >= args.nHeads) return;  // no block barrier follows
    const int headDim = args.cache.keys.dim;
    const float* q = args.q + (static_cast<std::int64_t>(token) * args.nHeads + head) * headDim;
    for (int dim = lane; dim < headDim; dim += 32)
        queries[warp][dim] = q[dim] * (args.scale * kLog2E);
    __syncwarp();
    const int sequence = args.batch.sequenceIndex[token];
    const int kvHead = head / (args.nHeads / args.cache.nKvHeads);
    const int last = args.batch.positions[token];
    RowState<kLongestHead / 32> state;
    for (int start = firstVisible(args, last); start <= last; start += 32)
        attendPositions<Element>(args, queries[warp], sequence, kvHead, start, last, state);
    writeRow(args, token, head, state);
}

template <int kLongestHead>
void launchRows(const AttentionLaunch& args, const LaunchStream& on) {
    const dim3 grid(static_cast<unsigned>(args.batch.nTokens),
                    static_cast<unsigned>((args.nHeads + kWarps - 1) / kWarps));
    const dim3 block(kWarps * 32);
    if (args.cache.keys.type == KvType::F16)
        launch(attentionRowsKernel<__half, kLongestHead>, grid, block, 0, on, args);
    else
        launch(attentionRowsKernel<float, kLongestHead>, grid, block, 0, on, args);
}

}  // namespace

void launchAttentionRows(const AttentionLaunch& args, const LaunchStream& on) {
    if (args.cache.keys.dim <= kUsualHeadDim)
        launchRows<kUsualHeadDim>(args, on);
    else
        launchRows<kMaxHeadDim>(args, on);
}

}  // namespace sotto::cuda
