#include "engine/schedule/answer_draft.h"

#include <algorithm>

namespace sotto {

void AnswerDraft::propose(std::span<const std::int32_t> sequence, std::int64_t most,
                          const RowCost& cost) {
    tokens.clear();
    if (!lookup || most <= 0) return;
    const auto match = lookup->find(sequence);
    if (!match) return;
    const std::int64_t count = std::min(most, length.choose(match->length, cost));
    matchLength = match->length;
    tokens.resize(static_cast<std::size_t>(count));
    copyContinuation(sequence, *match, tokens);
}

void AnswerDraft::note(std::int64_t nRight) {
    if (tokens.empty()) return;
    ++nSteps;
    nProposed += std::ssize(tokens);
    nAccepted += nRight;
    length.note(matchLength, std::ssize(tokens), nRight);
    tokens.clear();
}

}  // namespace sotto
