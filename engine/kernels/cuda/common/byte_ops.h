// Bytes and bits within 32-bit words: the few instructions that decoding weights comes down to.
//
// Device code.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace sotto::cuda {

// One shift instruction (SHF with both halves the same register).
template <int nBits>
__device__ __forceinline__ std::uint32_t turnRight(std::uint32_t word) {
    static_assert(0 <= nBits && nBits < 32);
    if constexpr (nBits == 0) return word;
    return word >> nBits | word << ((32 - nBits) & 31);
}

// The half in the low 16 bits of `bits`.
__device__ __forceinline__ float halfBitsToFloat(std::uint32_t bits) {
    return __half2float(__ushort_as_half(static_cast<unsigned short>(bits)));
}

template <int index>
__device__ __forceinline__ std::uint32_t wordOf(const uint4& words) {
    if constexpr (index == 0) return words.x;
    if constexpr (index == 1) return words.y;
    if constexpr (index == 2) return words.z;
    return words.w;
}

// A byte put into a float's lowest bits by PRMT, as 2^23 + byte: one instruction instead of a
// conversion, which has a fraction of its rate.
inline constexpr float kByteBias = 8388608.0f;

// The same value, but the compiler does not know: what is computed from it is computed anew instead
// of being kept in registers across a loop.
__device__ __forceinline__ unsigned forgotten(unsigned value) {
#ifdef __CUDACC__
    asm volatile("" : "+r"(value));
#endif
    return value;
}
template <class T>
__device__ __forceinline__ const T* forgotten(const T* pointer) {
#ifdef __CUDACC__
    asm volatile("" : "+l"(pointer));
#endif
    return pointer;
}

}  // namespace sotto::cuda
