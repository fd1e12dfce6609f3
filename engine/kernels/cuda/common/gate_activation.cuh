// activation(gate) of a gated linear unit, in float. Formulas: reference/glu.cpp.
//
// GELU's (1 + tanh u) / 2 is 1 / (1 + exp(-2u)), so that both kinds share one shape and negative
// arguments do not cancel. exp overflows to infinity for strongly negative ones: -0, which is
// right. Device code.
#pragma once

#include <cuda_runtime.h>

namespace sotto::cuda {

__device__ __forceinline__ float gateActivation(bool isGelu, float x) {
    constexpr float kTwiceRootTwoOverPi = 1.5957691216057308f;
    const float exponent = isGelu ? kTwiceRootTwoOverPi * fmaf(0.044715f * x * x, x, x) : x;
    return x / (1.0f + expf(-exponent));
}

}  // namespace sotto::cuda
