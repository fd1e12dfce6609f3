// Whether a model's keys and values may be kept in the types that were asked for.
//
// A quantized row is cut into blocks of 32 elements. Coarse types are refused for heads of fewer
// than 64 elements: what an element is off by is averaged over the head's sum, and the scores of
// small heads suffer first. Pure function; any thread.
#pragma once

#include "base/result.h"
#include "engine/model/model_config.h"
#include "engine/tensor/kv_type.h"

namespace sotto {

// Errors: Unsupported, with the type that may stand in its place.
Status checkKvTypes(const ModelConfig& model, KvTypes types);

}  // namespace sotto
