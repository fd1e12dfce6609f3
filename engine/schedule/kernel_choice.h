// Which KernelSet serves an engine: the one place that knows all of them.
#pragma once

#include <memory>

#include "engine/api/engine_options.h"
#include "engine/base/result.h"
#include "engine/kernels/kernel_set.h"

namespace sotto {

// Errors: Unsupported (a device this build or machine does not have, named).
Result<std::unique_ptr<KernelSet>> makeKernels(const EngineOptions& options);

// The same check without making anything, for createEngine().
Status checkDevice(const EngineOptions& options);

}  // namespace sotto
