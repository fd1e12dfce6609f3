// Qwen 2 and 2.5, dense: Llama with rotated halves and, but for some of its descendants, biases on
// q, k and v.
#include "engine/model/architectures/architecture.h"

namespace sotto {

void adaptQwen2(ModelConfig& config) {
    for (LayerConfig& layer : config.layers) layer.attention.rope.kind = RopeKind::Neox;
}

}  // namespace sotto
