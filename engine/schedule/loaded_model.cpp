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

}  // namespace

Result<std::unique_ptr<LoadedModel>> loadModel(const LoadRequest& request, const LoadSink& sink) {
    SOTTO_ASSIGN(std::unique_ptr<ModelFile> file, openModelFile(request.model.path));
    return loadModel(std::move(file), request, sink);
}

Result<std::unique_ptr<LoadedModel>> loadModel(std::unique_ptr<ModelFile> file,
                                               const LoadRequest& request, const LoadSink& sink) {
    auto model = std::make_unique<LoadedModel>();
    SOTTO_ASSIGN(model->kernels, makeKernels(request.engine));
    model->file = std::move(file);
    SOTTO_ASSIGN(model->prompts, makePrompts(*model->file));
    SOTTO_ASSIGN(const MemoryPlan plan,
                 chooseMemoryPlan(*model->file, *model->kernels, request.model, request.maxOutputs,
                                  systemMemory().availableBytes));
    model->info = summarizeModel(*model->file);
    describePrompts(*model->prompts, model->info);
    describeMemory(plan, model->info);

    SOTTO_ASSIGN(model->cache, KvCache::create(plan.kvShape, *model->kernels));
    SOTTO_ASSIGN(model->activations,
                 planActivations(model->file->config, plan.limits, *model->kernels));
    SOTTO_TRY(model->kernels->reserve(kernelLimits(model->file->config, plan.limits)));
    SOTTO_ASSIGN(model->weights, loadWeights(*model->file, *model->kernels, sink));
    model->kvTokenBytes = kvTokenBytes(plan.kvShape);
    model->scratchBytes = plan.model.scratch;
    return model;
}

Result<ModelInfo> describeModel(const LoadRequest& request) {
    SOTTO_ASSIGN(std::unique_ptr<ModelFile> file, openModelFile(request.model.path));
    SOTTO_ASSIGN(std::unique_ptr<KernelSet> kernels, makeKernels(request.engine));
    SOTTO_ASSIGN(auto prompts, makePrompts(*file));
    ModelInfo info = summarizeModel(*file);
    describePrompts(*prompts, info);
    // Whether it fits here and now is not asked: the page shows the numbers either way.
    SOTTO_ASSIGN(const MemoryPlan plan,
                 chooseMemoryPlan(*file, *kernels, request.model, request.maxOutputs, UINT64_MAX));
    describeMemory(plan, info);
    return info;
}

MemoryStats memoryStats(const LoadedModel& model) {
    const SystemMemory system = systemMemory();
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
