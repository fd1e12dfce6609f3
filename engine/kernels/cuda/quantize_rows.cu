// Float rows to an ActivationPlane: value = x, x * normWeight, or activation(gate) * x, then
// storeActivation().
//
// One warp per group of 32 columns of one token, eight to a block, so a block covers 256 columns,
// padding included (it is written as zeros). Reads 4 bytes per column and input, writes 1.25
// (Int8), 4.25 or 6.25. Sums are over the lanes of one warp: nothing depends on other rows or
// groups.
#include "engine/kernels/cuda/quantize_rows.h"

#include <cuda_runtime.h>

#include "engine/kernels/cuda/common/activation_store.cuh"
#include "engine/kernels/cuda/common/gate_activation.cuh"
#include "engine/kernels/cuda/common/launch.h"

namespace sotto::cuda {
namespace {

__global__ void __launch_bounds__(kStepCols) quantizeRowsKernel(QuantizeRowsArgs args, int nSteps) {
    gridDependencyWait();
    const int nCols = args.plane.nCols;
    const int token = static_cast<int>(blockIdx.x) / nSteps;
    const int step = static_cast<int>(blockIdx.x) % nSteps;
    const int col = step * kStepCols + static_cast<int>(threadIdx.x);
    const int group = col / kGroupCols;
    float raw = 0.0f;
    float value = 0.0f;
    if (col < nCols) {
        const std::int64_t index = static_cast<std::int64_t>(token) * nCols + col;
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
    launch(quantizeRowsKernel, dim3(static_cast<unsigned>(args.nTokens * nSteps)), dim3(kStepCols),
           0, on, args, static_cast<int>(nSteps));
}

}  // namespace sotto::cuda
