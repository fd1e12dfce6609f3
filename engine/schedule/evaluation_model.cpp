#include "engine/schedule/evaluation_model.h"

namespace sotto {
namespace {

// Rows of logits at once: as many as let the weights of the head be read once for a tile of rows,
// few enough that a vocabulary of 150,000 takes 40 MB.
constexpr std::int64_t kOutputRows = 64;

}  // namespace

Result<std::unique_ptr<LoadedModel>> loadForEvaluation(const EngineOptions& engine,
                                                       LoadOptions options, std::int64_t nTokens,
                                                       const LoadSink& sink) {
    if (options.contextTokens == 0) options.contextTokens = nTokens;
    return loadModel({engine, options, kOutputRows}, sink);
}

}  // namespace sotto
