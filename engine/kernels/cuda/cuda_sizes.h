// What the CUDA set takes on any card, without opening one: for the model list, where a context per
// file would cost seconds and the card's memory.
//
// cuda_sizes.cpp where a toolkit was found at configure time, no_cuda_sizes.cpp otherwise. Pure.
#pragma once

#include <algorithm>

#include "base/result.h"
#include "engine/device/product_choice.h"
#include "engine/kernels/kernel_sizes.h"

namespace sotto {

// Errors: Unsupported (built without CUDA).
Result<KernelSizes> cudaKernelSizes(ProductPath products = ProductPath::Own);

// What comes of this wish here: Own where there is no cuBLAS.
ProductPath productsHere(ProductPath wanted);

// What must stay free of a card of `totalBytes` beside a plan, because nobody can count it before:
// the code of kernels, which the driver loads when they are first launched, recordings of steps,
// and what the driver keeps for itself.
constexpr std::uint64_t cudaMarginBytes(std::uint64_t totalBytes) {
    constexpr std::uint64_t kLeast = std::uint64_t{256} << 20;
    return std::max(kLeast, totalBytes / 50);
}

// KernelSet::scratchBytes() of the CUDA set, with cuBLAS's where products are not our Own; only
// where it was built.
std::uint64_t cudaScratchBytes(const KernelLimits& limits, ProductPath products);

}  // namespace sotto
