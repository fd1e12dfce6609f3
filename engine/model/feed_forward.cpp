// The gated feed-forward block: down(activation(gate x) * up x). Shazeer 2020 (GLU variants).
#include "engine/model/transformer_layer.h"

namespace sotto {

void feedForwardBlock(const ModelView& model, std::size_t layerIndex, std::int64_t nTokens) {
    const LayerConfig& layer = model.config.layers[layerIndex];
    const LayerWeights& weights = model.weights.layers[layerIndex];
    const Activations& act = model.activations;

    GatedArgs inner;
    inner.norm = {act.hidden, weights.feedForwardNorm, act.normed,
                  nTokens,    model.config.nEmbd,      layer.normEpsilon};
    inner.gate = {weights.gate, weights.gateBias, act.gate};
    inner.up = {weights.up, weights.upBias, act.up};
    inner.glu = {layer.feedForward.glu,         act.gate, act.up, act.gate, nTokens,
                 layer.feedForward.nFeedForward};
    model.kernels.gatedProduct(inner);

    // The norm that follows is the next layer's, or the model's last.
    const bool isLast = layerIndex + 1 == model.config.layers.size();
    ResidualArgs output;
    output.x = act.gate;
    output.nTokens = nTokens;
    output.target = {weights.down, weights.downBias, act.hidden, true};
    output.nextNorm = isLast ? nullptr : model.weights.layers[layerIndex + 1].attentionNorm;
    output.nextEpsilon = isLast ? 0.0f : model.config.layers[layerIndex + 1].normEpsilon;
    model.kernels.residual(output);
}

}  // namespace sotto
