// What the CUDA set takes on any card, without opening one: for the model list, where a context per
// file would cost seconds and the card's memory.
//
// cuda_sizes.cpp where a toolkit was found at configure time, no_cuda_sizes.cpp otherwise. Pure.
#pragma once

#include "base/result.h"
#include "engine/device/product_choice.h"
#include "engine/kernels/kernel_sizes.h"

namespace sotto {

// Errors: Unsupported (built without CUDA).
Result<KernelSizes> cudaKernelSizes(ProductPath products = ProductPath::Own);

// KernelSet::scratchBytes() of the CUDA set, with cuBLAS's where products are not our Own; only
// where it was built.
std::uint64_t cudaScratchBytes(const KernelLimits& limits, ProductPath products);

}  // namespace sotto
