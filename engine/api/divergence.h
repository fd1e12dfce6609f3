// How far one model's predictions are from another's on the same tokens: the figures of the field's
// protocol (llama-perplexity --kl-divergence), so that they can be held against other programs'.
// Plain values.
#pragma once

#include <array>

namespace sotto {

// Shares of the sorted values at which DivergenceStatistics::deltaP is told.
inline constexpr std::array<double, 13> kDeltaPShares{0,    0.001, 0.01, 0.05, 0.1,   0.25, 0.5,
                                                      0.75, 0.9,   0.95, 0.99, 0.999, 1};

// Errors are standard errors of the mean over the scored tokens, as if these were independent.
struct DivergenceStatistics {
    // KL divergence of the model from the reference, nats per token.
    double klMean = 0, klError = 0;
    double klMedian = 0, klP99 = 0, klP999 = 0, klMax = 0;
    // Share of the tokens, 0..1, whose likeliest next token is the reference's.
    double top1Agreement = 0, top1Error = 0;
    // The model's perplexity over the reference's.
    double perplexityRatio = 1, perplexityRatioError = 0;
    double logPerplexityRatio = 0, logPerplexityRatioError = 0;
    // What the model gives to the token that follows in the text less what the reference gives to
    // it, -1..1.
    double deltaPMean = 0, deltaPError = 0, deltaPRms = 0;
    std::array<double, kDeltaPShares.size()> deltaP{};
};

}  // namespace sotto
