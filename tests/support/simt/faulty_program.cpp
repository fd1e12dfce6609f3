// A program with one wrong kernel per name, for memory_test: it is expected to die.
#include <cstdio>
#include <string>
#include <vector>

#include "engine/kernels/cuda/common/launch.h"
#include "tests/support/simt/control.h"

using sotto::cuda::launch;
using sotto::cuda::LaunchStream;

namespace {

constexpr int kThreads = 64;

__global__ void divergentKernel(int* out) {
    if (threadIdx.x < 32) __syncthreads();
    out[threadIdx.x] = 1;
    __syncthreads();
}

__global__ void dynamicSharedKernel(int* out) {
    SOTTO_DYNAMIC_SHARED(int, shared);
    shared[threadIdx.x + 1] = 1;  // the last thread's is one too far
    out[threadIdx.x] = shared[threadIdx.x];
}

// Through a pointer, so that no bound is known to the compiler.
template <class T>
__global__ void staticSharedKernel(T* out) {
    SOTTO_SHARED(T[kThreads], shared);
    T* volatile pointer = shared;
    pointer[threadIdx.x + 1] = 1;
    __syncthreads();
    out[threadIdx.x] = pointer[threadIdx.x];
}

__global__ void deviceMemoryKernel(int* out) { out[threadIdx.x + 1] = 1; }

__global__ void writeKernel(int* out) { out[threadIdx.x] = 7; }

__global__ void localKernel(int* out) {
    int own[4] = {};
    int* volatile pointer = own;
    pointer[threadIdx.x % 5] = 1;
    out[threadIdx.x] = pointer[threadIdx.x % 4];
}

}  // namespace

int main(int argc, char** argv) {
    const std::string name = argc > 1 ? argv[1] : "";
    int* memory = nullptr;
    cudaMalloc(&memory, kThreads * sizeof(int));
    const auto run = [&](void (*kernel)(int*), std::size_t sharedBytes) {
        launch(kernel, dim3(1), dim3(kThreads), sharedBytes, LaunchStream{}, memory);
    };
    if (name == "divergent") run(divergentKernel, 0);
    if (name == "dynamic") run(dynamicSharedKernel, kThreads * sizeof(int));
    if (name == "static") run(staticSharedKernel<int>, 0);
    if (name == "device") run(deviceMemoryKernel, 0);
    if (name == "local") run(localKernel, 0);
    if (name == "followed") {
        simt::hideDeviceMemory();
        cudaMalloc(&memory, kThreads * sizeof(int));
        cudaMemset(memory, 1, kThreads * sizeof(int));
        run(writeKernel, 0);
        int copy = 0;
        cudaMemcpy(&copy, memory, sizeof(int), cudaMemcpyDeviceToHost);
        std::fprintf(stderr, "the device wrote %d\n", copy);
        std::printf("the host reads %d\n", *static_cast<volatile int*>(memory));
    }
    if (name == "freed") {
        cudaFree(memory);
        run(deviceMemoryKernel, 0);
    }
    std::puts("survived");
    return 0;
}
