#include "engine/kernels/cuda/cuda_kernels.h"

namespace sotto {

Result<std::unique_ptr<KernelSet>> createCudaKernels(const CudaKernelOptions&) {
    return fail(ErrorCode::Unsupported,
                "This program was built without CUDA; choose the device 'cpu' or 'auto'.");
}

}  // namespace sotto
