// The file of a draft model: read, checked, and held against the model that it shall guess for. Any
// thread.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "engine/model/loader.h"

namespace sotto {

// Errors: those of openModelFile(); InvalidArgument says why it cannot guess for `model`.
Result<std::unique_ptr<ModelFile>> openDraftFile(const std::filesystem::path& path,
                                                 const ModelFile& model);

}  // namespace sotto
