#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/guarded.h"
#include "engine/api/questions.h"
#include "engine/schedule/divergence_scores.h"
#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/sequence_runner.h"

namespace sotto {
namespace {

// Of a normal distribution, 95 % within.
constexpr double kWilsonZ = 1.959964;

// U+4000 .. U+9FFF begin with E4 .. E9 in UTF-8.
bool isChinese(std::string_view text) {
    return std::ranges::any_of(text, [](char byte) {
        const auto value = static_cast<unsigned char>(byte);
        return value >= 0xE4 && value <= 0xE9;
    });
}

std::string letterOf(std::size_t choice) { return {static_cast<char>('A' + choice)}; }

// What is read, up to the letter.
std::string choicePrompt(const Question& question) {
    std::string text = question.text;
    for (std::size_t choice = 0; choice < question.choices.size(); ++choice)
        text += "\n" + letterOf(choice) + ". " + question.choices[choice];
    return text + (isChinese(question.text) ? "\n答案：" : "\nAnswer:");
}

// One question in tokens.
struct QuestionTokens {
    // Of a choice: the text with each letter; they begin alike. Of a number: the prompt alone.
    std::vector<std::vector<std::int32_t>> texts;
    std::size_t nCommon = 0;  // tokens that all texts begin with; at least one
};

std::size_t commonLength(const std::vector<std::vector<std::int32_t>>& texts) {
    std::size_t length = texts.front().size();
    for (const auto& text : texts) {
        const auto differing =
            std::mismatch(text.begin(), text.end(), texts.front().begin(),
                          texts.front().begin() +
                              static_cast<std::ptrdiff_t>(std::min(length, texts.front().size())));
        length = std::min(length, static_cast<std::size_t>(differing.first - text.begin()));
    }
    return length;
}

Result<QuestionTokens> encodeQuestion(const PromptEncoder& prompts, const Question& question) {
    QuestionTokens tokens;
    if (question.choices.empty()) {
        SOTTO_ASSIGN(EncodedPrompt prompt,
                     prompts.encode(ChatPrompt{.messages = {{Role::User, question.text, {}}},
                                               .isThinking = false}));
        tokens.texts.push_back(std::move(prompt.tokens));
        tokens.nCommon = tokens.texts.front().size();
    } else {
        const std::string prompt = choicePrompt(question);
        const std::string space = isChinese(question.text) ? "" : " ";
        for (std::size_t choice = 0; choice < question.choices.size(); ++choice) {
            SOTTO_ASSIGN(auto text,
                         encodePrompt(*prompts.tokenizer(), prompt + space + letterOf(choice)));
            tokens.texts.push_back(std::move(text));
        }
        tokens.nCommon = commonLength(tokens.texts);
    }
    if (tokens.nCommon == 0)
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("This question has no tokens before its answer: '{}'.", question.text));
    return tokens;
}

class QuestionRun {
public:
    QuestionRun(LoadedModel& model, const QuestionOptions& options,
                const std::function<bool()>& isContinuing)
        : m_options(options),
          m_isContinuing(isContinuing),
          m_tokenizer(*model.prompts->tokenizer()),
          m_runner(model) {}

    Result<bool> isRight(const Question& question, const QuestionTokens& tokens) {
        if (!question.choices.empty()) {
            SOTTO_ASSIGN(const std::size_t choice, likeliestChoice(tokens));
            return choice == question.answer;
        }
        SOTTO_ASSIGN(const std::string answer, writtenAnswer(tokens.texts.front()));
        return lastNumber(answer) == question.number;
    }

private:
    // The first of the likeliest.
    Result<std::size_t> likeliestChoice(const QuestionTokens& tokens) {
        const bool isOneToken = std::ranges::all_of(
            tokens.texts, [&](const auto& text) { return text.size() == tokens.nCommon + 1; });
        std::vector<double> likelihoods(tokens.texts.size(), 0.0);
        for (std::size_t choice = 0; choice < tokens.texts.size(); ++choice) {
            const std::vector<std::int32_t>& text = tokens.texts[choice];
            // Where only the last token differs, one reading tells all.
            if (isOneToken && choice > 0) break;
            m_runner.restart();
            const auto firstPosition = static_cast<std::int64_t>(tokens.nCommon) - 1;
            SOTTO_TRY(m_runner.run(
                std::span(text).first(text.size() - 1), firstPosition,
                [&](std::int64_t position, std::span<const float> logits) {
                    m_logs.resize(logits.size());
                    logSoftmax(logits, m_logs);
                    const auto next = static_cast<std::size_t>(position) + 1;
                    for (std::size_t other = 0; other < likelihoods.size(); ++other)
                        if (isOneToken || other == choice)
                            likelihoods[other] +=
                                double(m_logs[static_cast<std::size_t>(tokens.texts[other][next])]);
                },
                m_isContinuing));
        }
        return static_cast<std::size_t>(std::max_element(likelihoods.begin(), likelihoods.end()) -
                                        likelihoods.begin());
    }

    Result<std::string> writtenAnswer(const std::vector<std::int32_t>& prompt) {
        std::vector<std::int32_t> answer;
        std::int32_t next = -1;
        const auto choose = [&](std::int64_t, std::span<const float> logits) {
            next = static_cast<std::int32_t>(likeliestToken(logits));
        };
        m_runner.restart();
        SOTTO_TRY(m_runner.run(prompt, static_cast<std::int64_t>(prompt.size()) - 1, choose,
                               m_isContinuing));
        while (!m_tokenizer.isEndOfGeneration(next)) {
            answer.push_back(next);
            if (static_cast<std::int64_t>(answer.size()) == m_options.maxAnswerTokens) break;
            SOTTO_TRY(
                m_runner.run({&answer.back(), 1}, m_runner.nTokens(), choose, m_isContinuing));
        }
        return m_tokenizer.decode(answer, false);
    }

    const QuestionOptions& m_options;
    const std::function<bool()>& m_isContinuing;
    const Tokenizer& m_tokenizer;
    SequenceRunner m_runner;
    std::vector<float> m_logs;  // [nVocab]
};

Result<std::vector<QuestionTokens>> encodeAll(const LoadOptions& model,
                                              std::span<const Question> questions) {
    SOTTO_ASSIGN(const auto prompts, promptsOf(model));
    std::vector<QuestionTokens> tokens;
    for (const Question& question : questions) {
        SOTTO_ASSIGN(QuestionTokens one, encodeQuestion(*prompts, question));
        tokens.push_back(std::move(one));
    }
    return tokens;
}

// What the longest of them needs.
std::int64_t contextOf(std::span<const Question> questions, std::span<const QuestionTokens> tokens,
                       std::int64_t maxAnswerTokens) {
    std::size_t longest = 0;
    for (std::size_t index = 0; index < questions.size(); ++index) {
        const std::size_t nAnswer =
            questions[index].choices.empty() ? static_cast<std::size_t>(maxAnswerTokens) : 0;
        for (const auto& text : tokens[index].texts)
            longest = std::max(longest, text.size() + nAnswer);
    }
    return static_cast<std::int64_t>(longest);
}

Result<QuestionScores> answerAll(const EngineOptions& engine, const LoadOptions& model,
                                 std::span<const Question> questions,
                                 const QuestionOptions& options, const QuestionSink& sink) {
    const auto nQuestions = static_cast<std::int64_t>(questions.size());
    if (nQuestions == 0) return fail(ErrorCode::InvalidArgument, "There is no question.");
    SOTTO_ASSIGN(const std::vector<QuestionTokens> tokens, encodeAll(model, questions));
    std::int64_t nDone = 0;
    const std::function<bool()> isContinuing = [&] { return !sink || sink(nDone, nQuestions); };
    LoadOptions load = model;
    load.contextTokens = contextOf(questions, tokens, options.maxAnswerTokens);
    SOTTO_ASSIGN(const auto loaded, loadForEvaluation(engine, load, load.contextTokens,
                                                      [&](double) { return isContinuing(); }));
    if (loaded->contextTokens() < load.contextTokens)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("This model reads at most {} tokens, and the longest question and "
                                "its answer may take {}.",
                                loaded->contextTokens(), load.contextTokens),
                    model.path.string());
    QuestionRun run(*loaded, options, isContinuing);
    std::vector<bool> isRight;
    for (std::size_t index = 0; index < questions.size(); ++index) {
        SOTTO_ASSIGN(const bool one, run.isRight(questions[index], tokens[index]));
        isRight.push_back(one);
        ++nDone;
        if (!isContinuing()) return fail(ErrorCode::Cancelled, "Cancelled.");
    }
    return questionScores(std::move(isRight));
}

}  // namespace

QuestionScores questionScores(std::vector<bool> isRight) {
    QuestionScores scores;
    const auto n = static_cast<double>(isRight.size());
    scores.nRight = std::ranges::count(isRight, true);
    scores.isRight = std::move(isRight);
    scores.accuracy = static_cast<double>(scores.nRight) / n;
    constexpr double kSquare = kWilsonZ * kWilsonZ;
    const double middle = (scores.accuracy + kSquare / (2 * n)) / (1 + kSquare / n);
    const double half =
        kWilsonZ / (1 + kSquare / n) *
        std::sqrt(scores.accuracy * (1 - scores.accuracy) / n + kSquare / (4 * n * n));
    // At 0 and 1 one end is exact but for rounding.
    scores.low = std::max(0.0, middle - half);
    scores.high = std::min(1.0, middle + half);
    return scores;
}

Result<QuestionScores> answerQuestions(const EngineOptions& engine, const LoadOptions& model,
                                       std::span<const Question> questions,
                                       const QuestionOptions& options, const QuestionSink& sink) {
    return guarded([&] { return answerAll(engine, model, questions, options, sink); });
}

}  // namespace sotto
