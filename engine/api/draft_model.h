// Whether one model file can guess for another, for lists and before a load. Any thread.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace sotto {

// Whether the model at `draft` can be LoadOptions::draft of the one at `model`: the same tokens
// mean the same in both. A longer vocabulary may go on with unused pieces, as files round it up.
// Reads both headers, no weights. Errors: those of opening the files; InvalidArgument says why not,
// in one sentence about the draft model.
Status checkDraftModel(const std::filesystem::path& model, const std::filesystem::path& draft);

}  // namespace sotto
