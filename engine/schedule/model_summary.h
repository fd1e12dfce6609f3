// ModelInfo from a checked model file: what people and pages see of it. Pure; any thread.
#pragma once

#include "engine/api/model_info.h"
#include "engine/model/loader.h"

namespace sotto {

// Everything but `memory`, `contextTokens`, `bytesPerToken`, `tokenizer`, `templateProblem` and
// `systemRole`.
ModelInfo summarizeModel(const ModelFile& model);

}  // namespace sotto
