// LoadedModel: a model ready to run, with everything that belongs to it: file, kernels, weights,
// activations, cache, tokenizer and template.
//
// Used by the engine thread, and by evaluate and benchmark with a model of their own. Owns all its
// parts; members are destroyed in reverse order, so weights go before the kernels that made them
// and the file they may lie in.
#pragma once

#include <memory>

#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/api/inspect.h"
#include "engine/api/model_info.h"
#include "engine/api/stats.h"
#include "engine/kvcache/kv_cache.h"
#include "engine/model/forward.h"
#include "engine/model/loader.h"
#include "engine/schedule/memory_plan.h"
#include "engine/schedule/prompt_encoder.h"
#include "engine/token/dry_penalty.h"

namespace sotto {

// A part of a loaded model on the set it was prepared for.
struct LoadedPart {
    std::unique_ptr<KernelSet> kernels;
    PartShare share;
    Activations activations;
    bool isOnCard = false;
    std::string deviceId;             // "cpu" or "cuda:N"
    MemoryEstimate memory;            // of this part, as planned
    std::uint64_t bytesPerToken = 0;  // of its weights, in one decode step
};

struct LoadedModel {
    std::vector<LoadedPart>
        parts;  // in the order of the layers; one, or the processor's and the card's
    std::unique_ptr<ModelFile> file;
    Weights weights;
    std::unique_ptr<KvCache> cache;
    std::vector<ModelView> views;  // of the parts
    // Shared with countTokens() of other threads, which may outlive an unload.
    std::shared_ptr<const PromptEncoder> prompts;
    DryBreakerCache dryBreakers;  // of that tokenizer
    // Set by unusableNumbers(), once it is asked; empty: all weights are finite.
    std::optional<std::string> unusableTensor;
    ModelInfo info;
    std::uint64_t kvTokenBytes = 0;  // of one token in all layers
    std::uint64_t scratchBytes = 0;
    // LoadOptions::draft, with neither prompts nor a model of its own; null: none.
    std::unique_ptr<LoadedModel> draft;

    // Where logits come from, and its limits.
    const LoadedPart& lastPart() const { return parts.back(); }
    const StepLimits& limits() const { return lastPart().activations.limits; }
    std::int64_t contextTokens() const { return info.contextTokens; }
};

// What a load is asked for beside LoadOptions.
struct LoadRequest {
    EngineOptions engine;
    LoadOptions model;
    std::int64_t maxOutputs = 8;  // rows of logits per step
    // Gives back what it holds before the weights are read; null: nothing goes.
    const LoadedModel* replaced = nullptr;
};

// A model whose file was read and checked and that is known to fit: all that is decided before
// memory is taken.
struct PreparedModel {
    std::unique_ptr<LoadedModel> model;  // without weights, cache and activations
    MemoryPlan plan;
    LoadRequest request;  // `replaced` is null: it has gone when memory is taken
};

// Errors: those of openModelFile; OutOfMemory says how much is needed, how much is there, and what
// would fit; Unsupported (the device); InvalidArgument (a draft model of another vocabulary).
Result<PreparedModel> prepareModel(const LoadRequest& request);

// Takes the memory and reads the weights. Where a card's memory runs out all the same and context
// or layers were left to the engine, it plans again with more left free, twice at most
// (ModelInfo::shortenedFrom). Errors: those of loadWeights; OutOfMemory.
Result<std::unique_ptr<LoadedModel>> loadModel(PreparedModel prepared, const LoadSink& sink);

// Both.
Result<std::unique_ptr<LoadedModel>> loadModel(const LoadRequest& request, const LoadSink& sink);

// Both, for a file that was opened already (or made in memory).
Result<std::unique_ptr<LoadedModel>> loadModel(std::unique_ptr<ModelFile> file,
                                               const LoadRequest& request, const LoadSink& sink);

// ModelInfo with memory on the processor at the context that loadModel would choose, without
// loading.
Result<ModelInfo> describeModel(const LoadRequest& request);

// As planModel() of the API.
Result<PlannedModel> planLoad(const LoadOptions& options, const PlanSpace& space);
// The same for a file that was opened already, or of which only the header is here.
Result<PlannedModel> planLoad(const ModelFile& model, const LoadOptions& options,
                              const PlanSpace& space);

// MemoryStats of a loaded model and the machine now.
MemoryStats memoryStats(const LoadedModel& model);

}  // namespace sotto
