// Llama 1 to 3, Mistral 7B, TinyLlama, SmolLM 1 and 2 and many others; with experts: Mixtral.
//
// GGUF converters permute the q and k rows of this family so that a rotated pair is two neighbours.
#include "engine/model/architectures/architecture.h"

namespace sotto {

void adaptLlama(ModelConfig& config) {
    for (LayerConfig& layer : config.layers) layer.attention.rope.kind = RopeKind::Interleaved;
}

}  // namespace sotto
