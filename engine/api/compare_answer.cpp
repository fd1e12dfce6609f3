#include "engine/api/compare_answer.h"

#include <cmath>

#include "base/guarded.h"
#include "engine/schedule/divergence_scores.h"
#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/model_group.h"

namespace sotto {
namespace {

// Prompt and answer as the reference reads them.
struct ForcedTokens {
    std::vector<std::int32_t> tokens;
    std::size_t nPrompt = 0;
};

Result<ForcedTokens> forcedTokens(const LoadOptions& reference, const AnswerToCompare& answer) {
    if (answer.answer.empty())
        return fail(ErrorCode::InvalidArgument, "There is no answer to compare.");
    SOTTO_ASSIGN(const auto prompts, promptsOf(reference));
    SOTTO_ASSIGN(EncodedPrompt prompt, prompts->encode(answer.prompt));
    if (prompt.tokens.empty())
        return fail(ErrorCode::InvalidArgument, "There is no prompt before the answer.");
    ForcedTokens forced{std::move(prompt.tokens), 0};
    forced.nPrompt = forced.tokens.size();
    // Of ids out of range: the file is another one than when it wrote the answer.
    if (!prompts->encode(TokenPrompt{answer.answer}))
        return fail(ErrorCode::InvalidArgument,
                    "The answer is not of this model's vocabulary: let the model answer again.",
                    reference.path.string());
    forced.tokens.insert(forced.tokens.end(), answer.answer.begin(), answer.answer.end());
    return forced;
}

// Whether all models mean the same by these ids. Errors: those of reading the vocabularies;
// InvalidArgument.
Status checkPieces(const std::vector<LoadOptions>& models, const ForcedTokens& forced) {
    SOTTO_ASSIGN(const auto reference, loadTokenizer(models.front().path));
    for (std::size_t index = 1; index < models.size(); ++index) {
        SOTTO_ASSIGN(const auto other, loadTokenizer(models[index].path));
        for (const std::int32_t token : forced.tokens)
            if (token >= other->size() ||
                reference->pieceBytes(token, true) != other->pieceBytes(token, true))
                return fail(differentVocabularies(models[index]));
    }
    return {};
}

// One model's reading of prompt and answer.
Result<std::vector<AnswerToken>> readAnswer(ModelGroup& models, std::size_t index,
                                            const ForcedTokens& forced,
                                            const AnswerTokenSink& sink) {
    SOTTO_ASSIGN(SequenceRunner* const runner,
                 models.use(index, [&](double) { return !sink || sink(index, 0, nullptr); }));
    const Tokenizer& tokenizer = *models.model(index).prompts->tokenizer();
    std::vector<AnswerToken> answer;
    std::vector<float> logs;
    bool isGoingOn = true;
    runner->restart();
    // The last token's successor is nobody's business.
    const std::span<const std::int32_t> read(forced.tokens.data(), forced.tokens.size() - 1);
    SOTTO_TRY(runner->run(
        read, static_cast<std::int64_t>(forced.nPrompt) - 1,
        [&](std::int64_t position, std::span<const float> logits) {
            if (!isGoingOn) return;
            logs.resize(logits.size());
            logSoftmax(logits, logs);
            AnswerToken one;
            one.token = forced.tokens[static_cast<std::size_t>(position) + 1];
            one.probability = std::exp(double(logs[static_cast<std::size_t>(one.token)]));
            one.choice = static_cast<std::int32_t>(likeliestToken(logs));
            one.choiceProbability = std::exp(double(logs[static_cast<std::size_t>(one.choice)]));
            one.choiceText = tokenizer.pieceBytes(one.choice, true);
            answer.push_back(one);
            isGoingOn = !sink || sink(index, answer.size() - 1, &answer.back());
        },
        // The prompt is read before anything is told.
        [&] {
            isGoingOn = isGoingOn && (!sink || sink(index, answer.size(), nullptr));
            return isGoingOn;
        }));
    if (!isGoingOn) return fail(ErrorCode::Cancelled, "Cancelled.");
    return answer;
}

Result<std::vector<std::vector<AnswerToken>>> compareForced(const EngineOptions& engine,
                                                            const std::vector<LoadOptions>& models,
                                                            const AnswerToCompare& answer,
                                                            const AnswerTokenSink& sink) {
    if (models.size() < 2) return fail(tooFewModels());
    SOTTO_ASSIGN(const ForcedTokens forced, forcedTokens(models.front(), answer));
    SOTTO_TRY(checkPieces(models, forced));
    ModelGroup group(engine, models, static_cast<std::int64_t>(forced.tokens.size()), false);
    SOTTO_TRY(group.plan(0));
    std::vector<std::vector<AnswerToken>> answers;
    for (std::size_t index = 0; index < models.size(); ++index) {
        SOTTO_ASSIGN(auto one, readAnswer(group, index, forced, sink));
        answers.push_back(std::move(one));
    }
    return answers;
}

}  // namespace

Result<std::vector<std::vector<AnswerToken>>> compareAnswer(const EngineOptions& engine,
                                                            const std::vector<LoadOptions>& models,
                                                            const AnswerToCompare& answer,
                                                            const AnswerTokenSink& sink) {
    return guarded([&] { return compareForced(engine, models, answer, sink); });
}

}  // namespace sotto
