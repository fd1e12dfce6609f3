// prefixModelKey: what the numbers in a prefix cache's blocks depend on beside their tokens, as one
// text: the model's file, the cache's types and form, and whose kernels compute what.
#pragma once

#include <string>

#include "engine/schedule/loaded_model.h"

namespace sotto {

// Equal where, and only where, blocks of one load may stand for those of another one. Of the file:
// its size, its time, its header and the beginning of each tensor, so that a copy with its time is
// the same model and one that was changed is not. Empty for a model that is in no file, or whose
// file is gone.
std::string prefixModelKey(const LoadedModel& model);

}  // namespace sotto
