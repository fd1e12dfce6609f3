// AnswerDraft: what is guessed of one answer's next tokens, and how that went. A plain struct of
// the engine thread, part of a Request; without a lookup nothing is guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/schedule/draft_length.h"
#include "engine/schedule/drafter.h"
#include "engine/schedule/ngram_drafter.h"
#include "engine/token/sampler.h"

namespace sotto {

struct AnswerDraft {
    std::optional<NgramDrafter> lookup;
    // How the draft model's guesses are drawn: as the answer's tokens. Nothing: it is not asked.
    std::optional<Sampler> sampler;
    DraftLength length;
    // DraftAcceptance::Rejection: guesses are drawn apart from the answer's tokens.
    bool isRejecting = false;

    // Of the step that is planned or under way.
    std::vector<std::int32_t> tokens;  // room for kMaxDraft
    std::vector<GuessKind> kinds;      // of each
    // Where guesses are rejected: what each was drawn from; empty: it was looked up.
    std::vector<std::vector<Candidate>> distributions;

    // The draft model reads on: the step says nothing of guessing.
    bool isModelReading = false;
    bool isModelAsked = false;      // once at least: it took time
    std::int64_t askModelFrom = 0;  // tokens; it cannot or must not guess before there are so many

    std::int64_t nProposed = 0;
    std::int64_t nAccepted = 0;
    std::int64_t nSteps = 0;  // with guesses in them
    // Of steps with nothing but this answer in them: what they took, guessing and all, and what
    // their tokens would have taken one by one.
    double seconds = 0;
    double plainSeconds = 0;

    // Writes `tokens`: at most `most` guesses behind the sequence. `model` follows it, or is null.
    void propose(std::span<const std::int32_t> sequence, std::int64_t most, const RowCost& cost,
                 Drafter* model);
    void clear();
    // The sequence lost so many tokens in its middle: what was learnt of where they stood is of no
    // use.
    void restart(std::int64_t nForgotten);
    // Only the first `nTokens` guesses are worth a row.
    void cutTo(std::size_t nTokens);
    DrawnGuess drawn(std::size_t guess) const;
    // With room for so many candidates of each guess.
    void beginRejecting(std::size_t nCandidates);
    // Whether a draft model's guess is expected to pay now, or is due to be tried.
    bool isModelWorthAsking(std::int64_t nTokens, const RowCost& cost) const;
    // Whether guesses are likely behind the token that follows, so that it is waited for.
    bool isLikely(std::span<const std::int32_t> sequence, const RowCost& cost);
    // The planned step was computed; the first `nRight` guesses stood.
    void note(std::int64_t nRight);
    void noteTime(double stepSeconds, std::int64_t nTokens, const RowCost& cost);
    // Over the speed of plain steps; 0: too few guesses were made to say.
    double gain() const;
};

}  // namespace sotto
