// 16-byte loads from global memory with a say in what the caches keep.
//
// Weights are read once per step and are larger than any cache: they pass L1 by and leave L2 first,
// so that activations and the KV cache's ends stay there. Addresses are multiples of 16. Source:
// PTX ISA, "ld", cache eviction priorities (L1: sm_70, PTX 7.4; L2 prefetch size: sm_75).
//
// Rule for all kernels: no .nc and no __ldg on anything that a kernel before may have written.
// What is read that way counts as constant, so ptxas moves it over griddepcontrol.wait, in both
// directions: behind it, and loads that were to be on their way while the kernel before ends are
// not; or before it, and what that kernel writes is read too early. Plain loads stay on their side
// (tests/gates/cuda_sass.py). So nothing but loadCached() may, for weights that are read behind the
// wait. The emulator reports both of the loads below where they read device memory that no
// noteWeights() has named.
#pragma once

#include <cstddef>

#include <cuda_runtime.h>

#ifndef __CUDACC__
#include <cstdint>

#include "simt/block.h"
#endif

namespace sotto::cuda {

#ifndef __CUDACC__
inline uint4 loadWeights16(const void* address) {
    if (reinterpret_cast<std::uintptr_t>(address) % 16 != 0)
        simt::fail("a 16-byte load from an address that is not a multiple of 16");
    simt::checkReadOnly(address, sizeof(uint4));
    return *static_cast<const uint4*>(address);
}
#endif

// On the host: from now on this memory holds weights, which no kernel writes once they are there.
inline void noteWeights([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#ifndef __CUDACC__
    simt::markReadOnly(memory, bytes);
#endif
}

// Read once: weights.
__device__ __forceinline__ uint4 loadStreaming(const void* address) {
#ifdef __CUDACC__
    uint4 value;
    // The policy operand (createpolicy, sm_80) is loop-invariant: the compiler keeps it in two
    // registers.
#if __CUDA_ARCH__ >= 800
    asm volatile(
        "{\n"
        ".reg .b64 policy;\n"
        "createpolicy.fractional.L2::evict_first.b64 policy, 1.0;\n"
        "ld.global.L1::no_allocate.L2::cache_hint.v4.u32 {%0, %1, %2, %3}, [%4], policy;\n"
        "}"
        : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
        : "l"(address));
#else
    asm volatile("ld.global.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
                 : "l"(address));
#endif
    return value;
#else
    return loadWeights16(address);
#endif
}

// Weights that many blocks read. As constants, because with plain loads linear_tiles spills on
// sm_120.
__device__ __forceinline__ uint4 loadCached(const void* address) {
#ifdef __CUDACC__
    return __ldg(static_cast<const uint4*>(address));
#else
    return loadWeights16(address);
#endif
}

// Asks for the line that holds this address, of weights.
__device__ __forceinline__ void prefetchL2(const void* address) {
#ifdef __CUDACC__
    asm volatile("prefetch.global.L2 [%0];" ::"l"(address));
#else
    simt::notePrefetch(address);
#endif
}

}  // namespace sotto::cuda
