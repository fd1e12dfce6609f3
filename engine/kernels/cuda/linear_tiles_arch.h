// What linear_tiles does differently by architecture.
//
// kMinsByMma: Q4_K's and Q5_K's minimums, sum over groups of min * (sum of activations), as two
// bf16 mma per 256 columns instead of one multiply-add per result and group. Right where bf16 mma
// cost no more than int8 mma of the same size in bytes and float lanes are what runs out: the data
// centre's chips (measured in issue slots: linear_tiles.cu). Their GeForce relatives have a quarter
// of the bf16 rate, sm_75 none, and time for the multiply-adds while the int8 mma run. Q4_1's and
// Q5_1's minimums are halves, which bf16 does not hold: multiply-adds everywhere.
#pragma once

namespace sotto::cuda {

#if defined(__CUDA_ARCH__)
inline constexpr bool kMinsByMma =
    __CUDA_ARCH__ == 800 || (__CUDA_ARCH__ >= 900 && __CUDA_ARCH__ < 1200);
#elif defined(SOTTO_SIMT_MINS_BY_FMA)
inline constexpr bool kMinsByMma = false;
#else
inline constexpr bool kMinsByMma = true;
#endif

}  // namespace sotto::cuda
