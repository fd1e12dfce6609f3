// What the CUDA set takes on any card, without opening one: for the model list, where a context per
// file would cost seconds and the card's memory.
//
// cuda_sizes.cpp where a toolkit was found at configure time, no_cuda_sizes.cpp otherwise. Pure.
#pragma once

#include "base/result.h"
#include "engine/kernels/kernel_sizes.h"

namespace sotto {

// Errors: Unsupported (built without CUDA).
Result<KernelSizes> cudaKernelSizes();

// KernelSet::scratchBytes() of the CUDA set; only where it was built.
std::uint64_t cudaScratchBytes(const KernelLimits& limits);

}  // namespace sotto
