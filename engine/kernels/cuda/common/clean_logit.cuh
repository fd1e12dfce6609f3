// cleanLogit() of engine/token/sampling_steps on the device.
#pragma once

#include <cfloat>
#include <cmath>

#include <cuda_runtime.h>

namespace sotto::cuda {

// NaN becomes -infinity, +infinity the largest float.
__device__ __forceinline__ float cleanLogit(float logit) {
    return isnan(logit) ? -INFINITY : fminf(logit, FLT_MAX);
}

}  // namespace sotto::cuda
