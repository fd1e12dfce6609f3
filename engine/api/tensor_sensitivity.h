// TensorSensitivity: how much an error in each matrix of a model costs its answers; a step of the
// measurement of an importance matrix (imatrix.h), for the quantizer that spends bits by it.
//
// Each matrix in turn takes the form that a quantizer of 4 bits gives it, alone, and the mean KL
// divergence of the next tokens on the text is divided by the matrix's own weighted error
// (engine/quantize/sensitivity.h): nats for each part of a matrix's output that is error. Errors
// this small add up, over matrices and over types, so that one figure for each matrix tells all.
// Memory: beside the model one matrix, and up to 128 MiB of the model's own log-probabilities.
// The caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "engine/quantize/importance.h"
#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/sequence_runner.h"

namespace sotto {

struct SensitivityRunArgs {
    LoadedModel& model;      // on the processor; as it was on return
    SequenceRunner& runner;  // of the model: the cache holds one sequence
    const ModelAndText& read;
    std::int64_t contextTokens = 0;  // of a chunk
    std::int64_t nChunks = 0;        // that the text has
    const ImportanceMatrix& importance;
    int nThreads = 0;
    // Steps of equal length that are done, and all; false cancels. May be empty.
    std::function<bool(std::int64_t nDone, std::int64_t nAll)> progress = {};
};

// Of deep models some layers are measured, and those between them lie between their neighbours. A
// matrix that four bits hold as it is has none of its own.
// Errors: Cancelled, OutOfMemory, FileDamaged (a weight that is no number, named), those of
// SequenceRunner::run().
Result<std::map<std::string, double, std::less<>>> measureTensorSensitivity(
    const SensitivityRunArgs& args);

}  // namespace sotto
