// How kernels are started, and what of it differs between nvcc and the host compiler of the tests.
//
// launch(kernel<T>, grid, block, sharedBytes, on, arguments...): `on` is a LaunchStream, all
// template arguments are explicit. Failures stay as the runtime's last error, which
// engine/device/cuda reads once per step. Programmatic dependent launch: CUDA C++ Programming
// Guide, "Programmatic Dependent Launch and Synchronization".
#pragma once

#include <cstddef>
#include <type_traits>

#include <cuda_runtime.h>

#ifndef __CUDACC__
#include <source_location>
#endif

#include "engine/kernels/cuda/launch_stream.h"

namespace sotto::cuda {

// More dynamic shared memory than this is asked for. A block may have 48 KiB without, but those
// hold its static shared memory too: below 8 KiB in every kernel that has dynamic.
inline constexpr std::size_t kSharedWithoutOptIn = 40 * 1024;

// SOTTO_SHARED(T, name): the block's own variable in static shared memory, T an array's type too:
// SOTTO_SHARED(float[32], sums). Under the emulator it is a reference to memory of the block, which
// holds NaN bytes at its begin, so that kernels do not declare __shared__ themselves.

#ifdef __CUDACC__

#define SOTTO_SHARED(T, name) __shared__ std::type_identity_t<T> name

// T* const name: the block's dynamic shared memory, aligned to 16 bytes.
#define SOTTO_DYNAMIC_SHARED(T, name)                                   \
    extern __shared__ __align__(16) unsigned char sottoDynamicShared[]; \
    T* const name = reinterpret_cast<T*>(sottoDynamicShared)

template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t sharedBytes,
            const LaunchStream& on, Arguments&&... arguments) {
    // Asked for at each launch: decode replays captured launches, and prefill's are long.
    if (sharedBytes > kSharedWithoutOptIn &&
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             static_cast<int>(sharedBytes)) != cudaSuccess)
        return;
    cudaLaunchAttribute overlap = {};
    overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    overlap.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config = {};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = sharedBytes;
    config.stream = on.stream;
    config.attrs = &overlap;
    config.numAttrs = on.isProgrammatic ? 1 : 0;
    cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...);
}

// Waits until the kernels that this one depends on have ended and their writes are visible. First
// in every kernel, before it touches what others wrote; nothing where the launch is not
// programmatic.
__device__ __forceinline__ void gridDependencyWait() {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// Lets the next kernel in the stream start its blocks; it still waits for this one's end.
__device__ __forceinline__ void gridDependencyLaunch() {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;");
#endif
}

#else

// The key's address names the declaration, in each instantiation of its function.
#define SOTTO_SHARED(T, name)     \
    static std::byte name##Key{}; \
    auto& name = *static_cast<std::type_identity_t<T>*>(simt::sharedVariable(&name##Key, sizeof(T)))

#define SOTTO_DYNAMIC_SHARED(T, name) \
    T* const name = reinterpret_cast<T*>(simt::currentBlock->dynamicShared)

// Takes the place of `const LaunchStream&`, so that reports name the launching line.
struct LaunchPlace {
    LaunchStream on;
    std::source_location where;

    LaunchPlace(const LaunchStream& stream,
                const std::source_location& line = std::source_location::current())
        : on(stream), where(line) {}
};

template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t sharedBytes,
            const LaunchPlace& place, Arguments&&... arguments) {
    if (sharedBytes > kSharedWithoutOptIn &&
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             static_cast<int>(sharedBytes)) != cudaSuccess)
        return;
    const simt::LaunchShape shape{
        grid, block, sharedBytes, place.on.stream, place.on.isProgrammatic, place.where};
    simt::launchKernel(kernel, shape, static_cast<Parameters>(arguments)...);
}

inline void gridDependencyWait() { simt::dependencyWait(); }
inline void gridDependencyLaunch() { simt::dependencyLaunch(); }

#endif

}  // namespace sotto::cuda
