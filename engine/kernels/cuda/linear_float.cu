// out[token, row] = sum over columns of W[row, column] * x[token, column] + bias[row] for float32
// matrices as they lie in the file.
//
// One warp per row, eight rows to a block, which takes up to eight tokens: a row is read once for
// each eight, by blocks that run side by side, so that a router of a hundred rows still occupies a
// card. A lane takes four columns in every 128 (or one in every 32 where rows are not
// aligned to 16 bytes), fused multiply-adds in order of the columns, then a butterfly over the
// lanes: the order depends on nCols and alignment alone, not on the tokens. Bytes moved: the matrix
// once per eight tokens.
//
// Rows that go to experts: one warp per row of the expert's matrix and row of x, otherwise the
// same, so that the bits are those of the expert's matrix alone. It reads a matrix once per row of
// x, what few rows or a matrix that stays in L2 bear; experts of float32 are rare.
#include "engine/kernels/cuda/linear_float.h"

#include <cuda_runtime.h>

#include "base/check.h"
#include "engine/kernels/cuda/common/float_columns.cuh"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {
namespace {

constexpr int kWarps = 8;
constexpr int kTokensAtOnce = 8;

// The dot products of one row with up to eight tokens, in every lane.
template <int kWidth>
__device__ __forceinline__ void dotRow(float (&sums)[kTokensAtOnce], const float* weights,
                                       const float* x, int nCols, int nTokens) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    for (int col = lane * kWidth; col < nCols; col += 32 * kWidth) {
        const FloatColumns<kWidth> w = loadColumns<kWidth>(weights + col);
#pragma unroll
        for (int token = 0; token < kTokensAtOnce; ++token) {
            if (token >= nTokens) continue;
            const FloatColumns<kWidth> v =
                loadColumns<kWidth>(x + static_cast<std::int64_t>(token) * nCols + col);
#pragma unroll
            for (int index = 0; index < kWidth; ++index)
                sums[token] = fmaf(w.values[index], v.values[index], sums[token]);
        }
    }
#pragma unroll
    for (int token = 0; token < kTokensAtOnce; ++token) sums[token] = warpSum(sums[token]);
}

template <int kWidth>
__global__ void __launch_bounds__(32 * kWarps) linearFloatKernel(LinearFloatArgs args) {
    gridDependencyWait();
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const std::int64_t row =
        static_cast<std::int64_t>(blockIdx.x) * kWarps + static_cast<int>(threadIdx.x) / 32;
    if (row >= args.nRows) return;
    const int nCols = static_cast<int>(args.nCols);
    const std::int64_t first = static_cast<std::int64_t>(blockIdx.y) * kTokensAtOnce;
    const int nTokens =
        static_cast<int>(min(args.nTokens - first, static_cast<std::int64_t>(kTokensAtOnce)));
    float sums[kTokensAtOnce] = {};
    dotRow<kWidth>(sums, args.weights + row * nCols, args.x + first * nCols, nCols, nTokens);
#pragma unroll
    for (int token = 0; token < kTokensAtOnce; ++token) {
        // Lane i writes token i: no register array is indexed at run time.
        if (lane != token || token >= nTokens) continue;
        float value = sums[token];
        if (args.bias != nullptr) value += args.bias[row];
        float& out = args.out[(first + token) * args.nRows + row];
        out = args.isAccumulating ? out + value : value;
    }
    gridDependencyLaunch();
}

// Grid: row blocks of eight rows times rows of x.
template <int kWidth>
__global__ void __launch_bounds__(32 * kWarps)
    expertFloatKernel(LinearFloatArgs args, int nRowBlocks) {
    gridDependencyWait();
    gridDependencyLaunch();
    const std::int64_t slot = static_cast<int>(blockIdx.x) / nRowBlocks;
    const std::int64_t row =
        static_cast<std::int64_t>(static_cast<int>(blockIdx.x) % nRowBlocks) * kWarps +
        static_cast<int>(threadIdx.x) / 32;
    if (row >= args.nRows) return;
    const ExpertRowsView& view = args.experts;
    const std::int64_t pair = view.pairOfSlot == nullptr ? slot : view.pairOfSlot[slot];
    if (pair < 0) return;
    const std::int64_t xRow = view.pairsPerRow > 0 ? pair / view.pairsPerRow : slot;
    const std::int64_t matrixRow = view.experts[pair] * args.nRows + row;
    const int nCols = static_cast<int>(args.nCols);
    float sums[kTokensAtOnce] = {};
    dotRow<kWidth>(sums, args.weights + matrixRow * nCols, args.x + xRow * nCols, nCols, 1);
    if (threadIdx.x % 32 != 0) return;
    float& out = args.out[slot * args.nRows + row];
    out = args.isAccumulating ? out + sums[0] : sums[0];
}

template <int kWidth>
void launchWidth(const LinearFloatArgs& args, const LaunchStream& on) {
    const std::int64_t nRowBlocks = (args.nRows + kWarps - 1) / kWarps;
    const std::int64_t nTokenBlocks = (args.nTokens + kTokensAtOnce - 1) / kTokensAtOnce;
    SOTTO_DCHECK(nTokenBlocks < 65536);  // a grid's height
    if (args.experts.experts == nullptr)
        launch(linearFloatKernel<kWidth>,
               dim3(static_cast<unsigned>(nRowBlocks), static_cast<unsigned>(nTokenBlocks)),
               dim3(32 * kWarps), 0, on, args);
    else
        launch(expertFloatKernel<kWidth>, dim3(static_cast<unsigned>(nRowBlocks * args.nTokens)),
               dim3(32 * kWarps), 0, on, args, static_cast<int>(nRowBlocks));
}

}  // namespace

void launchLinearFloat(const LinearFloatArgs& args, const LaunchStream& on) {
    if (args.nRows == 0 || args.nTokens == 0) return;
    SOTTO_DCHECK(args.experts.experts == nullptr || args.bias == nullptr);
    if (args.nCols % 4 == 0 && isAligned16(args.x) && isAligned16(args.weights))
        launchWidth<4>(args, on);
    else
        launchWidth<1>(args, on);
}

}  // namespace sotto::cuda
