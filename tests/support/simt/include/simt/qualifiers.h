// CUDA's qualifiers and built-in variables for the host compiler.
//
// There is no __shared__: SOTTO_SHARED (engine/kernels/cuda/common/launch.h) gives each block its
// own variables, poisoned and guarded.
#pragma once

#include <memory>  // spells the attribute below by the name of the macro, so it has to come first

#include "simt/block.h"

#define __host__
#define __device__
#define __global__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __grid_constant__
#define __align__(bytes) alignas(bytes)
#ifndef __restrict__
#define __restrict__ __restrict
#endif

#define threadIdx (simt::currentThread->threadIdx)
#define blockIdx (simt::currentBlock->blockIdx)
#define blockDim (simt::currentBlock->blockDim)
#define gridDim (simt::currentBlock->gridDim)
#define warpSize (32)
