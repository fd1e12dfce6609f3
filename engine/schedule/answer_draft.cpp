#include "engine/schedule/answer_draft.h"

#include <algorithm>

namespace sotto {
namespace {

// Steps with guesses from which on the gain says something.
constexpr std::int64_t kLeastSteps = 8;

}  // namespace

// A long match knows better than a model, a model better than a short one.
void AnswerDraft::propose(std::span<const std::int32_t> sequence, std::int64_t most,
                          const RowCost& cost, Drafter* model) {
    clear();
    if (!lookup || most <= 0) return;
    GuessChain chain(length, cost, most);
    const auto isWorth = [&](Drafter* drafter, const std::optional<GuessKind>& kind) {
        return kind && chain.isWorthMaking(*kind, drafter->secondsPerGuess(cost));
    };
    while (true) {
        const auto lookedUp = lookup->expected(sequence, tokens);
        const bool isLong = lookedUp && *lookedUp >= kLongLookup;
        Drafter* drafter = &*lookup;
        if (!isLong && model != nullptr && isWorth(model, model->expected(sequence, tokens)))
            drafter = model;
        else if (!isWorth(drafter, lookedUp))
            return;
        const auto guess = drafter->guess(sequence, tokens);
        if (!guess) return;
        if (!chain.take(guess->kind, drafter->secondsPerGuess(cost))) {
            if (isOfModel(guess->kind)) length.noteDropped();
            return;
        }
        if (isRejecting) {
            const auto from =
                drafter == model ? sampler->drawnFrom() : std::span<const Candidate>();
            distributions[tokens.size()].assign(from.begin(), from.end());
        }
        tokens.push_back(guess->token);
        kinds.push_back(guess->kind);
        // A look-up may go on behind the model's guesses, never the model behind a look-up's.
        if (drafter != model) model = nullptr;
    }
}

void AnswerDraft::clear() { cutTo(0); }

// A draft model finds out by itself what it has still read.
void AnswerDraft::restart(std::int64_t nForgotten) {
    clear();
    askModelFrom = 0;
    if (sampler) sampler->noteForgotten(nForgotten);
    if (lookup) lookup->restart();
}

void AnswerDraft::cutTo(std::size_t nTokens) {
    tokens.resize(nTokens);
    kinds.resize(nTokens);
}

DrawnGuess AnswerDraft::drawn(std::size_t guess) const {
    return {tokens[guess], distributions[guess]};
}

void AnswerDraft::beginRejecting(std::size_t nCandidates) {
    isRejecting = true;
    distributions.resize(static_cast<std::size_t>(kMaxDraft));
    for (auto& candidates : distributions) candidates.reserve(nCandidates);
}

bool AnswerDraft::isModelWorthAsking(std::int64_t nTokens, const RowCost& cost) const {
    return sampler && nTokens >= askModelFrom &&
           GuessChain(length, cost, kMaxDraft).isWorthMaking(kModelGuess, cost.ofGuess());
}

bool AnswerDraft::isLikely(std::span<const std::int32_t> sequence, const RowCost& cost) {
    if (!lookup) return false;
    if (isModelWorthAsking(std::ssize(sequence), cost)) return true;
    const auto kind = lookup->expected(sequence, {});
    return kind && GuessChain(length, cost, kMaxDraft).isWorthMaking(*kind, 0);
}

void AnswerDraft::note(std::int64_t nRight) {
    if (tokens.empty()) {
        if (!isModelReading) length.noteQuiet();
        return;
    }
    ++nSteps;
    nProposed += std::ssize(tokens);
    nAccepted += nRight;
    length.note(kinds, nRight);
    clear();
}

void AnswerDraft::noteTime(double stepSeconds, std::int64_t nTokens, const RowCost& cost) {
    const double plain = cost.of(1);
    if (!lookup || plain <= 0) return;
    seconds += stepSeconds;
    plainSeconds += plain * static_cast<double>(nTokens);
}

double AnswerDraft::gain() const {
    const bool isTelling = nSteps >= kLeastSteps || isModelAsked;
    return isTelling && seconds > 0 ? plainSeconds / seconds : 0;
}

}  // namespace sotto
