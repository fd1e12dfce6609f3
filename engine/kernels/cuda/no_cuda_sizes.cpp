#include "engine/kernels/cuda/cuda_sizes.h"

namespace sotto {

ProductPath productsHere(ProductPath) { return ProductPath::Own; }

Result<KernelSizes> cudaKernelSizes(ProductPath) {
    return fail(ErrorCode::Unsupported,
                "This program was built without CUDA; choose the device 'cpu' or 'auto'.");
}

}  // namespace sotto
