// Partial results of attention's splits: where they lie, who comes last, how they become a row.
//
// The second half of attention_split, which writes them. A row's splits are those that it sees, in
// ascending order, whatever else the step holds: its bits depend on it alone. Device code.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/attention.h"
#include "engine/kernels/cuda/attention_tile.cuh"
#include "engine/kernels/cuda/common/activation_store.cuh"
#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {

// One split's result for one row (token, head) in `partials`: sums [headDim], largest score, sum of
// probabilities, padding to 16 bytes. Split by split, so that only splits in use are touched.
__host__ __device__ constexpr int partialFloats(int headDim) { return headDim + 4; }

__device__ __forceinline__ float* partialOf(const AttentionLaunch& args, int split, int token,
                                            int head) {
    const std::int64_t row = static_cast<std::int64_t>(split) * args.batch.nTokens + token;
    return args.partials + (row * args.nHeads + head) * partialFloats(args.cache.keys.dim);
}

// Announces this block's partial results; true for the block that comes last of `nBlocks`, with
// everybody's before it. All threads; `sharedFlag` lies in shared memory.
__device__ __forceinline__ bool isLastBlock(const AttentionLaunch& args, const AttentionRows& rows,
                                            int nBlocks, int& sharedFlag) {
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) {
        std::int32_t* finished =
            args.finishedSplits + rows.sequence * args.cache.nKvHeads + rows.kvHead;
        sharedFlag = atomicAdd(finished, 1) == nBlocks - 1 ? 1 : 0;
        if (sharedFlag != 0) *finished = 0;
    }
    __syncthreads();
    if (sharedFlag == 0) return false;
    __threadfence();
    return true;
}

// Combines the splits of one row, by one warp: lane i holds dims 4 i to 4 i + 3 (and 128 further
// on). A split's weight is 2^(its largest score - the largest of all).
template <int kHeadDim>
__device__ __forceinline__ void combineRow(const AttentionLaunch& args, int token, int head,
                                           float* row) {
    constexpr int kQuadsPerLane = (kHeadDim + 127) / 128;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int position = args.batch.positions[token];
    const int firstSplit = firstVisible(args, position) / kSplitPositions;
    const int endSplit = position / kSplitPositions + 1;
    const std::int64_t stride =
        static_cast<std::int64_t>(args.batch.nTokens) * args.nHeads * partialFloats(kHeadDim);
    const float* first = partialOf(args, 0, token, head);

    float largest = -INFINITY;
    for (int split = firstSplit + lane; split < endSplit; split += 32)
        largest = fmaxf(largest, first[split * stride + kHeadDim]);
    largest = warpMax(largest);
    float sum = 0.0f;
    for (int split = firstSplit + lane; split < endSplit; split += 32) {
        const float2 stats = *reinterpret_cast<const float2*>(first + split * stride + kHeadDim);
        sum = fmaf(stats.y, exp2f(stats.x - largest), sum);
    }
    sum = warpSum(sum);

    float4 total[kQuadsPerLane];
#pragma unroll
    for (int index = 0; index < kQuadsPerLane; ++index)
        total[index] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    // 8 at once, 4 KiB of a warp in flight at 128 dims: the only parallelism that this phase has.
    // Past the end the last split again, with weight 0, so that those which are left over do not
    // wait for one another.
    constexpr int kBatch = 8;
    for (int begin = firstSplit; begin < endSplit; begin += kBatch) {
        float scores[kBatch];  // each split's largest
        float4 parts[kBatch][kQuadsPerLane];
#pragma unroll
        for (int place = 0; place < kBatch; ++place) {
            const float* partial = first + min(begin + place, endSplit - 1) * stride;
            scores[place] = partial[kHeadDim];
#pragma unroll
            for (int index = 0; index < kQuadsPerLane; ++index) {
                const int dim = min(4 * (lane + 32 * index), kHeadDim - 4);
                parts[place][index] = *reinterpret_cast<const float4*>(partial + dim);
            }
        }
#pragma unroll
        for (int place = 0; place < kBatch; ++place) {
            const float weight = begin + place < endSplit ? exp2f(scores[place] - largest) : 0.0f;
#pragma unroll
            for (int index = 0; index < kQuadsPerLane; ++index) {
                const float4 part = parts[place][index];
                total[index] = make_float4(
                    fmaf(weight, part.x, total[index].x), fmaf(weight, part.y, total[index].y),
                    fmaf(weight, part.z, total[index].z), fmaf(weight, part.w, total[index].w));
            }
        }
    }
#pragma unroll
    for (int index = 0; index < kQuadsPerLane; ++index) {
        const int dim = 4 * (lane + 32 * index);
        if (dim >= kHeadDim) continue;
        // + 0: -0, which exact zeros from other rows' positions might turn, becomes 0.
        *reinterpret_cast<float4*>(row + dim) =
            make_float4(total[index].x / sum + 0.0f, total[index].y / sum + 0.0f,
                        total[index].z / sum + 0.0f, total[index].w / sum + 0.0f);
    }
}

// Rows [beginRow, endRow) to `out` and to the next input.
template <int kHeadDim>
__device__ __forceinline__ void combineRows(const AttentionLaunch& args, const AttentionRows& rows,
                                            int beginRow, int endRow, float* staging) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int nWarps = static_cast<int>(blockDim.x) / 32;
    float* mine = staging + warp * kHeadDim;
    for (int row = beginRow + warp; row < endRow; row += nWarps) {
        const int token = rows.token(row);
        const int head = rows.head(row);
        combineRow<kHeadDim>(args, token, head, mine);
        __syncwarp();
        const std::int64_t column = static_cast<std::int64_t>(head) * kHeadDim;
        float* out = args.out + static_cast<std::int64_t>(token) * args.nHeads * kHeadDim + column;
        for (int dim = lane; dim < kHeadDim; dim += 32) out[dim] = mine[dim];
        if constexpr (kHeadDim % kGroupCols == 0) {
            if (args.next.values != nullptr)
                for (int group = 0; group < kHeadDim / kGroupCols; ++group)
                    storeActivation(args.next, token, static_cast<int>(column) / kGroupCols + group,
                                    mine[group * kGroupCols + lane]);
        }
        __syncwarp();
    }
    if (args.next.values == nullptr || beginRow > 0 || rows.kvHead != args.cache.nKvHeads - 1)
        return;
    // The plane is padded to whole steps of columns.
    const int nGroups = args.nHeads * kHeadDim / kGroupCols;
    const int endGroup = (nGroups + kStepGroups - 1) / kStepGroups * kStepGroups;
    const int nTokens = rows.nRows / rows.groupSize;
    for (int index = warp; index < nTokens * (endGroup - nGroups); index += nWarps)
        storeActivation(args.next, rows.firstToken + index % nTokens, nGroups + index / nTokens,
                        0.0f);
}

}  // namespace sotto::cuda
