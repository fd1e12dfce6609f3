#include "engine/selftest/fast_kernels.h"

#include "engine/kernels/cpu/cpu_kernels.h"

namespace sotto {

std::unique_ptr<KernelSet> createFastKernels(int nThreads) {
    CpuKernelOptions options;
    options.nThreads = nThreads;
    return createCpuKernels(options);
}

}  // namespace sotto
