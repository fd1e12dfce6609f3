#include "engine/schedule/answer_draft.h"

#include <algorithm>

namespace sotto {
namespace {

// Steps with guesses from which on the gain says something.
constexpr std::int64_t kLeastSteps = 8;

}  // namespace

void AnswerDraft::propose(std::span<const std::int32_t> sequence, std::int64_t most,
                          const RowCost& cost) {
    tokens.clear();
    if (!lookup || most <= 0) return;
    const auto match = lookup->find(sequence);
    if (!match) return;
    matchLength = match->length;
    tokens.resize(static_cast<std::size_t>(std::min(most, length.plan(match->length, cost))));
    copyContinuation(sequence, *match, tokens);
}

bool AnswerDraft::isLikely(std::span<const std::int32_t> sequence, const RowCost& cost) {
    if (!lookup) return false;
    const auto match = lookup->find(sequence);
    return match && length.plan(match->length, cost) > 0;
}

void AnswerDraft::note(std::int64_t nRight) {
    if (tokens.empty()) {
        length.noteQuiet();
        return;
    }
    ++nSteps;
    nProposed += std::ssize(tokens);
    nAccepted += nRight;
    length.note(matchLength, std::ssize(tokens), nRight);
    tokens.clear();
}

void AnswerDraft::noteTime(double stepSeconds, std::int64_t nTokens, const RowCost& cost) {
    const double plain = cost.of(1);
    if (!lookup || plain <= 0) return;
    seconds += stepSeconds;
    plainSeconds += plain * static_cast<double>(nTokens);
}

void AnswerDraft::restart() {
    tokens.clear();
    if (lookup) lookup->restart();
}

double AnswerDraft::gain() const {
    return nSteps >= kLeastSteps && seconds > 0 ? plainSeconds / seconds : 0;
}

}  // namespace sotto
