// Loads a model for evaluation: enough rows of logits per step to make the head a matrix product.
// With a text in its tokens, for what reads texts in chunks (perplexity, importance matrices).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/schedule/loaded_model.h"

namespace sotto {

// `nTokens` is the context used when the options leave it open. Errors: those of loadModel.
Result<std::unique_ptr<LoadedModel>> loadForEvaluation(const EngineOptions& engine,
                                                       LoadOptions options, std::int64_t nTokens,
                                                       const LoadSink& sink = {});

// A model's tokenizer and template, without its weights: for what is encoded before it is known how
// much context that needs. Errors: those of reading the file; InvalidArgument (it has no
// vocabulary).
Result<std::shared_ptr<const PromptEncoder>> promptsOf(const LoadOptions& options);

// What those rows of logits take beside what a plan says, on the device of the head.
std::uint64_t evaluationOutputBytes(std::int64_t nVocab);

struct ModelAndText {
    std::unique_ptr<LoadedModel> model;
    std::vector<std::int32_t> tokens;  // of the whole text, with BOS where the model wants it

    // Of `chunkTokens` each; `maxChunks` 0: all that the text has. Errors: InvalidArgument (there
    // is none).
    Result<std::int64_t> chunkCount(std::int64_t chunkTokens, std::int64_t maxChunks) const;
    std::vector<std::int32_t> chunk(std::int64_t index, std::int64_t chunkTokens) const;
    // What is read of a chunk: BOS stands in the place of its first token where the model wants it.
    std::vector<std::int32_t> withBos(std::vector<std::int32_t> chunk) const;
};

// `chunkTokens`: what is read at once, and the context. Errors: those of loadModel, those of
// Tokenizer::encode, InvalidArgument (a file without a vocabulary, chunks longer than the model
// reads).
Result<ModelAndText> loadForText(const EngineOptions& engine, LoadOptions options,
                                 std::string_view text, std::int64_t chunkTokens,
                                 const LoadSink& sink = {});

}  // namespace sotto
