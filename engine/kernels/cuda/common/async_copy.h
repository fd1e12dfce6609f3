// Copies of 16 bytes from global to shared memory that overlap with computing.
//
// copyAsync16() any number of times, copyAsyncCommit() closes the group; copyAsyncWait<n>() waits
// until at most the n last groups are still on their way, for the calling thread's own copies:
// __syncthreads() afterwards makes them visible to the block. Both addresses are multiples of 16.
// Below sm_80 a copy is a load and a store, done at once. Source: PTX ISA, "cp.async".
#pragma once

#include <cuda_runtime.h>

#ifndef __CUDACC__
#include <cstdint>

#include "simt/async_copies.h"
#include "simt/block.h"
#endif

namespace sotto::cuda {

__device__ __forceinline__ void copyAsync16(void* shared, const void* global) {
#if defined(__CUDACC__) && __CUDA_ARCH__ >= 800
    const auto address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(global)
                 : "memory");
#elif defined(__CUDACC__)
    *static_cast<uint4*>(shared) = *static_cast<const uint4*>(global);
#else
    if ((reinterpret_cast<std::uintptr_t>(shared) | reinterpret_cast<std::uintptr_t>(global)) % 16)
        simt::fail("an asynchronous copy between addresses that are not multiples of 16");
    simt::startAsyncCopy(shared, global, 16);
#endif
}

__device__ __forceinline__ void copyAsyncCommit() {
#if defined(__CUDACC__) && __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#elif !defined(__CUDACC__)
    simt::commitAsyncCopies();
#endif
}

template <int kPendingGroups>
__device__ __forceinline__ void copyAsyncWait() {
#if defined(__CUDACC__) && __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(kPendingGroups) : "memory");
#elif !defined(__CUDACC__)
    simt::awaitAsyncCopies(kPendingGroups);
#endif
}

}  // namespace sotto::cuda
