// Decode of a mixture of experts: for each of up to 8 tokens the products with its own experts.
//
// Store, Glu: one block per pair and panel of 32 rows (Glu: of both matrices); warp w takes row
// tile w % nTiles and steps w / nTiles, + nSplits, ... The splits are added in order in shared
// memory. The pairs are the fast index of the grid, so that blocks with the same panel of the same
// expert run side by side and memory gives it once.
// Mix: one block per token and panel; warp w takes row tile w % 2, of the experts of its token
// those numbered slot, slot + nSlots, ..., and of the columns one split; it adds up weight * result
// itself, and the block adds the warps in order of (slot, split).
// Either way the order of summation depends on the shape and nUsed alone, not on the other tokens,
// and within a warp it is linear_rows' (linear_rows_sum.cuh) with one token.
//
// Bytes moved: each chosen expert's records once. In flight, where an H200 wants 25 KB for each of
// 132 multiprocessors (3.4 MB) and an RTX 4090 about 5 KB for each of 128: qwen3-30b-a3b (8 experts
// of 768 x 2048) at one token and Q4_K is the narrowest case.
//   Glu: 192 blocks of 8 warps, all resident at once, one to two records of 2.3 KB per warp: 3.5 to
//   7 MB of the layer's 14: enough. (16 warps would fit once per multiprocessor: 60 blocks would
//   wait for a second turn.)
//   Mix: 64 blocks of 16 warps, 2.4 to 4.7 MB of 7 (Q6_K, halves of records: 1.7 to 3.4 of 10): in
//   flight it is enough, but it sits on half of the multiprocessors, and each must take in 110 KB
//   (160), 1 us (1.4) at 64 bytes per clock, where memory alone would need 1.5 us (2.2). So these
//   blocks are near their own roof; more of them would need a group of the next input shared by
//   two.
// Which expert it is stands between the kernel before and the first load: nothing is read ahead.
#include "engine/kernels/cuda/expert_rows.h"

#include <algorithm>

#include <cuda_runtime.h>

#include "base/check.h"
#include "engine/kernels/cuda/common/byte_ops.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/linear_rows_config.h"
#include "engine/kernels/cuda/linear_rows_epilogue.cuh"
#include "engine/kernels/cuda/linear_rows_types.cuh"

namespace sotto::cuda {
namespace {

// The kernels' bounds name one block per multiprocessor: ptxas else aims at two in places, and
// spills for it.
constexpr int kMaxThreads = 32 * kMaxRowWarps;
// Two row tiles of a panel, so many experts or splits.
constexpr int kMixParts = kMaxRowWarps / 2;

struct ExpertPlan {
    int nSteps;
    int nSplits;  // of the columns
    int nSlots;   // Mix: experts at a time
};

// Bytes in `values` of one group of a token, and between two tokens of a group: 16-bit values come
// in two parts of 16 columns with all tokens of the tile in each.
template <DType type>
constexpr int kGroupBytes = static_cast<int>(groupValueBytes(activationKindOf(type)));
template <DType type>
constexpr int kTokenBytes = activationKindOf(type) == ActivationKind::Int8 ? kGroupBytes<type>
                                                                           : kGroupBytes<type> / 2;

// The plane as if this row were the first token of its first tile.
template <DType type>
__device__ __forceinline__ ActivationPlane rowView(const ActivationPlane& x, int row) {
    const std::int64_t cell = activationIndex(x.nCols, row, 0);
    const int token = row % kTileTokens;
    ActivationPlane view = x;
    view.values += (cell - token) * kGroupBytes<type> + token * kTokenBytes<type>;
    view.scales += 2 * cell;
    if (x.squares != nullptr) view.squares += cell;
    return view;
}

// Tile of a stack: of the expert's rows, then of the panel.
__device__ __forceinline__ int stackTile(const RowsMatrix& matrix, int expert, int panel,
                                         int tile) {
    return expert * (matrix.nRows / kTileRows) + panel * (kPanelRows / kTileRows) + tile;
}

// Store, Glu. Grid: pairs, panels.
template <DType type>
__global__ void __launch_bounds__(kMaxThreads, 1)
    expertRowsKernel(const __grid_constant__ ExpertRowsArgs args, ExpertPlan plan) {
    SOTTO_SHARED(float[kMaxRowWarps * kTileRows], partials);  // [split][tile][16]
    SOTTO_SHARED(float, normFactor);
    const bool isGlu = args.epilogue == ExpertEpilogue::Glu;
    const int tileBits = isGlu ? 2 : 1;
    gridDependencyLaunch();
    gridDependencyWait();
    float results[4] = {};
    {
        const int warp = static_cast<int>(threadIdx.x) / 32;
        const int tile = warp & ((1 << tileBits) - 1);
        const int pair = static_cast<int>(blockIdx.x);
        const RowsMatrix& matrix = args.matrices[tile / 2];
        const ActivationPlane x = rowView<type>(args.x, args.isPerPair ? pair : pair / args.nUsed);
        const auto findNorm = [&] {
            if (warp > 0) return;
            const float factor = pendingNorm(x, 0);
            if (threadIdx.x == 0) normFactor = factor;
        };
        sumAnyRows<type, 1>(
            results, {x, 1}, matrix,
            stackTile(matrix, args.chosen.experts[pair], static_cast<int>(blockIdx.y), tile % 2),
            StackSteps{{nullptr, plan.nSteps, warp >> tileBits, plan.nSplits}}, findNorm);
    }

    // Computed anew: the loop needs the registers.
    const int thread = static_cast<int>(forgotten(threadIdx.x));
    const int lane = thread % 32;
    // All lanes of a row have its result.
    if (lane % 4 == 0) {
        float* const own = partials + thread / 32 * kTileRows + lane / 4;
        own[0] = results[0];
        own[8] = results[2];
    }
    __syncthreads();
    if (thread >= 32) return;
    const int pair = static_cast<int>(blockIdx.x);
    const int panel = static_cast<int>(blockIdx.y);
    const int stride = kTileRows << tileBits;
    const float value = addParts(partials + lane, plan.nSplits, stride) * normFactor;
    if (isGlu) {
        const float up = addParts(partials + kPanelRows + lane, plan.nSplits, stride) * normFactor;
        finishGlu(args, panel, pair, value, up);
    } else {
        storeRow(args.matrices[0], panel * kPanelRows + lane, pair, value);
    }
}

// Where a warp of Mix works.
struct MixPlace {
    int lane, warp;
    int tile;
    int slot, split;
};

__device__ __forceinline__ MixPlace mixPlaceOf(const ExpertPlan& plan, unsigned thread) {
    const int warp = static_cast<int>(thread / 32);
    const int part = warp / 2;
    return {.lane = static_cast<int>(thread % 32),
            .warp = warp,
            .tile = warp % 2,
            .slot = part / plan.nSplits,
            .split = part % plan.nSplits};
}

// Grid: tokens, panels.
template <DType type>
__global__ void __launch_bounds__(kMaxThreads, 1)
    expertMixKernel(const __grid_constant__ ExpertRowsArgs args, ExpertPlan plan) {
    SOTTO_SHARED(float[kMixParts * kPanelRows], partials);  // [slot][split][tile][16]
    SOTTO_SHARED(float[kMaxRowWarps], factors);
    const int token = static_cast<int>(blockIdx.x);
    gridDependencyLaunch();
    gridDependencyWait();
#pragma unroll 1
    for (int first = 0; first < args.nUsed; first += plan.nSlots) {
        float results[4] = {};
        {
            const MixPlace place = mixPlaceOf(plan, forgotten(threadIdx.x));
            if (first + place.slot >= args.nUsed) break;
            const int pair = token * args.nUsed + first + place.slot;
            const RowsMatrix& matrix = args.matrices[0];
            const ActivationPlane x = rowView<type>(args.x, pair);
            const auto findFactor = [&] {
                const float factor = args.chosen.weights[pair] * pendingNorm(x, 0);
                if (place.lane == 0) factors[place.warp] = factor;
            };
            sumRows<type, 1>(results, {x, 1}, matrix,
                             stackTile(matrix, args.chosen.experts[pair],
                                       static_cast<int>(blockIdx.y), place.tile),
                             StackSteps{{nullptr, plan.nSteps, place.split, plan.nSplits}},
                             findFactor);
        }
        __syncwarp();
        // Computed anew: the loop needs the registers.
        const int thread = static_cast<int>(forgotten(threadIdx.x));
        if (thread % 4 == 0) {
            const float factor = factors[thread / 32];
            float* const own = partials + thread / 32 * kTileRows + thread % 32 / 4;
            own[0] = first == 0 ? factor * results[0] : fmaf(factor, results[0], own[0]);
            own[8] = first == 0 ? factor * results[2] : fmaf(factor, results[2], own[8]);
        }
        __syncwarp();  // before the next factor
    }
    __syncthreads();
    const int lane = static_cast<int>(threadIdx.x);
    if (lane >= 32) return;
    const float value = addParts(partials + lane, plan.nSlots * plan.nSplits, kPanelRows);
    finishResidual(args, static_cast<int>(blockIdx.y), token, value);
}

dim3 gridOf(int nRowsOfGrid, const ExpertRowsArgs& args) {
    return dim3(static_cast<unsigned>(nRowsOfGrid),
                static_cast<unsigned>(panelsOf(args.matrices[0].nRows)));
}

template <DType type>
void launchRowsFor(const ExpertRowsArgs& args, const LaunchStream& on) {
    const int nTiles = args.epilogue == ExpertEpilogue::Glu ? 4 : 2;
    const int nPairs = args.nTokens * args.nUsed;
    const int nSteps = static_cast<int>(stepsOf(args.nCols));
    // One token's blocks decide, so that a row's sum does not depend on the number of tokens.
    const std::int64_t nPanels = args.nUsed * panelsOf(args.matrices[0].nRows);
    const ExpertPlan plan{
        .nSteps = nSteps, .nSplits = rowSplits(nPanels, nTiles, nSteps), .nSlots = 0};
    launch(expertRowsKernel<type>, gridOf(nPairs, args),
           dim3(static_cast<unsigned>(32 * nTiles * plan.nSplits)), 0, on, args, plan);
}

template <DType type>
void launchMixFor(const ExpertRowsArgs& args, const LaunchStream& on) {
    ExpertPlan plan{.nSteps = static_cast<int>(stepsOf(args.nCols)),
                    .nSplits = 0,
                    .nSlots = std::min(args.nUsed, kMixParts)};
    plan.nSplits = std::min(kMixParts / plan.nSlots, plan.nSteps);
    launch(expertMixKernel<type>, gridOf(args.nTokens, args),
           dim3(static_cast<unsigned>(32 * 2 * plan.nSlots * plan.nSplits)), 0, on, args, plan);
}

template <DType type>
void launchFor(const ExpertRowsArgs& args, const LaunchStream& on) {
    if (args.epilogue == ExpertEpilogue::Mix) return launchMixFor<type>(args, on);
    launchRowsFor<type>(args, on);
}

void checkArgs(const ExpertRowsArgs& args, int nMatrices) {
    SOTTO_CHECK(args.nTokens >= 1 && args.nTokens <= kMaxRowTokens);
    SOTTO_CHECK(args.nUsed >= 1 && args.nUsed <= kMaxExpertsUsed);
    SOTTO_CHECK(args.chosen.experts != nullptr);
    if (args.epilogue == ExpertEpilogue::Mix)
        SOTTO_CHECK(args.isPerPair && args.chosen.weights != nullptr);
    for (int index = 0; index < nMatrices; ++index) {
        const RowsMatrix& matrix = args.matrices[index];
        SOTTO_CHECK(recordBytes(matrix.type) != 0 && activationKindOf(matrix.type) == args.x.kind);
        SOTTO_CHECK(matrix.nRows % kExpertRowUnit == 0 && matrix.bias == nullptr &&
                    matrix.nRows == args.matrices[0].nRows);
    }
}

static_assert(kExpertRowUnit == kPanelRows, "a panel belongs to one expert");

}  // namespace

void launchExpertRows(const ExpertRowsArgs& args, const LaunchStream& on) {
    const bool isGlu = args.epilogue == ExpertEpilogue::Glu;
    checkArgs(args, isGlu ? 2 : 1);
    ExpertRowsArgs own = args;
    own.matrices[0].isAccumulating = args.epilogue == ExpertEpilogue::Mix;
    if (isGlu && args.matrices[0].type != args.matrices[1].type)
        return launchRowsFor<kMixed>(own, on);
    switch (args.matrices[0].type) {
        case DType::Q8_0: return launchFor<DType::Q8_0>(own, on);
        case DType::Q4_0: return launchFor<DType::Q4_0>(own, on);
        case DType::Q4_1: return launchFor<DType::Q4_1>(own, on);
        case DType::Q5_0: return launchFor<DType::Q5_0>(own, on);
        case DType::Q5_1: return launchFor<DType::Q5_1>(own, on);
        case DType::Q4_K: return launchFor<DType::Q4_K>(own, on);
        case DType::Q5_K: return launchFor<DType::Q5_K>(own, on);
        case DType::Q6_K: return launchFor<DType::Q6_K>(own, on);
        case DType::F16: return launchFor<DType::F16>(own, on);
        case DType::BF16: return launchFor<DType::BF16>(own, on);
        case DType::F32:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(own.matrices[0].type, "expert_rows");
}

}  // namespace sotto::cuda
