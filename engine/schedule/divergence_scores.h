// What perplexity and divergence are, once for all that measure them: from rows of logits to the
// figures of a text.
//
// Flow: SequenceRunner tells logits, logSoftmax() makes log-probabilities of them, PerplexityScores
// and DivergenceScores take one row after the other. Formulas as in llama-perplexity, whose figures
// ours must equal (the notes on comparing of the design). Pure; one thread per object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/api/divergence.h"

namespace sotto {

// `out` [nVocab] = logits - log(sum(exp(logits))), the sum in double. Both may be the same.
void logSoftmax(std::span<const float> logits, std::span<float> out);

// The first of the largest.
std::size_t likeliestToken(std::span<const float> logProbabilities);

// sum(p log(p / q)) in nats. Both [nVocab] are log-probabilities: `reference` log p, `own` log q.
double klDivergence(std::span<const float> reference, std::span<const float> own);

// The value below which the share `fraction` of the sorted values lies, between two of them by the
// straight line through both. `sorted` is not empty.
double quantile(std::span<const double> sorted, double fraction);

// First and second moments of a series.
class RunningMean {
public:
    void add(double value) {
        m_sum += value;
        m_squares += value * value;
        ++m_count;
    }
    std::int64_t count() const { return m_count; }
    double mean() const { return m_sum / static_cast<double>(m_count); }
    double meanSquare() const { return m_squares / static_cast<double>(m_count); }
    // Of the mean, as if the values were independent; 0 for a single one.
    double standardError() const;

private:
    double m_sum = 0, m_squares = 0;
    std::int64_t m_count = 0;
};

class PerplexityScores {
public:
    // `logProbability` of the token that follows in the text.
    void add(double logProbability) { m_negativeLogs.add(-logProbability); }

    std::int64_t count() const { return m_negativeLogs.count(); }
    double perplexity() const;
    double standardError() const;

private:
    RunningMean m_negativeLogs;
};

// What one row adds to DivergenceScores.
struct TokenDivergence {
    double divergence = 0;  // nats
    double logRatio = 0;    // of the probability of the token that follows, reference over own
    double deltaP = 0;      // of the same, own less reference
    bool isSameTop = false;
};

// Both [nVocab] log-probabilities; `target`: the token that follows in the text.
TokenDivergence tokenDivergence(std::span<const float> reference, std::span<const float> own,
                                std::size_t target);

class DivergenceScores {
public:
    void add(const TokenDivergence& token);

    std::int64_t count() const { return static_cast<std::int64_t>(m_divergences.size()); }
    // Of at least one row.
    DivergenceStatistics statistics() const;

private:
    std::vector<double> m_divergences;
    std::vector<double> m_deltaP;
    RunningMean m_logRatios;
    std::int64_t m_nAgreements = 0;
};

}  // namespace sotto
