// AnswerDifference: where an answer goes another way than the one that it is compared with.
//
// Token by token where both models have one vocabulary, word by word where they have not. Pure
// values and functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/engine_event.h"
#include "engine/api/text_span.h"

namespace sotto::app {

struct WrittenToken {
    std::int32_t id = 0;
    float probability = 0;  // that its model gave it, at temperature 1; 0: not told
    std::string piece;      // its own text; empty: not told
    TextSpan text;          // of the answer: what was told with it, which may be nothing
};

// Without a span; its piece where it was told among the alternatives.
WrittenToken writtenToken(const TokenSampled& sampled);

struct WrittenAnswer {
    std::string text;  // UTF-8; thinking and answer as they came, an empty line between them
    std::vector<WrittenToken> tokens;
    std::vector<TextSpan> thinking;  // parts of the text
    bool isOver = false;
    bool isEnded = false;  // by the model itself, not by a limit or a person
};

struct AnswerDifference {
    bool isByText = false;  // the vocabularies differ, so words are compared
    bool isThere = false;   // false: what is written so far is the same
    // Of the first token, or word, that differs, from 0; its text in both, empty where an answer
    // ends there; and what each model gave its own, 0 where that is not known.
    std::size_t index = 0;
    std::string text, referenceText;
    float probability = 0, referenceProbability = 0;
    // In the bytes of the compared answer: how much of it is in the reference as well, the first
    // token or word that differs, and the words behind it that the reference has not.
    std::size_t commonBytes = 0;
    TextSpan mark;
    std::vector<TextSpan> changed;
};

// Where a token stands in the text, without the space in front; empty: nothing is shown of it.
TextSpan shownSpan(const WrittenAnswer& answer, std::size_t index);

// Same vocabulary or not, an id that stands for two pieces makes it another one.
AnswerDifference compareAnswers(const WrittenAnswer& reference, const WrittenAnswer& answer,
                                bool isSameVocabulary);

// A run of letters and digits, or one other character that is no space; of Chinese, Japanese and
// Korean, which set no spaces, each character. Malformed UTF-8 counts byte by byte as letters.
std::vector<TextSpan> wordsOf(std::string_view text);

// What is at most looked at of either text by changedWords(): its table has a cell for each pair.
inline constexpr std::size_t kMaxDiffWords = 2048;

// The words of `text` that are in no longest common subsequence of both (Hirschberg 1975, section
// 1: the plain table), of several such sequences the one that keeps the earliest words of `text`.
std::vector<TextSpan> changedWords(std::string_view reference, std::string_view text);

}  // namespace sotto::app
