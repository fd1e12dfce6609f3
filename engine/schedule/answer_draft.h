// AnswerDraft: what is guessed of one answer's next tokens, and how that went. A plain struct of
// the engine thread, part of a Request; without a lookup nothing is guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/schedule/draft_length.h"
#include "engine/schedule/ngram_lookup.h"

namespace sotto {

struct AnswerDraft {
    std::optional<NgramLookup> lookup;
    DraftLength length;

    // Of the step that is planned or under way.
    std::vector<std::int32_t> tokens;  // room for kMaxDraft
    std::int64_t matchLength = 0;

    std::int64_t nProposed = 0;
    std::int64_t nAccepted = 0;
    std::int64_t nSteps = 0;  // with guesses in them
    // Of steps with nothing but this answer in them: what they took, and what their tokens would
    // have taken one by one.
    double seconds = 0;
    double plainSeconds = 0;

    // Writes `tokens`: at most `most` guesses behind the sequence.
    void propose(std::span<const std::int32_t> sequence, std::int64_t most, const RowCost& cost);
    // Whether guesses are likely behind the token that follows, so that it is waited for.
    bool isLikely(std::span<const std::int32_t> sequence, const RowCost& cost);
    // The planned step was computed; the first `nRight` guesses stood.
    void note(std::int64_t nRight);
    void noteTime(double stepSeconds, std::int64_t nTokens, const RowCost& cost);
    // The sequence is another one from here on: tokens went out of its middle.
    void restart();
    // Over the speed of plain steps; 0: too few guesses were made to say.
    double gain() const;
};

}  // namespace sotto
