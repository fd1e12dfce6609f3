#include "engine/model/activations.h"

#include <algorithm>
#include <array>

#include "engine/model/buffer_planner.h"

namespace sotto {
namespace {

// Stages of a step, in order. The layers repeat the middle ones; `hidden` lives through all.
enum Stage { kEmbed, kNorm, kProject, kAttend, kFeedForward, kSelect, kHead };

struct Row {
    float* Activations::*field;
    PlannedArray array;
};

struct Widths {
    std::int64_t query = 0, kv = 0, feedForward = 0, experts = 0, expertsUsed = 0;
};

Widths widest(const ModelConfig& config) {
    Widths widths;
    for (const LayerConfig& layer : config.layers) {
        const AttentionConfig& attention = layer.attention;
        widths.query = std::max(widths.query, std::int64_t{attention.nHeads} * attention.headDim);
        widths.kv = std::max(widths.kv, std::int64_t{attention.nKvHeads} * attention.headDim);
        widths.feedForward =
            std::max(widths.feedForward, std::int64_t{layer.feedForward.nFeedForward});
        const ExpertChoice& experts = layer.feedForward.experts;
        widths.experts = std::max(widths.experts, std::int64_t{experts.nExperts});
        widths.expertsUsed = std::max(widths.expertsUsed, std::int64_t{experts.nUsed});
    }
    return widths;
}

// Rows of the feed-forward's inner arrays.
std::int64_t innerRows(const ModelConfig& config, std::int64_t nTokens) {
    std::int64_t nRows = nTokens;
    for (const LayerConfig& layer : config.layers)
        if (layer.feedForward.isMixture())
            nRows = std::max(nRows, expertRows(nTokens, layer.feedForward.experts));
    return nRows;
}

std::array<Row, 12> activationTable(const ModelConfig& config, const StepLimits& limits) {
    const Widths widths = widest(config);
    const auto floats = [](std::int64_t nRows, std::int64_t width) {
        return static_cast<std::size_t>(nRows) * static_cast<std::size_t>(width);
    };
    const std::int64_t nTokens = limits.maxTokens;
    const std::int64_t nInner = innerRows(config, nTokens);
    const std::int64_t nMixed = widths.experts > 0 ? nInner : 0;
    // Else the next part of a step would compute over them.
    const Stage firstLogits = limits.exactRows == kAnyRows ? kHead : kEmbed;
    return {{
        {&Activations::hidden, {floats(nTokens, config.nEmbd), kEmbed, kHead}},
        {&Activations::normed, {floats(nTokens, config.nEmbd), kNorm, kFeedForward}},
        {&Activations::query, {floats(nTokens, widths.query), kProject, kAttend}},
        {&Activations::key, {floats(nTokens, widths.kv), kProject, kProject}},
        {&Activations::value, {floats(nTokens, widths.kv), kProject, kProject}},
        {&Activations::attention, {floats(nTokens, widths.query), kAttend, kAttend}},
        {&Activations::gate, {floats(nInner, widths.feedForward), kFeedForward, kFeedForward}},
        {&Activations::up, {floats(nInner, widths.feedForward), kFeedForward, kFeedForward}},
        {&Activations::router, {floats(nTokens, widths.experts), kFeedForward, kFeedForward}},
        {&Activations::mixed, {floats(nMixed, config.nEmbd), kFeedForward, kFeedForward}},
        {&Activations::selected, {floats(limits.maxOutputs, config.nEmbd), kSelect, kHead}},
        {&Activations::logits, {floats(limits.maxOutputs, config.nVocab), firstLogits, kHead}},
    }};
}

BufferPlan planFor(std::span<const Row> table) {
    std::vector<PlannedArray> arrays;
    for (const Row& row : table) arrays.push_back(row.array);
    return planBuffers(arrays);
}

}  // namespace

Result<Activations> planActivations(const ModelConfig& config, const StepLimits& limits,
                                    KernelSet& kernels) {
    const auto table = activationTable(config, limits);
    const BufferPlan plan = planFor(table);
    Activations activations;
    activations.limits = limits;
    SOTTO_ASSIGN(activations.buffer, kernels.allocate(plan.totalFloats * sizeof(float)));
    for (std::size_t rowIndex = 0; rowIndex < table.size(); ++rowIndex)
        activations.*table[rowIndex].field =
            activations.buffer.as<float>() + plan.offsets[rowIndex];
    return activations;
}

std::uint64_t activationBytes(const ModelConfig& config, const StepLimits& limits) {
    return planFor(activationTable(config, limits)).totalFloats * sizeof(float);
}

KernelLimits kernelLimits(const ModelConfig& config, const StepLimits& limits) {
    const Widths widths = widest(config);
    KernelLimits result;
    result.maxTokens = std::max(limits.maxTokens, limits.maxOutputs);
    result.maxCols = std::max({std::int64_t{config.nEmbd}, widths.query, widths.feedForward});
    for (const LayerConfig& layer : config.layers) {
        result.maxHeads = std::max(result.maxHeads, std::int64_t{layer.attention.nHeads});
        result.maxHeadDim = std::max(result.maxHeadDim, std::int64_t{layer.attention.headDim});
    }
    result.maxContext = limits.contextTokens;
    result.maxExperts = widths.experts;
    result.maxExpertsUsed = widths.expertsUsed;
    if (widths.experts > 0)
        result.maxExpertCols = std::max(std::int64_t{config.nEmbd}, widths.feedForward);
    result.maxReadback =
        std::max(limits.maxOutputs * config.nVocab, limits.maxTokens * config.nEmbd);
    result.maxVocab = config.nVocab;
    return result;
}

}  // namespace sotto
