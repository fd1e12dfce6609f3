// Attention with grouped query heads over the paged cache. Ainslie et al. 2023 (GQA), Su et al.
// 2021 (RoPE); per-head norms of q and k as in Qwen 3.
#include <array>

#include "engine/model/transformer_layer.h"

namespace sotto {

void attentionBlock(const ModelView& model, std::size_t layerIndex, const BatchView& rows) {
    const LayerConfig& layer = model.config.layers[layerIndex];
    const AttentionConfig& config = layer.attention;
    const LayerWeights& weights = model.weights.layers[layerIndex];
    const KvLayerView& cache = model.cache[layerIndex];
    const Activations& act = model.activations;
    KernelSet& kernels = model.kernels;
    const auto nTokens = static_cast<std::int64_t>(rows.positions.size());

    kernels.rmsNorm({act.hidden, weights.attentionNorm, act.normed, nTokens, model.config.nEmbd,
                     layer.normEpsilon});

    const std::array<LinearTarget, 3> projections{{
        {weights.query, weights.queryBias, act.query},
        {weights.key, weights.keyBias, act.key},
        {weights.value, weights.valueBias, act.value},
    }};
    kernels.linear({act.normed, nTokens, projections});

    RopeStoreArgs rope;
    rope.q = act.query;
    rope.k = act.key;
    rope.v = act.value;
    rope.qNorm = weights.queryNorm;
    rope.kNorm = weights.keyNorm;
    rope.normEpsilon = layer.normEpsilon;
    rope.kind = config.rope.kind;
    rope.rotaryDims = config.rope.rotaryDims;
    rope.frequencies = weights.ropeFrequencies;
    rope.magnitude = weights.ropeMagnitude;
    rope.nHeads = config.nHeads;
    rope.cache = cache;
    rope.batch = rows;
    kernels.ropeStore(rope);

    kernels.attention(
        {act.query, act.attention, config.scale, config.window, config.nHeads, cache, rows});

    const std::array<LinearTarget, 1> output{
        {{weights.attentionOutput, weights.attentionOutputBias, act.hidden, true}}};
    kernels.linear({act.attention, nTokens, output});
}

}  // namespace sotto
