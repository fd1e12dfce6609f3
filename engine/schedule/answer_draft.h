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

    // Of all of them.
    std::int64_t nProposed = 0;
    std::int64_t nAccepted = 0;
    std::int64_t nSteps = 0;  // with guesses in them

    // Writes `tokens`: at most `most` guesses behind the sequence.
    void propose(std::span<const std::int32_t> sequence, std::int64_t most, const RowCost& cost);
    void note(std::int64_t nRight);
};

}  // namespace sotto
