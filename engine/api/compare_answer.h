// Where other models would have gone another way in an answer that a reference has written: each
// reads the same question and the same answer ("teacher-forced") and tells, for every token of it,
// what it would have made of that place.
//
// Runs in the caller's thread with models of its own, which stay loaded together or take turns as
// in compare_text.h; for jobs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/api/generation_request.h"

namespace sotto {

struct AnswerToCompare {
    Prompt prompt;                     // a chat is rendered by the reference's template
    std::vector<std::int32_t> answer;  // ids, behind the prompt; at least one
};

// Probabilities are those of the whole vocabulary at temperature 1, 0..1.
struct AnswerToken {
    std::int32_t token = -1;   // of the answer
    double probability = 0;    // that the model gives to it
    std::int32_t choice = -1;  // what the model finds likeliest there
    double choiceProbability = 0;
    std::string choiceText;  // its bytes, maybe half a UTF-8 character; of a control token its name

    bool isSame() const { return choice == token; }
};

// Told in the order of the answer, the reference's first: models of one comparison by their index.
// Returns false to cancel. While a model is being loaded, and between its steps, it is asked with
// `token` null.
using AnswerTokenSink =
    std::function<bool(std::size_t model, std::size_t position, const AnswerToken* token)>;

// One list for each model, in their order and as long as the answer; the first is the reference's.
// Errors: those of loading; those of encoding the prompt; InvalidArgument (no answer, ids out of
// range, more tokens than a model reads, models whose vocabularies differ in a token that occurs);
// FileDamaged (logits that are no numbers); Cancelled.
Result<std::vector<std::vector<AnswerToken>>> compareAnswer(const EngineOptions& engine,
                                                            const std::vector<LoadOptions>& models,
                                                            const AnswerToCompare& answer,
                                                            const AnswerTokenSink& sink);

}  // namespace sotto
