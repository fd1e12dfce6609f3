// out[token, row] = sum over columns of W[row, column] * x[token, column], for 1 to 8 tokens, with
// everything around it: bias, norm of the input, rotation and cache, GLU, residual, next input.
//
// One block per panel of 32 rows (Glu: of both matrices). Warp w takes row tile w % nTiles and
// steps w / nTiles, + nSplits, ...; the warps' sums meet in shared memory and are added in order of
// the split. That order does not depend on the number of tokens, nor does the order within a warp
// (linear_rows_sum.cuh), so a row's bits do not either.
// Bytes moved: each record once (the roof), activations from L1/L2. Instructions per weight byte
// are in README.md, "linear_rows: instruction budget".
// Programmatic launch: the next kernel is let in first of all, so that its blocks fill what the
// last of these leave free, and the first record is on its way before the kernel before has ended.
#include "engine/kernels/cuda/linear_rows.h"

#include <cuda_runtime.h>

#include "base/check.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/vector_load.h"
#include "engine/kernels/cuda/linear_rows_config.h"
#include "engine/kernels/cuda/linear_rows_epilogue.cuh"
#include "engine/kernels/cuda/linear_rows_types.cuh"

namespace sotto::cuda {
namespace {

constexpr int kMaxThreads = 32 * kMaxRowWarps;
// Two tiles of a panel and at least one split each.
constexpr int kMaxPartials = kMaxRowWarps / 2;

struct RowsPlan {
    int nSteps;
    int nSplits;
    int nTiles;  // of one block: 2, for Glu 4
};

// What one warp of one block has to do.
struct RowsPlace {
    RowsPanel work;
    int lane, warp;
    int tile;   // row tile of the block: 0, 1, and for Glu 2, 3 of the second matrix
    int split;  // share of the steps
};

__device__ __forceinline__ RowsPlace placeOf(const LinearRowsArgs& args, unsigned block,
                                             unsigned thread) {
    const bool isGlu = args.epilogue == RowsEpilogue::Glu;
    const int warp = static_cast<int>(thread / 32);
    const int tileBits = isGlu ? 2 : 1;
    int panel = static_cast<int>(block);
    int matrix = 0;
    while (!isGlu && matrix + 1 < args.nMatrices) {
        const int nPanels = (args.matrices[matrix].nRows + kPanelRows - 1) / kPanelRows;
        if (panel < nPanels) break;
        panel -= nPanels;
        ++matrix;
    }
    return {.work = {matrix, panel},
            .lane = static_cast<int>(thread % 32),
            .warp = warp,
            .tile = warp & ((1 << tileBits) - 1),
            .split = warp >> tileBits};
}

// What the splits found for one row and token, added in order.
__device__ __forceinline__ float addSplits(const float* partials, int nSplits, int stride,
                                           int token) {
    return addParts(partials + token * kPartialStride + static_cast<int>(threadIdx.x) % 32, nSplits,
                    stride);
}

// Everything after the sums.
__device__ __forceinline__ void finishPanel(const LinearRowsArgs& args, const RowsPlace& place,
                                            const RowsPlan& plan, const float* partials,
                                            const float* normFactors) {
    const RowsPanel& work = place.work;
    const int nWarps = plan.nSplits * plan.nTiles;
    const int splitStride = plan.nTiles / 2 * kPartialFloats;
    const bool isGlu = args.epilogue == RowsEpilogue::Glu;
    for (int token = place.warp; token < args.nTokens; token += nWarps) {
        const float factor = normFactors[token];
        const float value = addSplits(partials, plan.nSplits, splitStride, token) * factor;
        if (isGlu) {
            const float up =
                addSplits(partials + kPartialFloats, plan.nSplits, splitStride, token) * factor;
            finishGlu(args, work.panel, token, value, up);
        } else if (args.epilogue == RowsEpilogue::Residual) {
            finishResidual(args, work.panel, token, value);
        } else {
            storeRow(args.matrices[work.matrix], work.panel * kPanelRows + place.lane, token,
                     value);
        }
    }
    if (args.epilogue == RowsEpilogue::RopeStore) finishHeads(args, work, nWarps);
}

// Asks L2 for the records that the next launch begins with: between the last loads of this one and
// the first of the next the memory would stand still. One tile per warp of the grid, 32 bytes per
// lane: a sector of L2, so that it does not matter how much of a line the card fetches at once.
// From sm_90 on the next launch's own blocks ask for them.
__device__ __forceinline__ void askAhead([[maybe_unused]] const LinearRowsArgs& args,
                                         [[maybe_unused]] const RowsPlace& place,
                                         [[maybe_unused]] const RowsPlan& plan) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ < 900
    constexpr int kSectorBytes = 32;
    const int nWarps = plan.nSplits * plan.nTiles;
#pragma unroll
    for (const RowsAhead& next : args.ahead) {
        for (int tile = static_cast<int>(blockIdx.x) * nWarps + place.warp; tile < next.nTiles;
             tile += static_cast<int>(gridDim.x) * nWarps) {
            const std::byte* const first = next.records + tile * next.tileBytes;
            for (int at = kSectorBytes * place.lane; at < next.firstBytes; at += 32 * kSectorBytes)
                prefetchL2(first + at);
        }
    }
#endif
}

template <DType type, int kTokens>
__global__ void __launch_bounds__(kMaxThreads)
    linearRowsKernel(const __grid_constant__ LinearRowsArgs args, RowsPlan plan) {
    SOTTO_SHARED(float[kMaxPartials * kPartialFloats], partials);
    SOTTO_SHARED(float[kTileTokens], normFactors);
    // Before gridDependencyWait() only weights are read and nothing is written, here and in the
    // next kernel, which therefore may begin at any time.
    gridDependencyLaunch();
    float results[4] = {};
    {
        const RowsPlace place = placeOf(args, blockIdx.x, threadIdx.x);
        const int matrix = args.epilogue == RowsEpilogue::Glu ? place.tile / 2 : place.work.matrix;
        const auto findNorms = [&] {
            for (int token = place.warp; token < args.nTokens;
                 token += plan.nSplits * plan.nTiles) {
                const float factor = pendingNorm(args.x, token);
                if (place.lane == 0) normFactors[token] = factor;
            }
        };
        sumAnyRows<type, kTokens>(results, {args.x, args.nTokens}, args.matrices[matrix],
                                  place.work.panel * 2 + place.tile % 2,
                                  WarpSteps{.tile = nullptr,
                                            .nSteps = plan.nSteps,
                                            .first = place.split,
                                            .stride = plan.nSplits},
                                  findNorms);
    }

    // Computed anew: the loop needs the registers.
    const RowsPlace place = placeOf(args, forgotten(blockIdx.x), forgotten(threadIdx.x));
    askAhead(args, place, plan);
    const int splitStride = plan.nTiles / 2 * kPartialFloats;
    const int t = place.lane % 4;
    float* const own = partials + place.split * splitStride + place.tile / 2 * kPartialFloats +
                       2 * t * kPartialStride + place.tile % 2 * kTileRows + place.lane / 4;
    // The lane's two tokens; with fewer than eight columns some lanes have the same.
    if (2 * t < kTokens) {
        own[0] = results[0];
        own[kPartialStride] = results[1];
        own[8] = results[2];
        own[kPartialStride + 8] = results[3];
    }
    __syncthreads();
    finishPanel(args, place, plan, partials, normFactors);
}

template <DType type, int kTokens>
void launchRowsFor(const LinearRowsArgs& args, const LaunchStream& on) {
    const bool isGlu = args.epilogue == RowsEpilogue::Glu;
    std::int64_t nPanels = 0;
    for (int matrix = 0; matrix < (isGlu ? 1 : args.nMatrices); ++matrix)
        nPanels += panelsOf(args.matrices[matrix].nRows);
    RowsPlan plan{
        .nSteps = static_cast<int>(stepsOf(args.nCols)), .nSplits = 0, .nTiles = isGlu ? 4 : 2};
    plan.nSplits = rowSplits(nPanels, plan.nTiles, plan.nSteps);
    launch(linearRowsKernel<type, kTokens>, dim3(static_cast<unsigned>(nPanels)),
           dim3(static_cast<unsigned>(32 * plan.nSplits * plan.nTiles)), 0, on, args, plan);
}

template <DType type>
void launchRowsOf(const LinearRowsArgs& args, const LaunchStream& on) {
    if constexpr (RecordLayout<type>::kIsFloat) {
        launchRowsFor<type, 8>(args, on);
    } else {
        if (args.nTokens == 1) return launchRowsFor<type, 1>(args, on);
        if (args.nTokens <= 4) return launchRowsFor<type, 4>(args, on);
        launchRowsFor<type, 8>(args, on);
    }
}

DType commonType(const LinearRowsArgs& args) {
    for (int matrix = 1; matrix < args.nMatrices; ++matrix)
        if (args.matrices[matrix].type != args.matrices[0].type) return kMixed;
    return args.matrices[0].type;
}

}  // namespace

void launchLinearRows(const LinearRowsArgs& args, const LaunchStream& on) {
    SOTTO_CHECK(args.nTokens >= 1 && args.nTokens <= kMaxRowTokens);
    SOTTO_CHECK(args.nMatrices >= 1 && args.nMatrices <= kMaxRowMatrices);
    for (int matrix = 0; matrix < args.nMatrices; ++matrix)
        SOTTO_CHECK(recordBytes(args.matrices[matrix].type) != 0 &&
                    activationKindOf(args.matrices[matrix].type) == args.x.kind);
    switch (commonType(args)) {
        case DType::Q8_0: return launchRowsOf<DType::Q8_0>(args, on);
        case DType::Q4_0: return launchRowsOf<DType::Q4_0>(args, on);
        case DType::Q4_1: return launchRowsOf<DType::Q4_1>(args, on);
        case DType::Q5_0: return launchRowsOf<DType::Q5_0>(args, on);
        case DType::Q5_1: return launchRowsOf<DType::Q5_1>(args, on);
        case DType::Q4_K: return launchRowsOf<DType::Q4_K>(args, on);
        case DType::Q5_K: return launchRowsOf<DType::Q5_K>(args, on);
        case DType::Q6_K: return launchRowsOf<DType::Q6_K>(args, on);
        case DType::F16: return launchRowsOf<DType::F16>(args, on);
        case DType::BF16: return launchRowsOf<DType::BF16>(args, on);
        case kMixed: return launchRowsOf<kMixed>(args, on);
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(args.matrices[0].type, "linear_rows");
}

}  // namespace sotto::cuda
