// Which KernelSets serve an engine: the one place that knows all of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/kernels/kernel_set.h"

namespace sotto {

// The sets a model may be put on, in the order of its layers: the processor's, then the card's.
struct KernelChoices {
    std::unique_ptr<KernelSet> processor;
    std::unique_ptr<KernelSet> card;   // null: none is used
    std::string cardNote;              // why none is used although one might be expected
    std::string cardId;                // "cuda:0" where there is a card
    std::shared_ptr<ThreadPool> pool;  // of the processor's set; null: it has none
};

// "auto" takes a usable card where there is one. Errors: Unsupported (a device this build or
// machine does not have, named), DeviceFailed.
// `pool`: of another model's sets that the same thread calls, or null.
Result<KernelChoices> makeKernels(const EngineOptions& options,
                                  std::shared_ptr<ThreadPool> pool = nullptr);

// The card that makeKernels() would take, as "cuda:N"; empty: none.
std::string cardOf(const EngineOptions& options);

// Whether this machine has the device, for createEngine(). Errors: Unsupported, with what it has.
Status checkDevice(const EngineOptions& options);

}  // namespace sotto
