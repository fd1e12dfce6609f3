// The feed-forward block, gated: down(activation(gate x) * up x), or a mixture of such experts.
// Shazeer 2020 (GLU variants); mixtures: kernels/experts.h.
#include "engine/model/transformer_layer.h"

namespace sotto {
namespace {

// What reads the hidden rows after this block: the next layer, or the head, for which not all rows
// may be wanted. After a part's last layer they leave: nothing is made.
template <class Args>
void nameReader(const ModelView& model, std::size_t layerIndex, Args& args) {
    if (layerIndex + 1 >= model.share.layers.end) {
        if (!model.share.hasHead) return;
        args.nextNorm = model.weights.outputNorm;
        args.nextEpsilon = model.config.outputNormEpsilon;
        args.nextConsumer = model.weights.head;
        return;
    }
    args.nextNorm = model.weights.layers[layerIndex + 1].attentionNorm;
    args.nextEpsilon = model.config.layers[layerIndex + 1].normEpsilon;
    args.nextConsumer = model.weights.layers[layerIndex + 1].query;
}

RmsNormArgs normOf(const ModelView& model, std::size_t layerIndex, std::int64_t nTokens) {
    const Activations& act = model.activations;
    return {.x = act.hidden,
            .weight = model.weights.layers[layerIndex].feedForwardNorm,
            .out = act.normed,
            .nTokens = nTokens,
            .width = model.config.nEmbd,
            .epsilon = model.config.layers[layerIndex].normEpsilon};
}

void mixtureBlock(const ModelView& model, std::size_t layerIndex, std::int64_t nTokens) {
    const FeedForwardConfig& config = model.config.layers[layerIndex].feedForward;
    const LayerWeights& weights = model.weights.layers[layerIndex];
    const Activations& act = model.activations;
    ExpertsArgs args;
    args.norm = normOf(model, layerIndex, nTokens);
    args.router = weights.router;
    args.gate = weights.gate;
    args.up = weights.up;
    args.down = weights.down;
    args.choice = config.experts;
    args.glu = config.glu;
    args.out = act.hidden;
    args.logits = act.router;
    args.gated = act.gate;
    args.upper = act.up;
    args.mixed = act.mixed;
    nameReader(model, layerIndex, args);
    model.kernels.experts(args);
}

void denseBlock(const ModelView& model, std::size_t layerIndex, std::int64_t nTokens) {
    const LayerConfig& layer = model.config.layers[layerIndex];
    const LayerWeights& weights = model.weights.layers[layerIndex];
    const Activations& act = model.activations;

    GatedArgs inner;
    inner.norm = normOf(model, layerIndex, nTokens);
    inner.gate = {.weight = weights.gate, .bias = weights.gateBias, .out = act.gate};
    inner.up = {.weight = weights.up, .bias = weights.upBias, .out = act.up};
    inner.glu = {.kind = layer.feedForward.glu,
                 .gate = act.gate,
                 .up = act.up,
                 .out = act.gate,
                 .nTokens = nTokens,
                 .width = layer.feedForward.nFeedForward};
    inner.consumer = weights.down;
    model.kernels.gatedProduct(inner);

    ResidualArgs output;
    output.x = act.gate;
    output.nTokens = nTokens;
    output.target = {.weight = weights.down,
                     .bias = weights.downBias,
                     .out = act.hidden,
                     .isAccumulating = true};
    nameReader(model, layerIndex, output);
    output.nextMatrices = {output.nextConsumer, nullptr};
    model.kernels.residual(output);
}

}  // namespace

void feedForwardBlock(const ModelView& model, std::size_t layerIndex, std::int64_t nTokens) {
    if (model.config.layers[layerIndex].feedForward.isMixture())
        mixtureBlock(model, layerIndex, nTokens);
    else
        denseBlock(model, layerIndex, nTokens);
}

}  // namespace sotto
