// LaunchStream: where and how a kernel is started. Every launch function of kernels/cuda takes one.
#pragma once

#include <cuda_runtime_api.h>

namespace sotto::cuda {

struct LaunchStream {
    cudaStream_t stream = nullptr;
    // Programmatic dependent launch (sm_90 and later): the kernel may start while the one before it
    // in the stream drains; it waits with gridDependencyWait() before it touches that one's
    // results.
    bool isProgrammatic = false;
};

}  // namespace sotto::cuda
