// How far models are from a reference on a text: perplexity of each, and of all but the first their
// KL divergence from it, by the field's protocol (llama-perplexity --kl-divergence; figures agree
// with golden2/kl.json within that README's bounds).
//
// The text is cut into chunks; each begins with BOS in place of its first token where the model
// wants one, and only its second half is scored. Streamed: of the reference's log-probabilities one
// group of rows is kept in memory (a row is 4 bytes x vocabulary: exact float32, 0.6 MB at 152,000
// tokens), then every other model reads the same chunks. Models that fit into the memory together
// stay loaded; else they take turns, and each is loaded once for every group. A group may end
// within a chunk, so that long contexts need no more memory; models in turn then read that chunk's
// beginning again. These calls run in the caller's thread with models of their own; they are for
// the command line and jobs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/divergence.h"
#include "engine/api/engine_options.h"

namespace sotto {

struct TextComparisonOptions {
    std::int64_t contextTokens = 512;                     // of a chunk
    std::int64_t maxChunks = 0;                           // 0: all that the text has
    std::uint64_t spoolBytes = std::uint64_t{512} << 20;  // of the rows kept; one row at least
    // Load one model after the other although there is room for all; the figures are the same.
    bool isTakingTurns = false;
};

struct TextComparisonRow : DivergenceStatistics {
    double perplexity = 0;
    double standardError = 0;  // of the perplexity
    bool hasKl = false;        // false for the reference, whose DivergenceStatistics mean nothing
    std::int64_t tokens = 0;   // scored
    // What reading took the model, without loading and scoring.
    std::int64_t readTokens = 0;
    double seconds = 0;
};

struct TextComparisonProgress {
    std::size_t model = 0;   // at work
    bool isLoading = false;  // its weights
    std::int64_t doneTokens = 0;
    std::int64_t totalTokens = 0;  // of all models; 0 while the text is being cut
};

// Returns false to cancel. Called between steps and while weights are read.
using TextComparisonSink = std::function<bool(const TextComparisonProgress&)>;

// Whether both models cut `text` into the same ids, so that their probabilities can be compared.
// Reads no weights. Errors: those of reading the files; InvalidArgument (a file without a
// vocabulary, text that is not UTF-8).
Result<bool> haveSameTokens(const LoadOptions& reference, const LoadOptions& other,
                            std::string_view text);

// One row for each model, in their order; the first is the reference, and there are at least two.
// Vocabularies may differ in tokens that the text does not use: divergence is then over the ids
// that all models have. Errors: those of loading; InvalidArgument (fewer than two models; a text
// shorter than a chunk, chunks longer than a model reads, both with the tokens that are `needed`
// and `available`; models that cut the text into other tokens, which can be compared by their
// answers' text only); FileDamaged (logits that are no numbers); Cancelled.
Result<std::vector<TextComparisonRow>> compareOnText(const EngineOptions& engine,
                                                     const std::vector<LoadOptions>& models,
                                                     std::string_view text,
                                                     const TextComparisonOptions& options,
                                                     const TextComparisonSink& sink);

}  // namespace sotto
