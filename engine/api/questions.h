// Question sets: how many of their questions a model answers right, with the interval of that
// share.
//
// One JSON object per line, in any of the forms that the sets of the field have:
//   {"question", "choices": ["…", …], "answer": 1 or "B"}       ours, MMLU's
//   {"question", "A", "B", "C", "D", "answer": "B"}              C-Eval's
//   {"question", "answer": "… #### 18"} or "answer": 18          GSM8K's: a number
// Multiple choice is judged by likelihood, without examples and without a chat template, as MMLU
// (Hendrycks et al. 2021) and C-Eval (Huang et al. 2023) do: the choices stand under the question
// with their letters, and the letter that the model finds likeliest behind "Answer:" (of Chinese
// questions "答案：") is its answer. A number is the last one of the answer that the model writes
// at temperature 0, in a chat, without thinking. Runs in the caller's thread with a model of its
// own; for the command line and jobs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/engine_options.h"

namespace sotto {

struct Question {
    std::string text;
    std::vector<std::string> choices;  // empty: a number is asked for
    std::size_t answer = 0;            // index of the right one
    std::string number;                // the right one, as lastNumber() writes it
};

// `source` stands in errors: a file's name. Errors: InvalidArgument, with the line that is in none
// of the forms, or where there is no question at all.
Result<std::vector<Question>> parseQuestions(std::string_view jsonLines, const std::string& source);

// The last number in a text: digits with a sign, groups of thousands and decimals; without groups,
// needless zeros and "+". Empty: there is none.
std::string lastNumber(std::string_view text);

struct QuestionOptions {
    std::int64_t maxAnswerTokens = 512;  // of a number's answer
};

struct QuestionScores {
    std::vector<bool> isRight;  // of each question
    std::int64_t nRight = 0;
    double accuracy = 0;  // 0..1
    double low = 0;       // Wilson's interval of 95 %
    double high = 0;
};

// Of at least one question. Wilson 1927: it does not leave 0..1 and holds for
// few questions, too.
QuestionScores questionScores(std::vector<bool> isRight);

// Returns false to cancel; (0, total) while the model is loaded.
using QuestionSink = std::function<bool(std::int64_t done, std::int64_t total)>;

// Errors: those of loading and of encoding the questions; InvalidArgument (no question, one that is
// longer than the model reads, a file without a vocabulary); FileDamaged (logits that are no
// numbers); Cancelled.
Result<QuestionScores> answerQuestions(const EngineOptions& engine, const LoadOptions& model,
                                       std::span<const Question> questions,
                                       const QuestionOptions& options, const QuestionSink& sink);

}  // namespace sotto
