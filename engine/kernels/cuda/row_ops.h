// Row-wise operations that stand alone where they are not fused: RMS norm, GLU, gathering of rows.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

void launchRmsNorm(const RmsNormArgs& args, const LaunchStream& on);
void launchGlu(const GluArgs& args, const LaunchStream& on);

// out[i, :] = x[rowIds[i], :]
struct GatherRowsLaunch {
    const float* x = nullptr;
    const std::int32_t* rowIds = nullptr;  // [nRows] on the device
    float* out = nullptr;                  // [nRows, width]
    std::int64_t nRows = 0;
    std::int64_t width = 0;
};
void launchGatherRows(const GatherRowsLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda
