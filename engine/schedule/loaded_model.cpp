#include "engine/schedule/loaded_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/device/system_memory.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cuda/cuda_sizes.h"
#include "engine/schedule/draft_file.h"
#include "engine/schedule/kernel_choice.h"
#include "engine/schedule/memory_plan.h"
#include "engine/schedule/model_summary.h"
#include "engine/token/tokenizer_factory.h"

namespace sotto {
namespace {

constexpr const char* kProcessorId = "cpu";
// Each leaves another margin free. What two of them do not mend is not a matter of some megabytes.
constexpr int kMaxPlansAgain = 2;

// A file without a vocabulary is usable with token ids; a vocabulary that cannot be read is an
// error, because its texts would be wrong.
Result<std::unique_ptr<Tokenizer>> readTokenizer(const GgufMetadata& metadata) {
    if (!metadata.has("tokenizer.ggml.tokens")) return std::unique_ptr<Tokenizer>();
    return makeTokenizer(metadata);
}

Result<std::shared_ptr<const PromptEncoder>> makePrompts(const ModelFile& file) {
    auto tokenizer = readTokenizer(file.file.metadata());
    if (!tokenizer) return fail(std::move(tokenizer.error()));
    const auto source = file.file.metadata().string("tokenizer.chat_template").value_or("");
    return PromptEncoder::create(std::move(*tokenizer), source, file.config.nVocab);
}

void describePrompts(const PromptEncoder& prompts, ModelInfo& info) {
    if (prompts.tokenizer() != nullptr) info.tokenizer = prompts.tokenizer()->description();
    info.templateProblem = prompts.modelTemplate().problem;
    info.systemRole = prompts.modelTemplate().systemRole;
}

// `hasCard`: the second device of the plan is one.
void describePlan(const MemoryPlan& plan, bool hasCard, ModelInfo& info) {
    info.contextTokens = plan.contextTokens;
    info.memory = plan.estimate();
    info.draftMemory = plan.draftEstimate();
    info.bytesPerToken = plan.model.bytesPerToken;
    for (const PlannedPart& part : plan.parts) {
        if (!hasCard || part.deviceIndex == 0) continue;
        info.nGpuLayers = static_cast<std::int64_t>(part.share.layers.count());
        info.cardMemory = part.estimate() + info.draftMemory;
        info.cardBytesPerToken = part.model.bytesPerToken;
    }
}

// What is planned together.
struct PlanFiles {
    const ModelFile& model;
    const ModelFile* draft = nullptr;  // or null
};

// What a model is planned for: sizes of the sets, without the sets themselves.
struct PlanSizes {
    KernelSizes processor;
    std::optional<KernelSizes> card;
    PlanSpace space;
    std::string cardNote = {};  // why there is no card although one might be expected
    int nMargins = 1;           // that stay free on the card
};

Result<MemoryPlan> chooseSplit(const PlanFiles& files, const PlanSizes& sizes,
                               const LoadOptions& options, std::int64_t maxOutputs) {
    std::vector<PlanDevice> devices{{sizes.processor, sizes.space.processorBytes, {}}};
    if (sizes.card) {
        // What loading takes for its time must be there beside the plan, and what nobody counts.
        const std::uint64_t free = sizes.space.cardBytes.value_or(0);
        const std::uint64_t margin = cudaMarginBytes(sizes.space.cardTotalBytes);
        const std::uint64_t kept =
            sizes.card->loadingBytes + static_cast<std::uint64_t>(sizes.nMargins) * margin;
        const std::uint64_t usable = free - std::min(free, kept);
        devices[0].name = "the processor's side";
        devices.push_back({*sizes.card, usable, "the graphics card"});
    }
    return chooseMemoryPlan(files.model, devices, options, maxOutputs, files.draft);
}

// Whether the card's kernels compute the layers that `plan` puts there. Errors: Unsupported.
Status checkCardLayers(const MemoryPlan& plan, const KernelSizes& card) {
    if (!card.checkCache) return {};
    for (const PlannedPart& part : plan.parts) {
        if (part.deviceIndex == 0) continue;
        const LayerRange layers = part.share.layers;
        for (std::size_t layer = layers.first; layer < layers.end; ++layer)
            SOTTO_TRY(card.checkCache(plan.kvShape.layers[layer]));
    }
    return {};
}

// A card that cannot compute what the plan puts there goes from `sizes`, with a note, and all of
// the model to the processor; where `device` names the card, that is an error: Unsupported.
Result<MemoryPlan> choosePlan(const PlanFiles& files, PlanSizes& sizes, const LoadOptions& options,
                              std::int64_t maxOutputs, std::string_view device) {
    auto plan = chooseSplit(files, sizes, options, maxOutputs);
    if (!plan || !sizes.card) return plan;
    const Status computable = checkCardLayers(*plan, *sizes.card);
    if (computable) return plan;
    if (!device.empty() && device != "auto")
        return fail(ErrorCode::Unsupported,
                    computable.error().message + " Choose the device 'cpu' or 'auto'.");
    sizes.card.reset();
    sizes.cardNote = computable.error().message;
    return chooseSplit(files, sizes, options, maxOutputs);
}

// Of a draft model that would lie on the card. Errors: Unsupported.
Status checkDraftLayers(const MemoryPlan& plan, const PlanSizes& sizes) {
    if (plan.draft.empty() || !sizes.card) return {};
    const Status computable = checkCardLayers(plan.draft.front(), *sizes.card);
    if (computable) return {};
    return fail(ErrorCode::Unsupported,
                "The draft model cannot lie beside the model on the graphics card: " +
                    computable.error().message + " Choose another one, or do without.");
}

// What the device has more of, once `model` has gone from it.
std::uint64_t givenBack(const LoadedModel* model, std::string_view deviceId) {
    if (model == nullptr) return 0;
    std::uint64_t bytes = 0;
    for (const LoadedPart& part : model->parts)
        if (part.deviceId == deviceId) bytes += part.memory.total();
    // The file's own pages count as free already.
    if (deviceId == kProcessorId) bytes -= std::min(bytes, model->weights.mappedBytes);
    return bytes + givenBack(model->draft.get(), deviceId);
}

Result<PlanSizes> sizesNow(const KernelChoices& kernels, const LoadedModel* replaced) {
    PlanSizes sizes;
    sizes.processor = sizesOf(*kernels.processor);
    sizes.cardNote = kernels.cardNote;
    sizes.space.processorBytes =
        kernels.processor->deviceMemory().availableBytes + givenBack(replaced, kProcessorId);
    if (kernels.card == nullptr) return sizes;
    SOTTO_ASSIGN(sizes.card, cudaKernelSizes());
    // The set alone knows whether it has a library that wants scratch.
    sizes.card->scratchBytes = sizesOf(*kernels.card).scratchBytes;
    const SystemMemory card = kernels.card->deviceMemory();
    sizes.space.cardBytes = card.availableBytes + givenBack(replaced, kernels.cardId);
    sizes.space.cardTotalBytes = card.totalBytes;
    return sizes;
}

// Why the model is not all on the card, after describePlan().
void describeReason(const LoadOptions& options, const PlanSizes& sizes, ModelInfo& info) {
    const bool isChosen = options.gpuLayers != kGpuLayersAuto;
    if (!sizes.card) {
        if (!sizes.cardNote.empty()) info.deviceReason = DeviceReason::CardUnusable;
        info.deviceNote = sizes.cardNote;
    } else if (info.nGpuLayers == info.nLayers) {
        return;
    } else if (isChosen) {
        info.deviceReason = DeviceReason::AsChosen;
        info.deviceNote = fmt::format("{} of {} layers lie on the graphics card, as chosen.",
                                      info.nGpuLayers, info.nLayers);
    } else if (info.nGpuLayers == 0) {
        info.deviceReason = DeviceReason::CardTooSmall;
        info.deviceNote =
            "The model does not fit into the graphics card's memory and runs on the processor.";
    } else {
        info.deviceReason = DeviceReason::CardFull;
        info.deviceNote = fmt::format(
            "{} of {} layers fit into the graphics card's memory, the others run on the "
            "processor.",
            info.nGpuLayers, info.nLayers);
    }
}

std::string deviceNames(const std::vector<LoadedPart>& parts) {
    std::string names;
    for (const LoadedPart& part : parts)
        names += (names.empty() ? "" : " + ") + part.kernels->name();
    return names;
}

Status fillModel(LoadedModel& model, const MemoryPlan& plan, const LoadSink& sink, int nThreads) {
    const ModelConfig& config = model.file->config;
    std::vector<KernelSet*> layerKernels;
    std::vector<ModelPart> parts;
    for (const LoadedPart& part : model.parts) {
        layerKernels.insert(layerKernels.end(), part.share.layers.count(), part.kernels.get());
        parts.push_back({part.kernels.get(), part.share});
    }
    SOTTO_ASSIGN(model.cache, KvCache::create(plan.kvShape, layerKernels));
    for (LoadedPart& part : model.parts) {
        SOTTO_ASSIGN(part.activations, planActivations(config, plan.limits, *part.kernels));
        SOTTO_TRY(part.kernels->reserve(kernelLimits(config, plan.limits)));
    }
    SOTTO_ASSIGN(model.weights, loadWeights(*model.file, parts, sink, nThreads));
    for (LoadedPart& part : model.parts)
        model.views.push_back({config, model.weights, *part.kernels, part.activations,
                               model.cache->layers(), part.share});
    model.kvTokenBytes = kvTokenBytes(plan.kvShape);
    model.scratchBytes = plan.model.scratch;
    return {};
}

// The draft model first: it is small, and what it lacks is known soon.
Status fillParts(PreparedModel& prepared, const LoadSink& sink) {
    LoadedModel& model = *prepared.model;
    const int nThreads = prepared.request.engine.nThreads;
    if (model.draft == nullptr) return fillModel(model, prepared.plan, sink, nThreads);
    const auto ofDraft = static_cast<double>(model.info.draftMemory.weights);
    const double share = ofDraft / std::max(1.0, static_cast<double>(model.info.memory.weights));
    const auto within = [&](double begin, double part) {
        return sink ? LoadSink([=, &sink](double done) { return sink(begin + done * part); })
                    : sink;
    };
    SOTTO_TRY(fillModel(*model.draft, prepared.plan.draft.front(), within(0, share), nThreads));
    return fillModel(model, prepared.plan, within(share, 1 - share), nThreads);
}

// A part of a plan on the set that it is planned for.
LoadedPart partOf(const PlannedPart& planned, KernelChoices& kernels) {
    LoadedPart part;
    part.isOnCard = planned.deviceIndex == 1;
    part.kernels = std::move(part.isOnCard ? kernels.card : kernels.processor);
    part.share = planned.share;
    part.deviceId = part.isOnCard ? kernels.cardId : kProcessorId;
    part.memory = planned.estimate();
    part.bytesPerToken = planned.model.bytesPerToken;
    return part;
}

// Kernel sets of its own, whose threads are those of the model's.
Status settleDraft(LoadedModel& draft, const MemoryPlan& plan, const EngineOptions& engine,
                   std::shared_ptr<ThreadPool> pool) {
    EngineOptions options = engine;
    const PlannedPart& planned = plan.parts.front();
    if (planned.deviceIndex == 0 && options.kernels != KernelChoice::Reference)
        options.device = kProcessorId;
    SOTTO_ASSIGN(KernelChoices kernels, makeKernels(options, std::move(pool)));
    if (planned.deviceIndex == 1 && kernels.card == nullptr)
        return fail(ErrorCode::DeviceFailed,
                    kernels.cardNote.empty()
                        ? "The graphics card cannot be opened for the draft model; do without it."
                        : kernels.cardNote);
    draft.info = summarizeModel(*draft.file);
    draft.info.contextTokens = plan.contextTokens;
    draft.parts.push_back(partOf(planned, kernels));
    return {};
}

// Of a model that has its file and prompts alone: all that follows from the memory that is there.
Result<PreparedModel> settle(std::unique_ptr<LoadedModel> model, const LoadRequest& request,
                             int nMargins) {
    EngineOptions engine = request.engine;
    if (!request.model.device.empty()) engine.device = request.model.device;
    SOTTO_ASSIGN(KernelChoices kernels, makeKernels(engine));
    PlanSizes sizes;
    SOTTO_ASSIGN(sizes, sizesNow(kernels, request.replaced));
    sizes.nMargins = nMargins;
    const PlanFiles files{*model->file, model->draft ? model->draft->file.get() : nullptr};
    SOTTO_ASSIGN(MemoryPlan plan,
                 choosePlan(files, sizes, request.model, request.maxOutputs, engine.device));
    SOTTO_TRY(checkDraftLayers(plan, sizes));
    if (!sizes.card) kernels.card.reset();
    model->info = summarizeModel(*model->file);
    describePrompts(*model->prompts, model->info);

    describePlan(plan, kernels.card != nullptr, model->info);
    describeReason(request.model, sizes, model->info);
    for (const PlannedPart& planned : plan.parts) model->parts.push_back(partOf(planned, kernels));
    if (model->draft) {
        SOTTO_TRY(settleDraft(*model->draft, plan.draft.front(), engine, kernels.pool));
        model->info.draftName = model->draft->info.name;
        model->info.draftPath = request.model.draft;
    }
    model->info.device = deviceNames(model->parts);
    PreparedModel prepared{.model = std::move(model), .plan = std::move(plan), .request = request};
    prepared.request.replaced = nullptr;
    return prepared;
}

Result<PreparedModel> prepare(std::unique_ptr<ModelFile> file, const LoadRequest& request) {
    auto model = std::make_unique<LoadedModel>();
    model->file = std::move(file);
    SOTTO_ASSIGN(model->prompts, makePrompts(*model->file));
    if (!request.model.draft.empty()) {
        model->draft = std::make_unique<LoadedModel>();
        SOTTO_ASSIGN(model->draft->file, openDraftFile(request.model.draft, *model->file));
    }
    return settle(std::move(model), request, 1);
}

bool isOnCard(const LoadedModel& model) {
    return std::ranges::any_of(model.parts, &LoadedPart::isOnCard);
}

// Gives back what a load took that ran out of memory, and plans with more left free. Nothing where
// that is no other plan: what was asked for leaves no choice, or the memory is not what failed.
std::optional<PreparedModel> planAgain(PreparedModel failed, int nMargins) {
    auto model = std::make_unique<LoadedModel>();
    model->file = std::move(failed.model->file);
    model->prompts = std::move(failed.model->prompts);
    if (failed.model->draft) {
        model->draft = std::make_unique<LoadedModel>();
        model->draft->file = std::move(failed.model->draft->file);
    }
    const std::int64_t shortenedFrom =
        std::max(failed.model->info.shortenedFrom, failed.plan.contextTokens);
    const std::int64_t nGpuLayers = failed.model->info.nGpuLayers;
    failed.model.reset();
    auto again = settle(std::move(model), failed.request, nMargins);
    if (!again || (again->plan.contextTokens >= failed.plan.contextTokens &&
                   again->model->info.nGpuLayers >= nGpuLayers))
        return std::nullopt;
    if (again->plan.contextTokens < shortenedFrom) again->model->info.shortenedFrom = shortenedFrom;
    return std::move(*again);
}

}  // namespace

Result<PreparedModel> prepareModel(const LoadRequest& request) {
    SOTTO_ASSIGN(std::unique_ptr<ModelFile> file, openModelFile(request.model.path));
    return prepare(std::move(file), request);
}

Result<std::unique_ptr<LoadedModel>> loadModel(PreparedModel prepared, const LoadSink& sink) {
    Status filled = fillParts(prepared, sink);
    for (int nMargins = 2; nMargins <= 1 + kMaxPlansAgain; ++nMargins) {
        if (filled || filled.error().code != ErrorCode::OutOfMemory || !isOnCard(*prepared.model))
            break;
        auto again = planAgain(std::move(prepared), nMargins);
        if (!again) return fail(std::move(filled.error()));
        prepared = std::move(*again);
        filled = fillParts(prepared, sink);
    }
    SOTTO_TRY(std::move(filled));
    return std::move(prepared.model);
}

Result<std::unique_ptr<LoadedModel>> loadModel(const LoadRequest& request, const LoadSink& sink) {
    SOTTO_ASSIGN(PreparedModel prepared, prepareModel(request));
    return loadModel(std::move(prepared), sink);
}

Result<std::unique_ptr<LoadedModel>> loadModel(std::unique_ptr<ModelFile> file,
                                               const LoadRequest& request, const LoadSink& sink) {
    SOTTO_ASSIGN(PreparedModel prepared, prepare(std::move(file), request));
    return loadModel(std::move(prepared), sink);
}

Result<ModelInfo> describeModel(const LoadRequest& request) {
    SOTTO_ASSIGN(std::unique_ptr<ModelFile> file, openModelFile(request.model.path));
    SOTTO_ASSIGN(auto prompts, makePrompts(*file));
    ModelInfo info = summarizeModel(*file);
    describePrompts(*prompts, info);
    // Whether it fits here and now is not asked: the page shows the numbers either way.
    const PlanSizes sizes{cpuKernelSizes(request.engine.nThreads), {}, {}};
    SOTTO_ASSIGN(const MemoryPlan plan,
                 chooseSplit({*file}, sizes, request.model, request.maxOutputs));
    describePlan(plan, false, info);
    return info;
}

Result<PlannedModel> planLoad(const ModelFile& model, const LoadOptions& options,
                              const PlanSpace& space) {
    const GgufMetadata& metadata = model.file.metadata();
    if (metadata.has("tokenizer.ggml.tokens")) SOTTO_TRY(checkTokenizer(metadata));
    PlannedModel planned;
    planned.info = summarizeModel(model);
    PlanSizes sizes{cpuKernelSizes(space.nThreads), {}, space};
    if (space.cardBytes) {
        SOTTO_ASSIGN(sizes.card, cudaKernelSizes(productsHere(space.products)));
    }
    std::unique_ptr<ModelFile> draft;
    if (!options.draft.empty()) {
        SOTTO_ASSIGN(draft, openDraftFile(options.draft, model));
        planned.info.draftName = summarizeModel(*draft).name;
        planned.info.draftPath = options.draft;
    }
    const PlanFiles files{model, draft.get()};
    const std::int64_t maxOutputs = LoadRequest{}.maxOutputs;
    auto plan = choosePlan(files, sizes, options, maxOutputs, options.device);
    if (!plan && plan.error().code == ErrorCode::OutOfMemory && options.contextTokens > 0) {
        LoadOptions shorter = options;
        shorter.contextTokens = 0;
        if (auto fitting = choosePlan(files, sizes, shorter, maxOutputs, options.device))
            plan = std::move(fitting);
    }
    if (!plan) {
        if (plan.error().code != ErrorCode::OutOfMemory) return fail(std::move(plan.error()));
        planned.shortage = plan.error();
        // Layers that were chosen for the card are told there: that is where they are too many.
        if (options.gpuLayers == kGpuLayersAuto) sizes.card.reset();
        sizes.space.processorBytes = UINT64_MAX;
        sizes.space.cardBytes = UINT64_MAX;
        SOTTO_ASSIGN(const MemoryPlan needed, chooseSplit(files, sizes, options, maxOutputs));
        describePlan(needed, sizes.card.has_value(), planned.info);
        return planned;
    }
    const std::int64_t asked =
        options.contextTokens == 0 ? kMaxDefaultContext : options.contextTokens;
    planned.isShortened = plan->contextTokens < std::min(asked, model.config.trainedContext);
    describePlan(*plan, sizes.card.has_value(), planned.info);
    describeReason(options, sizes, planned.info);
    return planned;
}

Result<PlannedModel> planLoad(const LoadOptions& options, const PlanSpace& space) {
    SOTTO_ASSIGN(const std::unique_ptr<ModelFile> file, openModelFile(options.path));
    return planLoad(*file, options, space);
}

static void addMemory(const LoadedModel& model, MemoryStats& stats) {
    stats.weightsMapped += model.weights.mappedBytes;
    stats.weightsResident += model.weights.residentBytes;
    stats.kvCache += model.cache->bytes();
    stats.scratch += model.scratchBytes;
}

MemoryStats memoryStats(const LoadedModel& model) {
    const SystemMemory system = model.lastPart().kernels->deviceMemory();
    MemoryStats stats;
    if (model.draft) {
        addMemory(*model.draft, stats);
        stats.draft = stats.weightsMapped + stats.weightsResident + stats.kvCache + stats.scratch;
    }
    addMemory(model, stats);
    stats.systemTotal = system.totalBytes;
    stats.systemAvailable = system.availableBytes;
    return stats;
}

}  // namespace sotto
