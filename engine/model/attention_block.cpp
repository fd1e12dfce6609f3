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
    input.norm = {act.hidden, weights.attentionNorm, act.normed,
                  nTokens,    model.config.nEmbd,    layer.normEpsilon};
    input.query = {weights.query, weights.queryBias, act.query};
    input.key = {weights.key, weights.keyBias, act.key};
    input.value = {weights.value, weights.valueBias, act.value};
    input.rope = ropeOf(config, weights, act);
    input.rope.normEpsilon = layer.normEpsilon;
    input.rope.cache = cache;
    input.rope.batch = rows;
    model.kernels.attentionInput(input);

    model.kernels.attention({act.query, act.attention, config.scale, config.window, config.nHeads,
                             cache, rows, weights.attentionOutput});

    ResidualArgs output;
    output.x = act.attention;
    output.nTokens = nTokens;
    output.target = {weights.attentionOutput, weights.attentionOutputBias, act.hidden, true};
    output.nextNorm = weights.feedForwardNorm;
    output.nextEpsilon = layer.normEpsilon;
    output.nextConsumer = weights.gate;
    model.kernels.residual(output);
}

}  // namespace sotto
