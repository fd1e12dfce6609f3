// ForcedReading: where a model would have gone another way in the reference's answer, which it was
// given to read ("teacher-forced", engine/api/compare_answer.h).
//
// Pure values and functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/core/compare/answer_difference.h"
#include "engine/api/compare_answer.h"

namespace sotto::app {

// A token of the reference's answer that the model would not have written. Probabilities are those
// of the whole vocabulary at temperature 1.
struct OtherChoice {
    std::size_t index = 0;           // of the token, from 0
    float referenceProbability = 0;  // that the reference gives it
    std::string text;                // what the model finds likeliest there
    float probability = 0;           // that it gives to that

    bool operator==(const OtherChoice&) const = default;
};

struct ForcedReading {
    std::int64_t nTokens = 0;         // of the reference's answer
    std::vector<OtherChoice> others;  // in their order

    bool operator==(const ForcedReading&) const = default;
};

// Of two rows of compareAnswer(). A drawn token that the reference itself finds less likely than
// what the model would say is no difference between the two.
ForcedReading forcedReading(const std::vector<AnswerToken>& reference,
                            const std::vector<AnswerToken>& model);

}  // namespace sotto::app
