// Logits and perplexity of a whole text: for comparisons with other engines and between
// quantization levels.
//
// These calls run in the caller's thread with a model of their own; they are for the command line
// and jobs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/engine_options.h"

namespace sotto {

// Called with (done, total) tokens; returns false to cancel.
using ProgressSink = std::function<bool(std::int64_t done, std::int64_t total)>;

// Calls `sink` once per position, in order, with that position's logits [nVocab].
// Errors: those of loading; InvalidArgument (a token id out of range); ContextFull; Cancelled.
Status evaluateLogits(
    const EngineOptions& engine, const LoadOptions& model, std::span<const std::int32_t> tokens,
    const std::function<void(std::int64_t position, std::span<const float> logits)>& sink,
    const ProgressSink& progress);

struct PerplexityOptions {
    std::int64_t contextTokens = 512;  // the text is cut into chunks of this length
    std::int64_t maxChunks = 0;        // 0: all
    std::filesystem::path saveLogits;  // write log-probabilities for a later comparison
    std::filesystem::path
        compareWith;  // a file written by saveLogits: KL divergence of this model from it
    // What saveLogits must not replace, besides the model and compareWith: the text's file.
    std::vector<std::filesystem::path> inputs;
};

// As llama.cpp defines it: each chunk starts with BOS where the model wants one, and only its
// second half is scored.
struct PerplexityResult {
    double perplexity = 0;
    double standardError = 0;
    std::int64_t tokens = 0;  // scored
    bool hasKl = false;
    double klMean = 0, klMedian = 0, klP99 = 0, klMax = 0;  // nats
    double top1Agreement = 0;                               // 0..1
};

Result<PerplexityResult> evaluatePerplexity(const EngineOptions& engine, const LoadOptions& model,
                                            std::string_view text, const PerplexityOptions& options,
                                            const ProgressSink& progress);

}  // namespace sotto
