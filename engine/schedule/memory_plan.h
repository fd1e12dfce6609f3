// How much memory a model takes at a context, which context fits, and which layers lie on which
// device: the decisions before a byte is allocated. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/api/model_info.h"
#include "engine/kvcache/kv_cache.h"
#include "engine/model/memory_estimate.h"

namespace sotto {

// Requests in work at once, and so the sequences of a step (StepLimits::maxSlices): as many rows as
// a card computes with kernels in which they cannot disturb each other.
inline constexpr std::int64_t kMaxSequences = 8;

// A device that a model may lie on. With two, the first takes the first layers: the processor
// before the card, so that the head, the largest matrix, is on the card.
struct PlanDevice {
    KernelSizes sizes;
    std::uint64_t availableBytes = 0;
    std::string name;  // for people: "the graphics card"; empty where there is only one
};

struct PlannedPart {
    std::size_t deviceIndex = 0;
    PartShare share;
    ModelMemory model;
    std::uint64_t kvBytes = 0;

    std::uint64_t totalBytes() const { return estimate().total(); }
    MemoryEstimate estimate() const {
        return {model.mapped + model.resident, kvBytes, model.scratch};
    }
};

struct MemoryPlan {
    std::int64_t contextTokens = 0;
    StepLimits limits;
    KvCacheShape kvShape;
    std::vector<PlannedPart> parts;
    ModelMemory model;  // of all parts
    std::uint64_t kvBytes = 0;
    // Of the draft model, all of it on the device of the last part: none or one.
    std::vector<MemoryPlan> draft;

    std::uint64_t totalBytes() const { return estimate().total(); }
    // With the draft model's.
    MemoryEstimate estimate() const {
        const MemoryEstimate beside = draftEstimate();
        return {model.mapped + model.resident + beside.weights, kvBytes + beside.kv,
                model.scratch + beside.scratch};
    }
    MemoryEstimate draftEstimate() const {
        return draft.empty() ? MemoryEstimate{} : draft.front().estimate();
    }
};

// The plan at exactly this context (rounded up to whole blocks by the cache), all on one set.
MemoryPlan planMemory(const ModelFile& model, const KernelSet& kernels, const LoadOptions& options,
                      std::int64_t maxOutputs, std::int64_t contextTokens);

// The plan at the context the options ask for, or with 0 the largest that fits into
// `availableBytes`, at most the model's own and kMaxDefaultContext.
// Errors: OutOfMemory, with both numbers and what would fit; Unsupported (kv_choice.h).
Result<MemoryPlan> chooseMemoryPlan(const ModelFile& model, const KernelSet& kernels,
                                    const LoadOptions& options, std::int64_t maxOutputs,
                                    std::uint64_t availableBytes);

// The same for a processor and a card, in this order: LoadOptions::gpuLayers of the last layers on
// the card; kGpuLayersAuto: all of them where they fit with a useful context, else as many as fit.
// `draft`: the draft model that has to fit beside it at the same context, or null.
Result<MemoryPlan> chooseMemoryPlan(const ModelFile& model, std::span<const PlanDevice> devices,
                                    const LoadOptions& options, std::int64_t maxOutputs,
                                    const ModelFile* draft = nullptr);

// Without a choice by the user: longer contexts cost gigabytes that few chats use.
constexpr std::int64_t kMaxDefaultContext = 32768;
// A chat of this length is worth more than the last layer on the card.
constexpr std::int64_t kUsefulCardContext = 4096;

}  // namespace sotto
