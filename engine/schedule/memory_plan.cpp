#include "engine/schedule/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/rounding.h"
#include "engine/schedule/kv_choice.h"

namespace sotto {
namespace {

// Below this a chat is of no use, so it is not offered as a remedy.
constexpr std::int64_t kMinUsefulContext = 512;
// A draft model is small, and so should its scratch be.
constexpr std::int64_t kDraftChunk = 256;

std::string gibibytes(std::uint64_t bytes) {
    constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
    constexpr double kMib = 1024.0 * 1024.0;
    if (double(bytes) < kGib) return fmt::format("{:.0f} MiB", double(bytes) / kMib);
    return fmt::format("{:.1f} GiB", double(bytes) / kGib);
}

// What is planned: on which devices, with how many of the last layers on the last of them.
struct Wish {
    const ModelFile& model;
    std::span<const PlanDevice> devices;
    const LoadOptions& options;
    std::int64_t maxOutputs = 0;
    std::size_t nLastLayers = 0;
    const ModelFile* draft = nullptr;  // that lies beside it

    Wish with(std::size_t nLayers) const {
        Wish other = *this;
        other.nLastLayers = nLayers;
        return other;
    }
};

void addPart(const Wish& wish, std::size_t deviceIndex, LayerRange layers, MemoryPlan& plan) {
    PlannedPart part;
    part.deviceIndex = deviceIndex;
    part.share = {layers, layers.first == 0, layers.end == wish.model.config.layers.size()};
    const KernelSizes& sizes = wish.devices[deviceIndex].sizes;
    part.model = estimateModelMemory(wish.model, sizes, part.share, plan.limits);
    part.kvBytes = roundUp(kvCacheBytes(plan.kvShape, layers.first, layers.end, sizes.cacheBytes),
                           sizes.allocationUnit);
    plan.model.mapped += part.model.mapped;
    plan.model.resident += part.model.resident;
    plan.model.scratch += part.model.scratch;
    plan.model.bytesPerToken += part.model.bytesPerToken;
    plan.kvBytes += part.kvBytes;
    plan.parts.push_back(part);
}

MemoryPlan planAt(const Wish& wish, std::int64_t contextTokens);

// It guesses one token at a time, up to the end of what it was trained for.
MemoryPlan planDraft(const Wish& wish, std::int64_t contextTokens) {
    LoadOptions options;
    options.prefillChunk = std::min(wish.options.prefillChunk, kDraftChunk);
    const std::size_t device = wish.nLastLayers > 0 ? wish.devices.size() - 1 : 0;
    MemoryPlan plan = planAt({*wish.draft, wish.devices.subspan(device, 1), options, 1},
                             std::min(contextTokens, wish.draft->config.trainedContext));
    plan.parts.front().deviceIndex = device;
    return plan;
}

MemoryPlan planAt(const Wish& wish, std::int64_t contextTokens) {
    MemoryPlan plan;
    plan.contextTokens = contextTokens;
    const std::int64_t chunk =
        std::clamp<std::int64_t>(wish.options.prefillChunk, 1, contextTokens);
    // The smallest piece of a prompt finds room beside all answers.
    plan.limits.maxTokens =
        std::max({chunk, std::min(chunk, kMaxPromptPiece) + kMaxSequences, wish.maxOutputs});
    plan.limits.maxSlices = kMaxSequences;
    plan.limits.maxOutputs = wish.maxOutputs;
    plan.limits.contextTokens = contextTokens;
    for (const LayerConfig& layer : wish.model.config.layers)
        plan.kvShape.layers.push_back(
            kvLayerShape(layer.attention.nKvHeads, layer.attention.headDim, wish.options.kv));
    plan.kvShape.nTokens = contextTokens;

    const std::size_t nLayers = wish.model.config.layers.size();
    const std::size_t border = nLayers - wish.nLastLayers;
    const auto note = [&](const PlanDevice& device) {
        plan.limits.exactRows = std::min(plan.limits.exactRows, device.sizes.exactRows);
    };
    if (border > 0) note(wish.devices.front());
    if (wish.nLastLayers > 0) note(wish.devices.back());
    if (border > 0) addPart(wish, 0, {0, border}, plan);
    if (wish.nLastLayers > 0) addPart(wish, wish.devices.size() - 1, {border, nLayers}, plan);
    if (wish.draft != nullptr) plan.draft.push_back(planDraft(wish, contextTokens));
    return plan;
}

// What the draft model takes on the device of a part.
std::uint64_t draftBytesBeside(const PlannedPart& part, const MemoryPlan& plan) {
    if (plan.draft.empty()) return 0;
    const MemoryPlan& draft = plan.draft.front();
    return draft.parts.front().deviceIndex == part.deviceIndex ? draft.totalBytes() : 0;
}

// The part that does not fit, or null.
const PlannedPart* tooLarge(const Wish& wish, const MemoryPlan& plan) {
    for (const PlannedPart& part : plan.parts) {
        const std::uint64_t needed = part.totalBytes() + draftBytesBeside(part, plan);
        if (needed > wish.devices[part.deviceIndex].availableBytes) return &part;
    }
    return nullptr;
}

// The largest context up to `wanted` that fits, in whole blocks; 0: none.
std::int64_t fittingContext(const Wish& wish, std::int64_t wanted) {
    if (tooLarge(wish, planAt(wish, wanted)) == nullptr) return wanted;
    // Memory grows with the context, so it is found by halving the interval.
    std::int64_t fits = 0, tooMany = wanted;
    while (tooMany - fits > kBlockTokens) {
        const std::int64_t middle = (fits + tooMany) / 2 / kBlockTokens * kBlockTokens;
        if (middle <= fits) break;
        (tooLarge(wish, planAt(wish, middle)) == nullptr ? fits : tooMany) = middle;
    }
    return fits;
}

Error outOfMemory(const Wish& wish, const MemoryPlan& plan) {
    const PlannedPart& part = *tooLarge(wish, plan);
    const PlanDevice& device = wish.devices[part.deviceIndex];
    std::string remedy = "choose a smaller quantization or a smaller model";
    const std::int64_t fits = fittingContext(wish, plan.contextTokens);
    if (fits >= kMinUsefulContext)
        remedy = fmt::format("a context of {} tokens would fit", fits);
    else if (!device.name.empty())
        remedy = "put fewer layers there, or choose a smaller quantization or model";
    const std::string place = device.name.empty() ? "" : " on " + device.name;
    const std::uint64_t draftBytes = draftBytesBeside(part, plan);
    std::string draft;
    if (draftBytes > 0) {
        draft = fmt::format(", {} for its draft model", gibibytes(draftBytes));
        remedy += ", or do without the draft model";
    }
    Error error;
    error.code = ErrorCode::OutOfMemory;
    error.message = fmt::format(
        "The model needs {}{} ({} weights, {} for a context of {} tokens, {} scratch{}) and {} are "
        "free; {}.",
        gibibytes(part.totalBytes() + draftBytes), place,
        gibibytes(part.model.mapped + part.model.resident), gibibytes(part.kvBytes),
        plan.contextTokens, gibibytes(part.model.scratch), draft, gibibytes(device.availableBytes),
        remedy);
    error.context = wish.model.file.path().string();
    error.needed = part.totalBytes() + draftBytes;
    error.available = device.availableBytes;
    return error;
}

bool isContextOurs(const Wish& wish) {
    return wish.options.contextTokens == 0 || wish.options.isContextFitted;
}

std::int64_t wantedContext(const Wish& wish) {
    const std::int64_t asked = wish.options.contextTokens;
    return std::min(wish.model.config.trainedContext, asked == 0 ? kMaxDefaultContext : asked);
}

// With the number of layers settled.
Result<MemoryPlan> planFixed(const Wish& wish) {
    const std::int64_t wanted = wantedContext(wish);
    const std::int64_t fits = fittingContext(wish, wanted);
    if (fits == wanted || (isContextOurs(wish) && fits >= kMinUsefulContext))
        return planAt(wish, fits);
    return fail(outOfMemory(wish, planAt(wish, wanted)));
}

Result<MemoryPlan> planAuto(const Wish& wish) {
    const std::size_t nLayers = wish.model.config.layers.size();
    const std::int64_t wanted = wantedContext(wish);
    const std::int64_t useful = isContextOurs(wish) ? std::min(wanted, kUsefulCardContext) : wanted;
    const std::int64_t whole = fittingContext(wish.with(nLayers), wanted);
    if (whole >= useful) return planAt(wish.with(nLayers), whole);
    // The card's part grows with its layers; the processor's shrinks, and is asked last.
    for (std::size_t layers = nLayers - 1; layers > 0; --layers) {
        const MemoryPlan plan = planAt(wish.with(layers), useful);
        if (tooLarge(wish, plan) == nullptr) return plan;
    }
    return planFixed(wish.with(0));
}

}  // namespace

MemoryPlan planMemory(const ModelFile& model, const KernelSet& kernels, const LoadOptions& options,
                      std::int64_t maxOutputs, std::int64_t contextTokens) {
    const PlanDevice device{sizesOf(kernels), UINT64_MAX, {}};
    return planAt({model, {&device, 1}, options, maxOutputs}, contextTokens);
}

Result<MemoryPlan> chooseMemoryPlan(const ModelFile& model, const KernelSet& kernels,
                                    const LoadOptions& options, std::int64_t maxOutputs,
                                    std::uint64_t availableBytes) {
    const PlanDevice device{sizesOf(kernels), availableBytes, {}};
    return chooseMemoryPlan(model, {&device, 1}, options, maxOutputs);
}

Result<MemoryPlan> chooseMemoryPlan(const ModelFile& model, std::span<const PlanDevice> devices,
                                    const LoadOptions& options, std::int64_t maxOutputs,
                                    const ModelFile* draft) {
    if (options.contextTokens < 0)
        return fail(ErrorCode::InvalidArgument, "The context length must not be negative.");
    SOTTO_TRY(checkKvTypes(model.config, options.kv));
    const Wish wish{model, devices, options, maxOutputs, 0, draft};
    if (devices.size() == 1) return planFixed(wish);
    if (options.gpuLayers == kGpuLayersAuto) return planAuto(wish);
    const std::size_t nLayers = model.config.layers.size();
    if (options.gpuLayers == kGpuLayersAll) return planFixed(wish.with(nLayers));
    if (options.gpuLayers < 0)
        return fail(ErrorCode::InvalidArgument,
                    "The number of layers on the graphics card must not be negative.");
    return planFixed(wish.with(std::min(nLayers, static_cast<std::size_t>(options.gpuLayers))));
}

}  // namespace sotto
