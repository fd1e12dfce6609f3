// TokenChoice, ChosenToken: what a device needs in order to choose the next token by itself, and
// what it tells of its choice.
//
// The steps are those of engine/token/sampling_steps that need one row of logits and a short list:
// penalties, top-k, top-p, min-p, temperature, draw. The Sampler makes the one and reads the other.
// Plain values.
#pragma once

#include <cstdint>
#include <span>

namespace sotto {

// The most candidates that a device looks at.
inline constexpr std::int32_t kMaxCandidates = 256;

// The most different tokens that a device's penalties reach.
inline constexpr std::int32_t kMaxPenalized = 256;

// A token of the penalties' window and how often it stands there.
struct PenalizedToken {
    std::int32_t token = 0;
    std::int32_t count = 0;
};

struct TokenChoice {
    double uniform = 0;     // the draw, in [0, 1)
    float temperature = 0;  // 0: the largest logit, first of equals
    std::int32_t topK = 0;  // 0: off; at most kMaxCandidates
    float topP = 1;         // 1: off
    float minP = 0;         // 0: off
    // How many of the largest logits are to be told, 1..kMaxCandidates.
    std::int32_t nTopLogits = 1;
    bool isPenalizing = false;
    float repeatPenalty = 1;
    float presencePenalty = 0;
    float frequencyPenalty = 0;
    // The window, each token once, at most kMaxPenalized; a token that this step is fed with by the
    // step before (StepInputs) comes on top.
    std::span<const PenalizedToken> penalized;

    // Whatever the logits are, the candidates decide. Else a flat row may leave the choice to the
    // host.
    bool isCertain() const { return temperature <= 0 || topK > 0; }
};

struct ChosenToken {
    std::int32_t token = -1;  // -1: more tokens than the candidates are possible; ask the logits
    bool isUnusable = false;  // no logit is a finite number
    float logit = 0;          // the token's, as the model gave it
    float highest = 0;        // largest logit, infinity as the largest float
    float sumOfExp = 0;       // of exp(logit - highest) over the whole row
    // The largest logits, penalized, in descending order, the smaller id first among equals, and
    // their ids;
    // (-infinity, -1) where the row has fewer.
    std::span<const float> topLogits;
    std::span<const std::int32_t> topIds;
};

}  // namespace sotto
