#include "engine/schedule/loaded_model.h"

#include <fmt/format.h>

#include "engine/device/system_memory.h"
#include "engine/schedule/kernel_choice.h"
#include "engine/schedule/memory_plan.h"
#include "engine/schedule/model_summary.h"
#include "engine/token/tokenizer_factory.h"

namespace sotto {
namespace {

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
    info.templateProblem = prompts.templateProblem();
}

void describeMemory(const MemoryPlan& plan, ModelInfo& info) {
    info.contextTokens = plan.contextTokens;
    info.memory = plan.estimate();
    info.bytesPerToken = plan.model.bytesPerToken;
}

// `isUnlimited`: as if there were memory enough.
Result<MemoryPlan> choosePlan(const ModelFile& file, const KernelChoices& kernels,
                              const LoadRequest& request, bool isUnlimited) {
    std::vector<PlanDevice> devices;
    for (const KernelSet* set : {kernels.processor.get(), kernels.card.get()}) {
        if (set == nullptr) continue;
        const std::uint64_t available =
            isUnlimited ? UINT64_MAX : set->deviceMemory().availableBytes;
        devices.push_back({set, available, {}});
    }
    if (devices.size() == 2) {
        devices[0].name = "the processor's side";
        devices[1].name = "the graphics card";
    }
    return chooseMemoryPlan(file, devices, request.model, request.maxOutputs);
}

// Why the model is not all on the card; empty where there is nothing to explain.
std::string deviceNote(const KernelChoices& left, bool isChosenByUser, const LoadedModel& model) {
    const std::size_t nLayers = model.file->config.layers.size();
    const std::int64_t nOnCard = model.info.nGpuLayers;
    if (isChosenByUser && (left.card != nullptr || model.parts.size() == 2))
        return fmt::format("{} of {} layers lie on the graphics card, as chosen.", nOnCard,
                           nLayers);
    if (left.card != nullptr)
        return "The model does not fit into the graphics card's memory and runs on the processor.";
    if (model.parts.size() == 2)
        return fmt::format(
            "{} of {} layers fit into the graphics card's memory, the others run on the "
            "processor.",
            nOnCard, nLayers);
    return left.cardNote;
}

void describeDevices(LoadedModel& model) {
    for (const LoadedPart& part : model.parts) {
        if (!model.info.device.empty()) model.info.device += " + ";
        model.info.device += part.kernels->name();
        if (part.isOnCard)
            model.info.nGpuLayers = static_cast<std::int64_t>(part.share.layers.count());
    }
}

Status fillParts(LoadedModel& model, const MemoryPlan& plan, const LoadSink& sink) {
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
    SOTTO_ASSIGN(model.weights, loadWeights(*model.file, parts, sink));
    for (LoadedPart& part : model.parts)
        model.views.push_back({config, model.weights, *part.kernels, part.activations,
                               model.cache->layers(), part.share});
    model.kvTokenBytes = kvTokenBytes(plan.kvShape);
    model.scratchBytes = plan.model.scratch;
    return {};
}

}  // namespace

Result<std::unique_ptr<LoadedModel>> loadModel(const LoadRequest& request, const LoadSink& sink) {
    SOTTO_ASSIGN(std::unique_ptr<ModelFile> file, openModelFile(request.model.path));
    return loadModel(std::move(file), request, sink);
}

Result<std::unique_ptr<LoadedModel>> loadModel(std::unique_ptr<ModelFile> file,
                                               const LoadRequest& request, const LoadSink& sink) {
    auto model = std::make_unique<LoadedModel>();
    SOTTO_ASSIGN(KernelChoices kernels, makeKernels(request.engine));
    model->file = std::move(file);
    SOTTO_ASSIGN(model->prompts, makePrompts(*model->file));
    SOTTO_ASSIGN(const MemoryPlan plan, choosePlan(*model->file, kernels, request, false));
    model->info = summarizeModel(*model->file);
    describePrompts(*model->prompts, model->info);
    describeMemory(plan, model->info);

    const bool hasCard = kernels.card != nullptr;
    const std::string cardId = kernels.cardId;
    for (const PlannedPart& planned : plan.parts) {
        LoadedPart part;
        part.isOnCard = hasCard && planned.deviceIndex == 1;
        part.kernels = std::move(part.isOnCard ? kernels.card : kernels.processor);
        part.share = planned.share;
        part.deviceId = part.isOnCard ? cardId : "cpu";
        part.memory = {planned.model.mapped + planned.model.resident, planned.kvBytes,
                       planned.model.scratch};
        part.bytesPerToken = planned.model.bytesPerToken;
        model->parts.push_back(std::move(part));
    }
    describeDevices(*model);
    model->info.deviceNote = deviceNote(kernels, request.model.gpuLayers != kGpuLayersAuto, *model);
    SOTTO_TRY(fillParts(*model, plan, sink));
    return model;
}

Result<ModelInfo> describeModel(const LoadRequest& request) {
    SOTTO_ASSIGN(std::unique_ptr<ModelFile> file, openModelFile(request.model.path));
    SOTTO_ASSIGN(const KernelChoices kernels, makeKernels(request.engine));
    SOTTO_ASSIGN(auto prompts, makePrompts(*file));
    ModelInfo info = summarizeModel(*file);
    describePrompts(*prompts, info);
    // Whether it fits here and now is not asked: the page shows the numbers either way.
    SOTTO_ASSIGN(const MemoryPlan plan, choosePlan(*file, kernels, request, true));
    describeMemory(plan, info);
    return info;
}

MemoryStats memoryStats(const LoadedModel& model) {
    const SystemMemory system = model.lastPart().kernels->deviceMemory();
    MemoryStats stats;
    stats.weightsMapped = model.weights.mappedBytes;
    stats.weightsResident = model.weights.residentBytes;
    stats.kvCache = model.cache->bytes();
    stats.scratch = model.scratchBytes;
    stats.systemTotal = system.totalBytes;
    stats.systemAvailable = system.availableBytes;
    return stats;
}

}  // namespace sotto
