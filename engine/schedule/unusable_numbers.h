// What a model that computes no usable numbers is answered with. Engine thread.
#pragma once

#include <cstdint>
#include <functional>

#include "base/error.h"
#include "engine/schedule/loaded_model.h"

namespace sotto {

// Names the tensor of the file that holds such weights, or says that none does. The first call for
// a model reads all its weights, which takes as long as loading it; no more than once, since other
// answers wait. `position` is of the token behind which the numbers are missing. In place of that
// error: Cancelled (`isContinuing`, which may be empty, returned false), FileUnreadable.
Error unusableNumbers(LoadedModel& model, std::int64_t position,
                      const std::function<bool()>& isContinuing);

}  // namespace sotto
