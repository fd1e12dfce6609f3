// Sums and maxima over a warp, in a fixed order, so that a result never depends on timing.
//
// An xor butterfly: step 16, 8, 4, 2, 1; every lane gets the same bits, because a + b = b + a also
// in floating point. All 32 lanes take part.
#pragma once

#include <cuda_runtime.h>

namespace sotto::cuda {

inline constexpr unsigned kAllLanes = 0xffffffffu;

// Sum over each group of kLanes consecutive lanes (a power of two up to 32).
template <int kLanes, class T>
__device__ __forceinline__ T groupSum(T value) {
    static_assert(kLanes >= 1 && kLanes <= 32 && (kLanes & (kLanes - 1)) == 0);
#pragma unroll
    for (int step = kLanes / 2; step > 0; step /= 2)
        value += __shfl_xor_sync(kAllLanes, value, step);
    return value;
}

// Maximum over each group of kLanes consecutive lanes.
template <int kLanes, class T>
__device__ __forceinline__ T groupMax(T value) {
    static_assert(kLanes >= 1 && kLanes <= 32 && (kLanes & (kLanes - 1)) == 0);
#pragma unroll
    for (int step = kLanes / 2; step > 0; step /= 2)
        value = max(value, __shfl_xor_sync(kAllLanes, value, step));
    return value;
}

template <class T>
__device__ __forceinline__ T warpSum(T value) {
    return groupSum<32>(value);
}

template <class T>
__device__ __forceinline__ T warpMax(T value) {
    return groupMax<32>(value);
}

// warpMax() of unsigned numbers, by one instruction where there is one.
__device__ __forceinline__ unsigned warpMaxUnsigned(unsigned value) {
#if defined(__CUDACC__) && __CUDA_ARCH__ >= 800
    return __reduce_max_sync(kAllLanes, value);
#else
    return warpMax(value);
#endif
}

}  // namespace sotto::cuda
