#include "engine/schedule/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/schedule/scheduler.h"

namespace sotto {
namespace {

// Below this a chat is of no use, so it is not offered as a remedy.
constexpr std::int64_t kMinUsefulContext = 512;

std::string gibibytes(std::uint64_t bytes) {
    constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
    constexpr double kMib = 1024.0 * 1024.0;
    if (double(bytes) < kGib) return fmt::format("{:.0f} MiB", double(bytes) / kMib);
    return fmt::format("{:.1f} GiB", double(bytes) / kGib);
}

Error outOfMemory(const ModelFile& model, const MemoryPlan& plan, std::uint64_t availableBytes,
                  std::int64_t fittingContext) {
    std::string remedy = "choose a smaller quantization or a smaller model";
    if (fittingContext >= kMinUsefulContext)
        remedy = fmt::format("a context of {} tokens would fit", fittingContext);
    Error error;
    error.code = ErrorCode::OutOfMemory;
    error.message = fmt::format(
        "The model needs {} ({} weights, {} for a context of {} tokens, {} scratch) and {} are "
        "free; {}.",
        gibibytes(plan.totalBytes()), gibibytes(plan.estimate().weights), gibibytes(plan.kvBytes),
        plan.contextTokens, gibibytes(plan.model.scratch), gibibytes(availableBytes), remedy);
    error.context = model.file.path().string();
    error.needed = plan.totalBytes();
    error.available = availableBytes;
    return error;
}

}  // namespace

MemoryPlan planMemory(const ModelFile& model, const KernelSet& kernels, const LoadOptions& options,
                      std::int64_t maxOutputs, std::int64_t contextTokens) {
    MemoryPlan plan;
    plan.contextTokens = contextTokens;
    const std::int64_t chunk = std::clamp<std::int64_t>(options.prefillChunk, 1, contextTokens);
    plan.limits.maxTokens =
        std::max({chunk, static_cast<std::int64_t>(kMaxDecodeRows), maxOutputs});
    plan.limits.maxOutputs = maxOutputs;
    plan.limits.contextTokens = contextTokens;
    for (const LayerConfig& layer : model.config.layers)
        plan.kvShape.layers.push_back({layer.attention.nKvHeads, layer.attention.headDim});
    plan.kvShape.type = options.kvType == KvType::F32 ? DType::F32 : DType::F16;
    plan.kvShape.nTokens = contextTokens;
    plan.model = estimateModelMemory(model, kernels, plan.limits);
    plan.kvBytes = kvCacheBytes(plan.kvShape);
    return plan;
}

Result<MemoryPlan> chooseMemoryPlan(const ModelFile& model, const KernelSet& kernels,
                                    const LoadOptions& options, std::int64_t maxOutputs,
                                    std::uint64_t availableBytes) {
    if (options.contextTokens < 0)
        return fail(ErrorCode::InvalidArgument, "The context length must not be negative.");
    const std::int64_t trained = model.config.trainedContext;
    const bool isChoosing = options.contextTokens == 0;
    const std::int64_t wanted =
        std::min(trained, isChoosing ? kMaxDefaultContext : options.contextTokens);
    const MemoryPlan plan = planMemory(model, kernels, options, maxOutputs, wanted);
    if (plan.totalBytes() <= availableBytes) return plan;

    // Memory grows with the context, so the largest that fits is found by halving the interval.
    std::int64_t fits = 0, tooLarge = wanted;
    while (tooLarge - fits > kBlockTokens) {
        const std::int64_t middle = (fits + tooLarge) / 2 / kBlockTokens * kBlockTokens;
        if (middle <= fits) break;
        const bool isFitting =
            planMemory(model, kernels, options, maxOutputs, middle).totalBytes() <= availableBytes;
        (isFitting ? fits : tooLarge) = middle;
    }
    if (isChoosing && fits >= kMinUsefulContext)
        return planMemory(model, kernels, options, maxOutputs, fits);
    return fail(outOfMemory(model, plan, availableBytes, fits));
}

}  // namespace sotto
