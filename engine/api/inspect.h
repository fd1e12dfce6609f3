// What a model file says of itself, without loading its weights: for `info`, the picker and load
// dialogs.
#pragma once

#include <filesystem>

#include "engine/api/engine_options.h"
#include "engine/api/model_info.h"
#include "engine/base/result.h"

namespace sotto {

// Reads metadata and tensor index, checks them, and runs the allocator's dry run at
// `options.contextTokens`, as on the processor. Errors: FileNotFound, FileUnreadable, FileDamaged,
// Unsupported.
Result<ModelInfo> inspectModel(const LoadOptions& options);

}  // namespace sotto
