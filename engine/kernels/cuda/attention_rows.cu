// Attention without tensor cores: F32 caches (tests) and head dims that have no compiled variant,
// whatever the types of keys and values.
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
#include "engine/kernels/cuda/hadamard.cuh"
#include "engine/kernels/cuda/kv_codes.cuh"

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

// Caches whose keys and values are plain and of this type.
template <class Element>
struct PlainRows {
    static constexpr bool kMayBeRotated = false;
    static __device__ __forceinline__ const Element* row(const KvPlane& plane, int row,
                                                         int headDim) {
        return reinterpret_cast<const Element*>(plane.data) +
               static_cast<std::int64_t>(row) * headDim;
    }
};

// A row of any type, read element by element.
struct AnyRow {
    const KvPlane& plane;
    int row;
};
__device__ __forceinline__ float dotRow(const float* q, const AnyRow& row, int headDim) {
    float sum = 0.0f;
    for (int dim = 0; dim < headDim; ++dim)
        sum = fmaf(q[dim], elementOf(row.plane, row.row, dim), sum);
    return sum;
}
struct AnyRows {
    static constexpr bool kMayBeRotated = true;
    static __device__ __forceinline__ AnyRow row(const KvPlane& plane, int row, int) {
        return {plane, row};
    }
};

template <class Element>
__device__ __forceinline__ float elementAt(const Element* row, int dim) {
    return valueOf(row + dim);
}
__device__ __forceinline__ float elementAt(const AnyRow& row, int dim) {
    return elementOf(row.plane, row.row, dim);
}

// A row's place and its running result.
template <int kDimsPerLane>
struct RowState {
    float largest = -INFINITY;
    float sum = 0.0f;
    float dims[kDimsPerLane] = {};
};

// Positions [start, start + 32) up to `last`. Start is visible, so `largest` is finite afterwards.
template <class Rows, int kDimsPerLane>
__device__ __forceinline__ void attendPositions(const AttentionLaunch& args, const float* q,
                                                int sequence, int kvHead, int start, int last,
                                                RowState<kDimsPerLane>& state) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int headDim = args.cache.keys.dim;
    const int position = min(start + lane, last);
    const int cacheRow = kvRow(args.cache, args.batch, sequence, position, kvHead);
    const float dot = dotRow(q, Rows::row(args.cache.keys, cacheRow, headDim), headDim);
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
        const auto value =
            Rows::row(args.cache.values, __shfl_sync(0xffffffffu, cacheRow, source), headDim);
#pragma unroll
        for (int index = 0; index < kDimsPerLane; ++index) {
            const int dim = lane + 32 * index;
            if (dim < headDim)
                state.dims[index] = fmaf(weight, elementAt(value, dim), state.dims[index]);
        }
    }
}

// To `out` and to the next input; the last head's warp also fills the plane's padding.
template <class Rows, int kDimsPerLane>
__device__ __forceinline__ void writeRow(const AttentionLaunch& args, int token, int head,
                                         RowState<kDimsPerLane>& state) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int headDim = args.cache.keys.dim;
    const std::int64_t column = static_cast<std::int64_t>(head) * headDim;
    float* out = args.out + static_cast<std::int64_t>(token) * args.nHeads * headDim + column;
    if constexpr (Rows::kMayBeRotated)
        if (args.cache.values.isRotated) turnRow(headDim, state.dims);
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

// In place; each lane's own dims.
template <int kGroups>
__device__ __forceinline__ void turnQuery(float* query, int headDim) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    float dims[kGroups];
#pragma unroll
    for (int index = 0; index < kGroups; ++index)
        dims[index] = 32 * index < headDim ? query[lane + 32 * index] : 0.0f;
    turnRow(headDim, dims);
#pragma unroll
    for (int index = 0; index < kGroups; ++index)
        if (32 * index < headDim) query[lane + 32 * index] = dims[index];
}

// One block per multiprocessor is asked for where heads are long or rows may be of any type: left
// alone, ptxas aims at more on sm_80 to 89 and spills. 0: left alone.
template <class Rows>
constexpr int wantedBlocks(int longestHead) {
    return Rows::kMayBeRotated || longestHead > kUsualHeadDim ? 1 : 0;
}

template <class Rows, int kLongestHead>
__global__ void __launch_bounds__(kWarps * 32, wantedBlocks<Rows>(kLongestHead))
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
    if constexpr (Rows::kMayBeRotated)
        if (args.cache.keys.isRotated) turnQuery<kLongestHead / 32>(queries[warp], headDim);
    __syncwarp();
    const int sequence = args.batch.sequenceIndex[token];
    const int kvHead = head / (args.nHeads / args.cache.nKvHeads);
    const int last = args.batch.positions[token];
    RowState<kLongestHead / 32> state;
    for (int start = firstVisible(args, last); start <= last; start += 32)
        attendPositions<Rows>(args, queries[warp], sequence, kvHead, start, last, state);
    writeRow<Rows>(args, token, head, state);
}

template <int kLongestHead>
void launchRows(const AttentionLaunch& args, const LaunchStream& on) {
    const dim3 grid(static_cast<unsigned>(args.batch.nTokens),
                    static_cast<unsigned>((args.nHeads + kWarps - 1) / kWarps));
    const dim3 block(kWarps * 32);
    const KvPlane &keys = args.cache.keys, &values = args.cache.values;
    if (isPlainHalves(keys) && isPlainHalves(values))
        launch(attentionRowsKernel<PlainRows<__half>, kLongestHead>, grid, block, 0, on, args);
    else if (isPlain(keys) && isPlain(values) && keys.type == values.type)
        launch(attentionRowsKernel<PlainRows<float>, kLongestHead>, grid, block, 0, on, args);
    else
        launch(attentionRowsKernel<AnyRows, kLongestHead>, grid, block, 0, on, args);
}

}  // namespace

void launchAttentionRows(const AttentionLaunch& args, const LaunchStream& on) {
    if (args.cache.keys.dim <= kUsualHeadDim)
        launchRows<kUsualHeadDim>(args, on);
    else
        launchRows<kMaxHeadDim>(args, on);
}

}  // namespace sotto::cuda
