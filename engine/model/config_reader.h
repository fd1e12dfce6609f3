// Reads a model's hyper-parameters from GGUF metadata and checks that each one is sane by itself;
// how they fit the tensors is checked by weight_table. Pure; any thread. Source of the key names:
// ggml docs/gguf.md.
#pragma once

#include <span>

#include "base/result.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/model/architectures/architecture.h"
#include "engine/model/model_config.h"

namespace sotto {

// Errors: Unsupported (an architecture, feature or RoPE scaling that is not built, named),
// FileDamaged (a key that is missing, of the wrong kind or out of range, named).
Result<ModelConfig> readModelConfig(const GgufFile& file,
                                    std::span<const Architecture> architectures);

}  // namespace sotto
