#include "engine/schedule/divergence_scores.h"

#include <algorithm>
#include <cmath>

namespace sotto {

void logSoftmax(std::span<const float> logits, std::span<float> out) {
    const float greatest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double(logit) - double(greatest));
    const double logSum = double(greatest) + std::log(sum);
    for (std::size_t tokenId = 0; tokenId < logits.size(); ++tokenId)
        out[tokenId] = static_cast<float>(double(logits[tokenId]) - logSum);
}

std::size_t likeliestToken(std::span<const float> logProbabilities) {
    return static_cast<std::size_t>(
        std::max_element(logProbabilities.begin(), logProbabilities.end()) -
        logProbabilities.begin());
}

double klDivergence(std::span<const float> reference, std::span<const float> own) {
    double divergence = 0;
    for (std::size_t tokenId = 0; tokenId < own.size(); ++tokenId)
        divergence += std::exp(double(reference[tokenId])) *
                      (double(reference[tokenId]) - double(own[tokenId]));
    return divergence;
}

double quantile(std::span<const double> sorted, double fraction) {
    const double place = fraction * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    if (below + 1 >= sorted.size()) return sorted.back();
    const double share = place - static_cast<double>(below);
    return (1 - share) * sorted[below] + share * sorted[below + 1];
}

double RunningMean::standardError() const {
    const double variance = meanSquare() - mean() * mean();
    // Of equal values rounding may leave less than nothing.
    if (m_count < 2 || variance <= 0) return 0;
    return std::sqrt(variance / static_cast<double>(m_count - 1));
}

double PerplexityScores::perplexity() const { return std::exp(m_negativeLogs.mean()); }

double PerplexityScores::standardError() const {
    return m_negativeLogs.standardError() * perplexity();
}

TokenDivergence tokenDivergence(std::span<const float> reference, std::span<const float> own,
                                std::size_t target) {
    return {.divergence = klDivergence(reference, own),
            .logRatio = double(reference[target]) - double(own[target]),
            .deltaP = std::exp(double(own[target])) - std::exp(double(reference[target])),
            .isSameTop = likeliestToken(reference) == likeliestToken(own)};
}

void DivergenceScores::add(const TokenDivergence& token) {
    m_divergences.push_back(token.divergence);
    m_logRatios.add(token.logRatio);
    m_deltaP.push_back(token.deltaP);
    if (token.isSameTop) ++m_nAgreements;
}

DivergenceStatistics DivergenceScores::statistics() const {
    DivergenceStatistics result;
    RunningMean divergence, deltaP;
    for (const double value : m_divergences) divergence.add(value);
    for (const double value : m_deltaP) deltaP.add(value);
    std::vector<double> sorted = m_divergences;
    std::sort(sorted.begin(), sorted.end());
    result.klMean = divergence.mean();
    result.klError = divergence.standardError();
    result.klMedian = quantile(sorted, 0.5);
    result.klP99 = quantile(sorted, 0.99);
    result.klP999 = quantile(sorted, 0.999);
    result.klMax = sorted.back();

    const auto nTokens = static_cast<double>(count());
    result.top1Agreement = static_cast<double>(m_nAgreements) / nTokens;
    if (nTokens > 1)
        result.top1Error =
            std::sqrt(result.top1Agreement * (1 - result.top1Agreement) / (nTokens - 1));

    result.logPerplexityRatio = m_logRatios.mean();
    result.logPerplexityRatioError = m_logRatios.standardError();
    result.perplexityRatio = std::exp(result.logPerplexityRatio);
    result.perplexityRatioError = result.perplexityRatio * result.logPerplexityRatioError;

    result.deltaPMean = deltaP.mean();
    result.deltaPError = deltaP.standardError();
    result.deltaPRms = std::sqrt(deltaP.meanSquare());
    sorted = m_deltaP;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t index = 0; index < kDeltaPShares.size(); ++index)
        result.deltaP[index] = quantile(sorted, kDeltaPShares[index]);
    return result;
}

}  // namespace sotto
