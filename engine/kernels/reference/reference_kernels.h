// The reference KernelSet: the definition that every other set is judged against.
//
// Slow and obvious on purpose: one thread, double accumulation, weights dequantized row by row,
// activations never quantized. Weights stay where the file is mapped. Threads: one caller.
#pragma once

#include <memory>

#include "engine/kernels/kernel_set.h"

namespace sotto {

std::unique_ptr<KernelSet> createReferenceKernels();

}  // namespace sotto
