// Llama 1 to 3, Mistral 7B, TinyLlama, SmolLM 1 and 2 and many others; with experts: Mixtral.
//
// GGUF converters permute the q and k rows of this family so that a rotated pair is two neighbours;
// Meta's files have no biases, but some of its descendants do.
#include "engine/model/architectures/architecture.h"

namespace sotto {

void adaptLlama(ModelConfig& config) {
    for (LayerConfig& layer : config.layers) {
        layer.attention.rope.kind = RopeKind::Interleaved;
        layer.attention.inputBias = Presence::Optional;
        layer.attention.outputBias = Presence::Optional;
        layer.feedForward.bias = Presence::Optional;
    }
}

}  // namespace sotto
