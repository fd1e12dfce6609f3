// The InputReader of a model file: what comes to its matrices on a text, for quantizing with error
// feedback. Runs on the processor, with a model of its own and keys and values in float32, as the
// measurement of an importance matrix does (imatrix.h); the caller's thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.h"
#include "engine/api/quantize.h"
#include "engine/quantize/input_reader.h"

namespace sotto {

// `isContinuing`: asked while the model is loaded; false cancels. May be empty. Errors: those of
// loading; InvalidArgument (the text is shorter than a chunk, a file without a vocabulary).
Result<std::unique_ptr<InputReader>> openCalibrationReader(
    const std::filesystem::path& model, const CalibrationText& text, int nThreads,
    const std::function<bool()>& isContinuing);

}  // namespace sotto
