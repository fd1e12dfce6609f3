// Qwen 2 and 2.5, dense: Llama with biases on q, k and v, rotated halves.
#include "engine/model/architectures/architecture.h"

namespace sotto {

void adaptQwen2(ModelConfig& config) {
    for (LayerConfig& layer : config.layers) {
        layer.attention.rope.kind = RopeKind::Neox;
        layer.attention.inputBias = Presence::Required;
    }
}

}  // namespace sotto
