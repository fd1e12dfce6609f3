#include "engine/token/rejection.h"

#include <algorithm>

namespace sotto {
namespace {

float& ofToken(std::span<float> scratch, std::int32_t token) {
    return scratch[static_cast<std::size_t>(token)];
}

void writeGuessed(const DrawnGuess& guess, std::span<float> scratch) {
    if (guess.candidates.empty()) ofToken(scratch, guess.token) = 1;
    for (const Candidate& candidate : guess.candidates)
        ofToken(scratch, candidate.token) = candidate.probability;
}

void clearGuessed(const DrawnGuess& guess, std::span<float> scratch) {
    ofToken(scratch, guess.token) = 0;
    for (const Candidate& candidate : guess.candidates) ofToken(scratch, candidate.token) = 0;
}

// What is left of each once the guesses' share is taken away; the sum of it.
double leaveRest(std::span<Candidate> candidates, std::span<const float> guessed) {
    double sum = 0;
    for (Candidate& candidate : candidates) {
        const float share = guessed[static_cast<std::size_t>(candidate.token)];
        candidate.probability = std::max(0.0F, candidate.probability - share);
        sum += static_cast<double>(candidate.probability);
    }
    return sum;
}

}  // namespace

std::int32_t pickAfterGuess(std::span<Candidate> candidates, const DrawnGuess& guess,
                            const RejectionDraws& draws, std::span<float> scratch) {
    const auto place = std::ranges::find(candidates, guess.token, &Candidate::token);
    const double wanted = place == candidates.end() ? 0 : static_cast<double>(place->probability);
    writeGuessed(guess, scratch);
    const auto drawn = static_cast<double>(ofToken(scratch, guess.token));
    if (draws.acceptance * drawn < wanted) {
        clearGuessed(guess, scratch);
        return guess.token;
    }
    const double rest = leaveRest(candidates, scratch);
    clearGuessed(guess, scratch);
    // Rounding alone can leave nothing: both are the same then.
    if (!(rest > 0)) return std::ranges::max_element(candidates, {}, &Candidate::logit)->token;
    for (Candidate& candidate : candidates)
        candidate.probability = static_cast<float>(candidate.probability / rest);
    return pick(candidates, draws.other);
}

}  // namespace sotto
