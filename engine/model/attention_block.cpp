// Attention with grouped query heads over the paged cache. Ainslie et al. 2023 (GQA), Su et al.
// 2021 (RoPE); per-head norms of q and k as in Qwen 3.
#include "engine/model/transformer_layer.h"

namespace sotto {
namespace {

RopeStoreArgs ropeOf(const AttentionConfig& config, const LayerWeights& weights,
                     const Activations& act) {
    RopeStoreArgs rope;
    rope.q = act.query;
    rope.k = act.key;
    rope.v = act.value;
    rope.qNorm = weights.queryNorm;
    rope.kNorm = weights.keyNorm;
    rope.kind = config.rope.kind;
    rope.rotaryDims = config.rope.rotaryDims;
    rope.frequencies = weights.ropeFrequencies;
    rope.magnitude = weights.ropeMagnitude;
    rope.nHeads = config.nHeads;
    return rope;
}

}  // namespace

void attentionBlock(const ModelView& model, std::size_t layerIndex, const BatchView& rows) {
    const LayerConfig& layer = model.config.layers[layerIndex];
    const AttentionConfig& config = layer.attention;
    const LayerWeights& weights = model.weights.layers[layerIndex];
    const KvLayer& cache = model.cache[layerIndex];
    const Activations& act = model.activations;
    const auto nTokens = static_cast<std::int64_t>(rows.positions.size());

    AttentionInputArgs input;
    input.norm = {.x = act.hidden,
                  .weight = weights.attentionNorm,
                  .out = act.normed,
                  .nTokens = nTokens,
                  .width = model.config.nEmbd,
                  .epsilon = layer.normEpsilon};
    input.query = {.weight = weights.query, .bias = weights.queryBias, .out = act.query};
    input.key = {.weight = weights.key, .bias = weights.keyBias, .out = act.key};
    input.value = {.weight = weights.value, .bias = weights.valueBias, .out = act.value};
    input.rope = ropeOf(config, weights, act);
    input.rope.normEpsilon = layer.normEpsilon;
    input.rope.cache = cache;
    input.rope.batch = rows;
    input.behindAttention = weights.attentionOutput;
    model.kernels.attentionInput(input);

    model.kernels.attention({.q = act.query,
                             .out = act.attention,
                             .scale = config.scale,
                             .window = config.window,
                             .nHeads = config.nHeads,
                             .cache = cache,
                             .batch = rows,
                             .consumer = weights.attentionOutput});

    ResidualArgs output;
    output.x = act.attention;
    output.nTokens = nTokens;
    output.target = {.weight = weights.attentionOutput,
                     .bias = weights.attentionOutputBias,
                     .out = act.hidden,
                     .isAccumulating = true};
    output.nextNorm = weights.feedForwardNorm;
    output.nextEpsilon = layer.normEpsilon;
    output.nextConsumer = weights.gate;
    // Which experts are read is not known yet.
    if (!layer.feedForward.isMixture()) output.nextMatrices = {weights.gate, weights.up};
    model.kernels.residual(output);
}

}  // namespace sotto
