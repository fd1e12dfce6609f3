// One layer: hidden += attention(norm(hidden)); hidden += feedForward(norm(hidden)).
// Source: Touvron et al. 2023 (pre-norm decoder), after Vaswani et al. 2017.
#pragma once

#include <cstddef>

#include "engine/model/forward.h"

namespace sotto {

void transformerLayer(const ModelView& model, std::size_t layerIndex, const BatchView& rows);

// The two blocks add their result to activations.hidden [nTokens, nEmbd].
void attentionBlock(const ModelView& model, std::size_t layerIndex, const BatchView& rows);
void feedForwardBlock(const ModelView& model, std::size_t layerIndex, std::int64_t nTokens);

}  // namespace sotto
