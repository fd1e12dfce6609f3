// The steps between logits and a token, each a plain function with one definition.
//
// Flow (order fixed by engine/api/generation_request.h): steps over logits [nVocab] first, then
// steps over a list of candidates that only ever shrinks. A keep… step returns how many candidates
// stay; they are then at the front, most likely first, ties by smaller id. Nothing allocates. A
// candidate's `probability` is meaningful after softmax() only. Logits are finite or -infinity
// (cleanLogit); -infinity means "never".
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "engine/api/generation_request.h"

namespace sotto {

struct Candidate {
    std::int32_t token = 0;
    float logit = 0;
    float probability = 0;
};

// NaN becomes -infinity, +infinity the largest float: no arithmetic below makes a NaN of these.
inline float cleanLogit(float logit) {
    if (std::isnan(logit)) return -std::numeric_limits<float>::infinity();
    return std::min(logit, std::numeric_limits<float>::max());
}

void applyLogitBias(std::span<float> logits,
                    std::span<const std::pair<std::int32_t, float>> biases);

// Repetition, presence and frequency penalties over the tokens of `window`. `counts` [nVocab] is
// scratch space, all zero before and after.
void applyPenalties(std::span<float> logits, std::span<const std::int32_t> window,
                    const SamplingSettings& settings, std::span<std::uint32_t> counts);

// The first of the largest; 0 when all are -infinity.
std::int32_t argmax(std::span<const float> logits);

// Fills probabilities: exp(logit - max) / sum.
void softmax(std::span<Candidate> candidates);

// The k largest logits, sorted. k <= 0 or k >= size keeps all, sorted too.
std::size_t keepTopK(std::span<Candidate> candidates, std::int32_t k);

// Locally typical sampling (Meister et al. 2022): the smallest set of candidates whose surprise
// -ln p is nearest to the entropy with a total probability of at least p.
std::size_t keepTypical(std::span<Candidate> candidates, float p);

// Nucleus sampling (Holtzman et al. 2020): the smallest set of the most likely with total >= p.
std::size_t keepTopP(std::span<Candidate> candidates, float p);

// Those at least p times as likely as the most likely one. Keeps the order it finds.
std::size_t keepMinP(std::span<Candidate> candidates, float p);

void applyTemperature(std::span<Candidate> candidates, float temperature);

// The candidate where the running sum of probabilities passes `uniform` in [0, 1).
std::int32_t pick(std::span<const Candidate> candidates, double uniform);

}  // namespace sotto
