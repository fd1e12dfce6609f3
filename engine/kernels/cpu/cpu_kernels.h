// The fast KernelSet on the processor: int8 activations against packed weights, chosen at run time
// by CPU feature, spread over a pool of threads.
//
// Ownership: the set owns its scratch, and its pool alone or with others. Threads: one caller.
// Results do not depend on the number of threads, nor a row's on the other rows of its batch.
#pragma once

#include <memory>
#include <optional>

#include "base/cpu_features.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/kernels/kernel_set.h"
#include "engine/kernels/kernel_sizes.h"

namespace sotto {

struct CpuKernelOptions {
    int nThreads = 0;                       // the caller included; 0: CpuInfo::defaultThreads()
    std::optional<Isa> isa = std::nullopt;  // the best one of this machine unless said
    // Of another set that the same thread calls, so that the threads of one do not wait for work
    // where the other's have some; null: its own.
    std::shared_ptr<ThreadPool> pool = nullptr;
};

// An `isa` that this machine or build lacks is replaced by the best one it has; name() tells.
std::unique_ptr<KernelSet> createCpuKernels(const CpuKernelOptions& options);

// What a set of so many threads (as in the options) takes, asked without starting them.
KernelSizes cpuKernelSizes(int nThreads);

}  // namespace sotto
