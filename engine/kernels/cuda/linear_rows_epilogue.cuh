// What linear_rows does with a panel's sums: one warp per token, one lane per row of the panel.
//
// The panel of 32 rows is one group of the next operation's input, so the warp that has the results
// can also write that input. Device code.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/common/activation_store.cuh"
#include "engine/kernels/cuda/common/gate_activation.cuh"
#include "engine/kernels/cuda/common/packed_record.h"
#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/rope_store.cuh"

namespace sotto::cuda {

// Results of one split and one panel: [token][36], 32 rows and 4 to keep the banks apart: the lane
// 4g + t writes word 72t + g, so all 32 lie in different banks.
inline constexpr int kPartialStride = kPanelRows + 4;
inline constexpr int kPartialFloats = kTileTokens * kPartialStride;

// Where a block's panel lies.
struct RowsPanel {
    int matrix;
    int panel;  // within the matrix
};

// What the parts of a sum found, in order.
__device__ __forceinline__ float addParts(const float* first, int nParts, int stride) {
    float sum = first[0];
    for (int part = 1; part < nParts; ++part) sum += first[part * stride];
    return sum;
}

// The factor of the pending norm of one token (warp-collective), 1 without one. The sum runs over a
// lane's groups first, then over the lanes by a butterfly.
__device__ __forceinline__ float pendingNorm(const ActivationPlane& x, int token) {
    if (x.squares == nullptr) return 1.0f;
    const int nGroups = (x.nCols + kStepCols - 1) / kStepCols * kStepGroups;
    float sum = 0.0f;
    for (int group = static_cast<int>(threadIdx.x) % 32; group < nGroups; group += 32)
        sum += x.squares[group * kTileTokens + token];
    sum = warpSum(sum);
    return 1.0f / sqrtf(sum / static_cast<float>(x.normWidth) + x.normEpsilon);
}

// Zeros behind the last row, up to the multiple of 256 columns that readers expect.
__device__ __forceinline__ void storePadding(const ActivationPlane& next, int token, int group) {
    const int nGroups = (next.nCols + kStepCols - 1) / kStepCols * kStepGroups;
    for (; group < nGroups; ++group) storeActivation(next, token, group, 0.0f);
}

__device__ __forceinline__ bool isLastPanel(const RowsMatrix& matrix, int panel) {
    return (panel + 1) * kPanelRows >= matrix.nRows;
}

// out = value + bias, or += where accumulating; returns what was stored (0 past the last row).
__device__ __forceinline__ float storeRow(const RowsMatrix& matrix, int row, int token,
                                          float value) {
    if (row >= matrix.nRows) return 0.0f;
    if (matrix.bias != nullptr) value += matrix.bias[row];
    float& out = matrix.out[static_cast<std::int64_t>(token) * matrix.nRows + row];
    if (matrix.isAccumulating) value += out;
    out = value;
    return value;
}

// Args: LinearRowsArgs or ExpertRowsArgs.
template <class Args>
__device__ __forceinline__ void finishResidual(const Args& args, int panel, int token,
                                               float value) {
    const RowsMatrix& matrix = args.matrices[0];
    const int row = panel * kPanelRows + static_cast<int>(threadIdx.x) % 32;
    const float hidden = storeRow(matrix, row, token, value);
    if (args.next.values == nullptr) return;
    const bool hasNorm = args.nextNorm != nullptr && row < matrix.nRows;
    storeActivation(args.next, token, panel, hasNorm ? hidden * args.nextNorm[row] : hidden,
                    hidden);
    if (isLastPanel(matrix, panel)) storePadding(args.next, token, panel + 1);
}

template <class Args>
__device__ __forceinline__ void finishGlu(const Args& args, int panel, int token, float gate,
                                          float up) {
    const int row = panel * kPanelRows + static_cast<int>(threadIdx.x) % 32;
    const bool isInside = row < args.matrices[0].nRows;
    if (isInside && args.matrices[0].bias != nullptr) gate += args.matrices[0].bias[row];
    if (isInside && args.matrices[1].bias != nullptr) up += args.matrices[1].bias[row];
    const float value = isInside ? gateActivation(args.glu == GluKind::GeluTanh, gate) * up : 0.0f;
    storeActivation(args.next, token, panel, value);
    if (isLastPanel(args.matrices[0], panel)) storePadding(args.next, token, panel + 1);
}

// RopeStore, after the block's rows are stored (whole block): counts the panel for every head that
// it has rows of, and runs those heads whose last panel this was. A head's counter goes back to
// zero with its last panel.
__device__ __forceinline__ void finishHeads(const LinearRowsArgs& args, const RowsPanel& work,
                                            int nWarps) {
    SOTTO_SHARED(bool[kPanelRows], isComplete);
    const int headDim = args.rope.cache.keys.dim;
    const int nRows = args.matrices[work.matrix].nRows;
    const int firstRow = work.panel * kPanelRows;
    const int lastRow = min(firstRow + kPanelRows, nRows) - 1;
    const int firstHead = firstRow / headDim;
    const int nHeads = lastRow / headDim - firstHead + 1;
    const int headBase = work.matrix == 0   ? 0
                         : work.matrix == 1 ? args.rope.nHeads
                                            : args.rope.nHeads + args.rope.cache.nKvHeads;
    __threadfence();  // the rows before the count
    __syncthreads();
    const int thread = static_cast<int>(threadIdx.x);
    if (thread < nHeads) {
        const int head = firstHead + thread;
        const int firstPanel = head * headDim / kPanelRows;
        const int lastPanel = ((head + 1) * headDim - 1) / kPanelRows;
        std::int32_t* const counter = args.finishedPanels + headBase + head;
        const bool isLast = atomicAdd(counter, 1) == lastPanel - firstPanel;
        if (isLast) *counter = 0;
        isComplete[thread] = isLast;
    }
    __syncthreads();
    __threadfence();  // the count before other blocks' rows
    for (int task = thread / 32; task < nHeads * args.nTokens; task += nWarps) {
        const int head = task / args.nTokens;
        if (isComplete[head])
            ropeStoreHead(args.rope, headBase + firstHead + head, task % args.nTokens);
    }
}

}  // namespace sotto::cuda
