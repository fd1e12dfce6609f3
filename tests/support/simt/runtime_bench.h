// RuntimeBench: device memory, pinned memory and two streams, for the tests of the emulated
// runtime.
//
// Every value of the device memory is 1 at first. In its own anonymous namespace per test program.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engine/kernels/cuda/common/launch.h"

namespace {

using sotto::cuda::launch;
using sotto::cuda::LaunchStream;

__global__ void addKernel(int* values, int term) { values[threadIdx.x] += term; }
__global__ void multiplyKernel(int* values, int factor) { values[threadIdx.x] *= factor; }

constexpr int kCount = 32;
constexpr std::size_t kBytes = kCount * sizeof(int);

struct RuntimeBench {
    int* device = nullptr;
    int* pinned = nullptr;
    cudaStream_t stream = nullptr;
    cudaStream_t other = nullptr;

    RuntimeBench() {
        cudaMalloc(&device, kBytes);
        cudaMallocHost(&pinned, kBytes);
        cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
        cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
        std::fill(pinned, pinned + kCount, 1);
        cudaMemcpy(device, pinned, kBytes, cudaMemcpyHostToDevice);
    }
    ~RuntimeBench() {
        cudaStreamDestroy(stream);
        cudaStreamDestroy(other);
        cudaFreeHost(pinned);
        cudaFree(device);
    }
    void add(int term, cudaStream_t on) const {
        launch(addKernel, dim3(1), dim3(kCount), 0, LaunchStream{on}, device, term);
    }
    void multiply(int factor, cudaStream_t on) const {
        launch(multiplyKernel, dim3(1), dim3(kCount), 0, LaunchStream{on}, device, factor);
    }
    int value() const {
        int result = 0;
        cudaMemcpy(&result, device, sizeof(int), cudaMemcpyDeviceToHost);
        return result;
    }
};

}  // namespace
