#include "engine/schedule/evaluation_model.h"

#include <fmt/format.h>

#include <algorithm>

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

Result<std::shared_ptr<const PromptEncoder>> promptsOf(const LoadOptions& options) {
    SOTTO_ASSIGN(const ModelInfo info, describeModel({.model = options}));
    SOTTO_ASSIGN(auto tokenizer, loadTokenizer(options.path));
    return PromptEncoder::create(std::move(tokenizer), info.chatTemplate,
                                 static_cast<std::int32_t>(info.nVocab));
}

std::uint64_t evaluationOutputBytes(std::int64_t nVocab) {
    return static_cast<std::uint64_t>(kOutputRows * nVocab) * sizeof(float);
}

Result<ModelAndText> loadForText(const EngineOptions& engine, LoadOptions options,
                                 std::string_view text, std::int64_t chunkTokens,
                                 const LoadSink& sink) {
    options.contextTokens = chunkTokens;
    SOTTO_ASSIGN(auto model, loadForEvaluation(engine, options, chunkTokens, sink));
    const Tokenizer* const tokenizer = model->prompts->tokenizer();
    if (tokenizer == nullptr)
        return fail(ErrorCode::InvalidArgument, "This model file has no vocabulary.",
                    options.path.string());
    if (model->contextTokens() < chunkTokens)
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("This model reads at most {} tokens; choose shorter chunks than {}.",
                        model->contextTokens(), chunkTokens));
    EncodeOptions encoding;
    encoding.isAddingBos = tokenizer->isAddingBosByDefault();
    SOTTO_ASSIGN(auto tokens, tokenizer->encode(text, encoding));
    return ModelAndText{std::move(model), std::move(tokens)};
}

Result<std::int64_t> ModelAndText::chunkCount(std::int64_t chunkTokens,
                                              std::int64_t maxChunks) const {
    std::int64_t nChunks = static_cast<std::int64_t>(tokens.size()) / chunkTokens;
    if (maxChunks > 0) nChunks = std::min(nChunks, maxChunks);
    if (nChunks == 0)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("The text has {} tokens; at least one chunk of {} is needed.",
                                tokens.size(), chunkTokens));
    return nChunks;
}

std::vector<std::int32_t> ModelAndText::chunk(std::int64_t index, std::int64_t chunkTokens) const {
    const auto begin = tokens.begin() + index * chunkTokens;
    return {begin, begin + chunkTokens};
}

std::vector<std::int32_t> ModelAndText::withBos(std::vector<std::int32_t> chunk) const {
    const Tokenizer& tokenizer = *model->prompts->tokenizer();
    if (tokenizer.isAddingBosByDefault() && tokenizer.bosToken() >= 0)
        chunk.front() = tokenizer.bosToken();
    return chunk;
}

}  // namespace sotto
