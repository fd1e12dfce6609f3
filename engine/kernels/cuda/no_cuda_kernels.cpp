#include "engine/kernels/cuda/cuda_kernels.h"

namespace sotto {

std::span<const std::int32_t> tileTokens() { return {}; }

Result<std::unique_ptr<KernelSet>> createCudaKernels(const CudaKernelOptions&) {
    return fail(ErrorCode::Unsupported,
                "This program was built without CUDA; choose the device 'cpu' or 'auto'.");
}

}  // namespace sotto
