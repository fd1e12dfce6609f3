#include <fmt/format.h>

#include "base/guarded.h"
#include "engine/api/evaluate.h"
#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/sequence_runner.h"

namespace sotto {
namespace {

using RowSink = std::function<void(std::int64_t position, std::span<const float> logits)>;

Status evaluate(const EngineOptions& engine, const LoadOptions& model,
                std::span<const std::int32_t> tokens, const RowSink& sink,
                const ProgressSink& progress) {
    const auto nTokens = static_cast<std::int64_t>(tokens.size());
    if (nTokens == 0) return fail(ErrorCode::InvalidArgument, "There are no tokens to evaluate.");
    SOTTO_ASSIGN(const auto loaded, loadForEvaluation(engine, model, nTokens, [&](double) {
                     return !progress || progress(0, nTokens);
                 }));
    for (const std::int32_t token : tokens)
        if (token < 0 || token >= loaded->file->config.nVocab)
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("The token id {} is out of range; this model has {} tokens.",
                                    token, loaded->file->config.nVocab));
    SequenceRunner runner(*loaded);
    return runner.run(tokens, 0, sink,
                      [&] { return !progress || progress(runner.nTokens(), nTokens); });
}

}  // namespace

Status evaluateLogits(const EngineOptions& engine, const LoadOptions& model,
                      std::span<const std::int32_t> tokens, const RowSink& sink,
                      const ProgressSink& progress) {
    return guarded([&] { return evaluate(engine, model, tokens, sink, progress); });
}

}  // namespace sotto
