// The kernels this machine would generate with, for `doctor` to judge: the program sees the
// selftests but not the kernels themselves.
#pragma once

#include <memory>

#include "engine/kernels/kernel_set.h"

namespace sotto {

// nThreads 0: one per physical core.
std::unique_ptr<KernelSet> createFastKernels(int nThreads);

}  // namespace sotto
