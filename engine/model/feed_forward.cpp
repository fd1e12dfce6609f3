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
    inner.consumer = weights.down;
    model.kernels.gatedProduct(inner);

    ResidualArgs output;
    output.x = act.gate;
    output.nTokens = nTokens;
    output.target = {weights.down, weights.downBias, act.hidden, true};
    // After a part's last layer the rows leave, or are picked before the norm: nothing is made.
    if (layerIndex + 1 < model.share.layers.end) {
        output.nextNorm = model.weights.layers[layerIndex + 1].attentionNorm;
        output.nextEpsilon = model.config.layers[layerIndex + 1].normEpsilon;
        output.nextConsumer = model.weights.layers[layerIndex + 1].query;
    }
    model.kernels.residual(output);
}

}  // namespace sotto
