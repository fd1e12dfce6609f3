// The gated feed-forward block: down(activation(gate x) * up x). Shazeer 2020 (GLU variants).
#include <array>

#include "engine/model/transformer_layer.h"

namespace sotto {

void feedForwardBlock(const ModelView& model, std::size_t layerIndex, std::int64_t nTokens) {
    const LayerConfig& layer = model.config.layers[layerIndex];
    const LayerWeights& weights = model.weights.layers[layerIndex];
    const Activations& act = model.activations;
    KernelSet& kernels = model.kernels;

    kernels.rmsNorm({act.hidden, weights.feedForwardNorm, act.normed, nTokens, model.config.nEmbd,
                     layer.normEpsilon});

    const std::array<LinearTarget, 2> inner{{
        {weights.gate, weights.gateBias, act.gate},
        {weights.up, weights.upBias, act.up},
    }};
    kernels.linear({act.normed, nTokens, inner});
    kernels.glu({layer.feedForward.glu, act.gate, act.up, act.gate, nTokens,
                 layer.feedForward.nFeedForward});

    const std::array<LinearTarget, 1> output{{{weights.down, weights.downBias, act.hidden, true}}};
    kernels.linear({act.gate, nTokens, output});
}

}  // namespace sotto
