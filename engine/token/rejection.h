// Rejection sampling: a token of a model's distribution, beginning with a guess that was drawn from
// another. Pure; any thread.
//
// Source: Leviathan et al. 2023, "Fast inference from transformers via speculative decoding",
// appendix A.1: whatever the guesses' distribution is, the token is one of the model's.
#pragma once

#include <cstdint>
#include <span>

#include "engine/token/sampling_steps.h"

namespace sotto {

// A guess and what it was drawn from, with probabilities; no candidates: it was sure.
struct DrawnGuess {
    std::int32_t token = 0;
    std::span<const Candidate> candidates;
};

// Two draws of one position, in [0, 1): whether the guess stands, and what takes its place.
struct RejectionDraws {
    double acceptance = 0;
    double other = 0;
};

// The guess with probability min(1, p / q), otherwise a token of what p has more of than q.
// `candidates` is p, whose probabilities are spoiled. `scratch` [nVocab], all zero before and
// after, holds every token of both.
std::int32_t pickAfterGuess(std::span<Candidate> candidates, const DrawnGuess& guess,
                            const RejectionDraws& draws, std::span<float> scratch);

}  // namespace sotto
