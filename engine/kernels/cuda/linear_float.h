// F32 matrices, row-major as in the file: plain fused multiply-adds, any number of rows.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"

namespace sotto::cuda {

struct LinearFloatArgs {
    const float* x = nullptr;        // [nTokens, nCols]
    const float* weights = nullptr;  // [nRows, nCols]
    const float* bias = nullptr;     // [nRows] or null
    float* out = nullptr;            // [nTokens, nRows]
    std::int64_t nTokens = 0;
    std::int64_t nRows = 0;
    std::int64_t nCols = 0;
    bool isAccumulating = false;
};

void launchLinearFloat(const LinearFloatArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda
