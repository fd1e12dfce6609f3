// What `compare` found, as JSON and as text for people: plain words first, numbers below.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/output.h"
#include "app/core/compare/answer_difference.h"
#include "engine/api/compare_text.h"
#include "engine/api/model_info.h"
#include "engine/api/questions.h"

namespace sotto::cli {

// Answers to the prompts, each as the model writes it by itself at temperature 0.
struct PromptAnswers {
    std::vector<app::WrittenAnswer> answers;  // one for each prompt
    double tokensPerSecond = 0;               // mean over the tokens of all; 0: too few
    std::uint64_t memoryBytes = 0;            // while it answered
};

// With so many tokens in the cache.
struct DepthSpeed {
    std::int64_t depth = 0;
    double promptTokensPerSecond = 0;  // reading a prompt of that length; 0: not known
    double tokensPerSecond = 0;        // writing behind it
    std::uint64_t memoryBytes = 0;     // at that context; 0: the model does not read so much
};

struct ComparedModel {
    ModelInfo info;
    bool hasReferenceTokens = true;         // false: only answers can be compared, and by text
    std::optional<TextComparisonRow> text;  // nothing where they cannot
    PromptAnswers prompts;
    std::optional<QuestionScores> questions;  // nothing where none were asked
    std::vector<DepthSpeed> speeds;           // for tables alone
};

// Its file's name, or its folder's.
std::string labelOf(const ComparedModel& model);

struct ComparisonReport {
    std::string textName;
    std::int64_t chunkTokens = 0;
    std::vector<ComparedModel> models;  // the first is the reference

    // Of each prompt, nothing where the answers are the same; by text where the ids differ.
    std::vector<std::optional<app::AnswerDifference>> differences(std::size_t model) const;
};

Json comparisonJson(const ComparisonReport& report);
std::string comparisonText(const ComparisonReport& report);

}  // namespace sotto::cli
