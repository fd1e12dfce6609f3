// Qwen 3, dense and as a mixture of experts: Llama with a norm per head on q and k, rotated halves,
// a head length of its own.
#include "engine/model/architectures/architecture.h"

namespace sotto {

void adaptQwen3(ModelConfig& config) {
    for (LayerConfig& layer : config.layers) {
        layer.attention.rope.kind = RopeKind::Neox;
        layer.attention.qkNorm = Presence::Required;
    }
}

}  // namespace sotto
