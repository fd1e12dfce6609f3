// The orthonormal Hadamard transform of rows that lie in a warp's registers: the fast transform's
// butterflies, between registers of a lane or between lanes.
//
// What is turned, in which blocks and in which order of roundings: engine/tensor/hadamard.h; here
// turnRow() has its bits. It is its own inverse. Device code.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/common/warp.h"

namespace sotto::cuda {

// Rows that are rotated are whole groups of 32, so that this is at least 32.
__device__ __forceinline__ int rotatedBlock(int dim) { return dim & -dim; }

// hadamardScale(), 1 / sqrt(block), to the bit.
__device__ __forceinline__ float rotationFactor(int block) {
    const int log2 = __ffs(block) - 1;
    const float half = __uint_as_float(static_cast<unsigned>(127 - log2 / 2) << 23);
    return log2 % 2 == 0 ? half : half * 0.707106781186547524f;
}

// One step between registers whose numbers differ in kBit.
template <int kBit, int kCount>
__device__ __forceinline__ void turnRegisters(float (&values)[kCount]) {
#pragma unroll
    for (int index = 0; index < kCount; ++index) {
        if ((index & kBit) != 0 || (index | kBit) >= kCount) continue;
        const float low = values[index], high = values[index | kBit];
        values[index] = low + high;
        values[index | kBit] = low - high;
    }
}

// One step between lanes whose numbers differ in kBit, of registers [kBegin, kEnd). All lanes.
template <int kBit, int kBegin, int kEnd, int kCount>
__device__ __forceinline__ void turnLanes(float (&values)[kCount]) {
    const bool isHigh = (threadIdx.x & kBit) != 0;
#pragma unroll
    for (int index = kBegin; index < kEnd; ++index) {
        const float other = __shfl_xor_sync(kAllLanes, values[index], kBit);
        values[index] = isHigh ? other - values[index] : values[index] + other;
    }
}

// A row of `dim` elements of which lane i holds i, i + 32, ...: whole groups of 32, registers past
// the end are left as they are. All lanes; blockDim.x is a multiple of 32.
template <int kCount>
__device__ __forceinline__ void turnRow(int dim, float (&values)[kCount]) {
    const int block = rotatedBlock(dim);
    turnLanes<1, 0, kCount>(values);
    turnLanes<2, 0, kCount>(values);
    turnLanes<4, 0, kCount>(values);
    turnLanes<8, 0, kCount>(values);
    turnLanes<16, 0, kCount>(values);
    if (block >= 64) turnRegisters<1>(values);
    if (block >= 128) turnRegisters<2>(values);
    if (block >= 256) turnRegisters<4>(values);
    if (block >= 512) turnRegisters<8>(values);
    const float factor = rotationFactor(block);
#pragma unroll
    for (int index = 0; index < kCount; ++index) values[index] *= factor;
}

}  // namespace sotto::cuda
