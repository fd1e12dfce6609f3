// Why a model computes no usable numbers: the tensor of its file that holds some which are none.
//
// Reads every weight, so only once something went wrong. Pure, any thread.
#pragma once

#include <functional>

#include "base/result.h"
#include "engine/model/loader.h"

namespace sotto {

// Name of the first tensor, in the order of the file, with a weight that is NaN or infinite; empty:
// all are finite, or the model is random and no file holds it. Asked between two tensors,
// `isContinuing` (may be empty) returns false to give up. Errors: Cancelled,
// FileUnreadable (the file was cut while it was read).
Result<std::string> firstUnusableTensor(const ModelFile& model,
                                        const std::function<bool()>& isContinuing);

}  // namespace sotto
