#include "engine/model/transformer_layer.h"

namespace sotto {

void transformerLayer(const ModelView& model, std::size_t layerIndex, const BatchView& rows) {
    attentionBlock(model, layerIndex, rows);
    feedForwardBlock(model, layerIndex, static_cast<std::int64_t>(rows.positions.size()));
}

}  // namespace sotto
