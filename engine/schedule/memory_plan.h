// How much memory a model takes at a context, and which context fits: the decisions before a byte
// is allocated. Pure; any thread.
#pragma once

#include "engine/api/engine_options.h"
#include "engine/api/model_info.h"
#include "engine/base/result.h"
#include "engine/kvcache/kv_cache.h"
#include "engine/model/memory_estimate.h"

namespace sotto {

struct MemoryPlan {
    std::int64_t contextTokens = 0;
    StepLimits limits;
    KvCacheShape kvShape;
    ModelMemory model;
    std::uint64_t kvBytes = 0;

    std::uint64_t totalBytes() const {
        return model.mapped + model.resident + model.scratch + kvBytes;
    }
    MemoryEstimate estimate() const {
        return {model.mapped + model.resident, kvBytes, model.scratch};
    }
};

// The plan at exactly this context (rounded up to whole blocks by the cache).
MemoryPlan planMemory(const ModelFile& model, const KernelSet& kernels, const LoadOptions& options,
                      std::int64_t maxOutputs, std::int64_t contextTokens);

// The plan at the context the options ask for, or with 0 the largest that fits into
// `availableBytes`, at most the model's own and kMaxDefaultContext.
// Errors: OutOfMemory, with both numbers and what would fit.
Result<MemoryPlan> chooseMemoryPlan(const ModelFile& model, const KernelSet& kernels,
                                    const LoadOptions& options, std::int64_t maxOutputs,
                                    std::uint64_t availableBytes);

// Without a choice by the user: longer contexts cost gigabytes that few chats use.
constexpr std::int64_t kMaxDefaultContext = 32768;

}  // namespace sotto
