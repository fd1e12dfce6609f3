// Loads a model for evaluation: enough rows of logits per step to make the head a matrix product.
#pragma once

#include "engine/schedule/loaded_model.h"

namespace sotto {

// `nTokens` is the context used when the options leave it open. Errors: those of loadModel.
Result<std::unique_ptr<LoadedModel>> loadForEvaluation(const EngineOptions& engine,
                                                       LoadOptions options, std::int64_t nTokens,
                                                       const LoadSink& sink = {});

}  // namespace sotto
