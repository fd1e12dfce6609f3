// Partial results of attention's splits: where they lie, who comes last, how they become a row.
//
// The second half of attention_split, which writes them. Eight splits are a node, counted from
// position 0: the last block of a node to come adds up its splits, the last node's block the nodes,
// so that up to 128 dims no block walks all splits of a long context. A row's splits are those that
// it sees, nodes and their splits in ascending order, whatever else the step holds: its bits depend
// on it alone (a row of one node has the same with and without the nodes: its factor is then 1).
// Device code.
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

// Counts finished blocks of one (sequence, KV head): of all, or of one node. Zero between launches.
__device__ __forceinline__ std::int32_t* totalCounter(const AttentionLaunch& args,
                                                      const AttentionRows& rows) {
    return args.finishedSplits + rows.sequence * args.cache.nKvHeads + rows.kvHead;
}
__device__ __forceinline__ std::int32_t* nodeCounter(const AttentionLaunch& args,
                                                     const AttentionRows& rows, int node) {
    return totalCounter(args, rows) + (node + 1) * args.batch.nSequences * args.cache.nKvHeads;
}

// Announces this block's partial results; true for the block that comes last of `nBlocks`, with
// everybody's before it. All threads; `sharedFlag` lies in shared memory.
__device__ __forceinline__ bool isLastBlock(std::int32_t* finished, int nBlocks, int& sharedFlag) {
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) {
        sharedFlag = atomicAdd(finished, 1) == nBlocks - 1 ? 1 : 0;
        if (sharedFlag != 0) *finished = 0;
    }
    __syncthreads();
    if (sharedFlag == 0) return false;
    __threadfence();
    return true;
}

// Partial results of one row and where they lie, [begin, end) times `stride` floats from `first`.
struct RowParts {
    const float* first;
    std::int64_t stride;
    int begin, end;
};

// The sum of parts by one warp: lane i holds dims 4 i to 4 i + 3 (and 128 further on).
template <int kHeadDim>
struct PartsSum {
    static constexpr int kQuadsPerLane = (kHeadDim + 127) / 128;
    float largest;
    float sum;
    float4 total[kQuadsPerLane];
};

// A part's weight is 2^(its largest score - the largest of all).
template <int kHeadDim>
__device__ __forceinline__ PartsSum<kHeadDim> sumParts(const RowParts& parts) {
    using Sum = PartsSum<kHeadDim>;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const auto [first, stride, begin, end] = parts;
    Sum result = {.largest = -INFINITY, .sum = 0.0f, .total = {}};
    for (int part = begin + lane; part < end; part += 32)
        result.largest = fmaxf(result.largest, first[part * stride + kHeadDim]);
    result.largest = warpMax(result.largest);
    for (int part = begin + lane; part < end; part += 32) {
        const float2 stats = *reinterpret_cast<const float2*>(first + part * stride + kHeadDim);
        result.sum = fmaf(stats.y, exp2f(stats.x - result.largest), result.sum);
    }
    result.sum = warpSum(result.sum);

    // 8 at once, 4 KiB of a warp in flight at 128 dims: the only parallelism that this phase has.
    // Past the end the last part again, with weight 0, so that those which are left over do not
    // wait for one another.
    constexpr int kBatch = 8;
    for (int batch = begin; batch < end; batch += kBatch) {
        float scores[kBatch];  // each part's largest
        float4 values[kBatch][Sum::kQuadsPerLane];
#pragma unroll
        for (int place = 0; place < kBatch; ++place) {
            const float* partial = first + min(batch + place, end - 1) * stride;
            scores[place] = partial[kHeadDim];
#pragma unroll
            for (int index = 0; index < Sum::kQuadsPerLane; ++index) {
                const int dim = min(4 * (lane + 32 * index), kHeadDim - 4);
                values[place][index] = *reinterpret_cast<const float4*>(partial + dim);
            }
        }
#pragma unroll
        for (int place = 0; place < kBatch; ++place) {
            const float weight = batch + place < end ? exp2f(scores[place] - result.largest) : 0.0f;
#pragma unroll
            for (int index = 0; index < Sum::kQuadsPerLane; ++index) {
                const float4& own = values[place][index];
                float4& total = result.total[index];
                total = make_float4(fmaf(weight, own.x, total.x), fmaf(weight, own.y, total.y),
                                    fmaf(weight, own.z, total.z), fmaf(weight, own.w, total.w));
            }
        }
    }
    return result;
}

// The splits that one row sees.
struct RowSplits {
    int begin, end;
    __device__ __forceinline__ RowSplits(const AttentionLaunch& args, int token) {
        const int position = args.batch.positions[token];
        begin = firstVisible(args, position) / kSplitPositions;
        end = position / kSplitPositions + 1;
    }
};

template <int kHeadDim>
__device__ __forceinline__ std::int64_t splitStride(const AttentionLaunch& args) {
    return static_cast<std::int64_t>(args.batch.nTokens) * args.nHeads * partialFloats(kHeadDim);
}

// Adds up a node's splits of all rows; the result takes the place of the node's first split.
template <int kHeadDim>
__device__ __forceinline__ void combineNode(const AttentionLaunch& args, const AttentionRows& rows,
                                            int node) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int nWarps = static_cast<int>(blockDim.x) / 32;
    const int firstSplit = node * kNodeSplits;
    for (int row = static_cast<int>(threadIdx.x) / 32; row < rows.nRows; row += nWarps) {
        const int token = rows.token(row);
        const RowSplits seen(args, token);
        const int begin = max(seen.begin, firstSplit);
        const int end = min(seen.end, firstSplit + kNodeSplits);
        if (begin >= end) continue;
        const float* first = partialOf(args, 0, token, rows.head(row));
        const PartsSum<kHeadDim> sum = sumParts<kHeadDim>(
            {.first = first, .stride = splitStride<kHeadDim>(args), .begin = begin, .end = end});
        __syncwarp();  // all lanes have read what is overwritten
        float* const own = partialOf(args, firstSplit, token, rows.head(row));
#pragma unroll
        for (int index = 0; index < PartsSum<kHeadDim>::kQuadsPerLane; ++index) {
            const int dim = 4 * (lane + 32 * index);
            if (dim < kHeadDim) *reinterpret_cast<float4*>(own + dim) = sum.total[index];
        }
        if (lane == 0)
            *reinterpret_cast<float2*>(own + kHeadDim) = make_float2(sum.largest, sum.sum);
    }
}

// A row from its splits, or from the nodes that combineNode() made of them.
template <int kHeadDim>
__device__ __forceinline__ void combineRow(const AttentionLaunch& args, int token, int head,
                                           bool hasNodes, float* row) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const RowSplits seen(args, token);
    const int unit = hasNodes ? kNodeSplits : 1;
    const PartsSum<kHeadDim> sum = sumParts<kHeadDim>({.first = partialOf(args, 0, token, head),
                                                       .stride = unit * splitStride<kHeadDim>(args),
                                                       .begin = seen.begin / unit,
                                                       .end = (seen.end - 1) / unit + 1});
#pragma unroll
    for (int index = 0; index < PartsSum<kHeadDim>::kQuadsPerLane; ++index) {
        const int dim = 4 * (lane + 32 * index);
        if (dim >= kHeadDim) continue;
        const float4& total = sum.total[index];
        // + 0: -0, which exact zeros from other rows' positions might turn, becomes 0.
        *reinterpret_cast<float4*>(row + dim) =
            make_float4(total.x / sum.sum + 0.0f, total.y / sum.sum + 0.0f,
                        total.z / sum.sum + 0.0f, total.w / sum.sum + 0.0f);
    }
}

// Which rows of a (sequence, KV head) are to be combined, and of what.
struct CombinedRows {
    int begin, end;
    bool hasNodes;
};

// To `out` and to the next input. staging: a row per warp in shared memory; `turn` rotates it.
template <int kHeadDim, class Turn>
__device__ __forceinline__ void combineRows(const AttentionLaunch& args, const AttentionRows& rows,
                                            const CombinedRows& combined, const Turn& turn,
                                            float* staging) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int nWarps = static_cast<int>(blockDim.x) / 32;
    float* mine = staging + warp * kHeadDim;
    for (int row = combined.begin + warp; row < combined.end; row += nWarps) {
        const int token = rows.token(row);
        const int head = rows.head(row);
        combineRow<kHeadDim>(args, token, head, combined.hasNodes, mine);
        __syncwarp();
        turn(mine);
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
    if (args.next.values == nullptr || combined.begin > 0 || rows.kvHead != args.cache.nKvHeads - 1)
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
