// Float rows to an ActivationPlane: value = x, x * normWeight, or activation(gate) * x, then
// storeActivation().
//
// One warp per group of 32 columns of one token, eight to a block, so a block covers 256 columns,
// padding included (it is written as zeros). Reads 4 bytes per column and input, writes 1.25
// (Int8), 4.25 or 6.25. Sums are over the lanes of one warp: nothing depends on other rows or
// groups. Rows of slots (expert_slots.h) differ in where they come from and in that empty ones are
// left out.
#include "engine/kernels/cuda/quantize_rows.h"

#include <cuda_runtime.h>

#include "engine/kernels/cuda/common/activation_store.cuh"
#include "engine/kernels/cuda/common/gate_activation.cuh"
#include "engine/kernels/cuda/common/launch.h"

namespace sotto::cuda {
namespace {

template <bool kHasSlots>
__global__ void __launch_bounds__(kStepCols) quantizeRowsKernel(QuantizeRowsArgs args, int nSteps) {
    gridDependencyWait();
    const int nCols = args.plane.nCols;
    const int token = static_cast<int>(blockIdx.x) / nSteps;
    int row = token;  // of the inputs
    if constexpr (kHasSlots) {
        const int pair = args.pairOfSlot[token];
        if (pair < 0) return;  // the whole block alike
        if (args.pairsPerRow > 0) row = pair / args.pairsPerRow;
    }
    const int step = static_cast<int>(blockIdx.x) % nSteps;
    const int col = step * kStepCols + static_cast<int>(threadIdx.x);
    const int group = col / kGroupCols;
    float raw = 0.0f;
    float value = 0.0f;
    if (col < nCols) {
        const std::int64_t index = static_cast<std::int64_t>(row) * nCols + col;
        raw = args.x[index];
        value = args.normWeight != nullptr ? raw * args.normWeight[col] : raw;
        if (args.gate != nullptr) value *= gateActivation(args.isGelu, args.gate[index]);
    }
    storeActivation(args.plane, token, group, value, raw);
    gridDependencyLaunch();
}

}  // namespace

void launchQuantizeRows(const QuantizeRowsArgs& args, const LaunchStream& on) {
    if (args.nTokens == 0) return;
    const std::int64_t nSteps = stepsOf(args.plane.nCols);
    const dim3 grid(static_cast<unsigned>(args.nTokens * nSteps));
    if (args.pairOfSlot == nullptr)
        launch(quantizeRowsKernel<false>, grid, dim3(kStepCols), 0, on, args,
               static_cast<int>(nSteps));
    else
        launch(quantizeRowsKernel<true>, grid, dim3(kStepCols), 0, on, args,
               static_cast<int>(nSteps));
}

}  // namespace sotto::cuda
