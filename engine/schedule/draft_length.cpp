#include "engine/schedule/draft_length.h"

#include <algorithm>

namespace sotto {
namespace {

// A tenth: what disturbs one step moves the mean little, and the depth is followed.
constexpr double kCostShare = 0.1;
// A further row of a step that was never measured, in parts of the first one.
constexpr double kGuessedRow = 0.25;
// Guessing must be expected to gain so much, or the noise of the estimates decides.
constexpr double kLeastGain = 1.03;
// What one guess is expected to be right of before any was made, and how many guesses that is
// worth.
constexpr std::array kPriorRight{0.3, 0.5, 0.65, 0.8, 0.9};
constexpr double kPriorWeight = 3;
// Of what was learnt, what a further guess leaves.
constexpr double kKept = 0.97;
constexpr std::int64_t kShortestInterval = 64;
constexpr std::int64_t kLongestInterval = 512;

std::size_t classOf(std::int64_t matchLength) {
    if (matchLength <= 2) return 0;
    if (matchLength == 3) return 1;
    if (matchLength <= 5) return 2;
    return matchLength <= 9 ? 3 : 4;
}

}  // namespace

void RowCost::note(std::int64_t nRows, double seconds) {
    if (nRows < 1 || nRows >= static_cast<std::int64_t>(m_seconds.size())) return;
    double& mean = m_seconds[static_cast<std::size_t>(nRows)];
    mean = mean > 0 ? mean + kCostShare * (seconds - mean) : seconds;
}

double RowCost::of(std::int64_t nRows) const {
    const double one = m_seconds[1];
    const auto rows = static_cast<std::size_t>(nRows);
    if (one <= 0 || m_seconds[rows] > 0) return m_seconds[rows];
    std::size_t below = rows - 1, above = rows + 1;
    while (below > 1 && m_seconds[below] <= 0) --below;
    while (above < m_seconds.size() && m_seconds[above] <= 0) ++above;
    const auto distance = static_cast<double>(rows - below);
    if (above < m_seconds.size())
        return m_seconds[below] + (m_seconds[above] - m_seconds[below]) * distance /
                                      static_cast<double>(above - below);
    const double slope =
        below > 1 ? (m_seconds[below] - one) / static_cast<double>(below - 1) : kGuessedRow * one;
    return m_seconds[below] + std::max(0.0, slope) * distance;
}

std::int64_t DraftLength::choose(std::int64_t matchLength, const RowCost& cost) {
    const double plain = cost.of(1);
    if (plain <= 0) return 0;
    const std::size_t kind = classOf(matchLength);
    const Rate& rate = m_rates[kind];
    const double right =
        (rate.right + kPriorRight[kind] * kPriorWeight) / (rate.tried + kPriorWeight);
    std::int64_t best = 0;
    double bestRate = kLeastGain / plain;
    double expected = 1, chance = 1;
    for (std::int64_t nDraft = 1; nDraft <= kMaxDraft; ++nDraft) {
        expected += chance *= right;
        const double perSecond = expected / cost.of(nDraft + 1);
        if (perSecond <= bestRate) continue;
        best = nDraft;
        bestRate = perSecond;
    }
    ++m_nQuiet;
    if (best == 0 && m_nQuiet >= m_interval) {
        m_interval = std::min(2 * m_interval, kLongestInterval);
        best = 1;
    } else if (best > 0) {
        m_interval = kShortestInterval;
    }
    if (best > 0) m_nQuiet = 0;
    return best;
}

void DraftLength::note(std::int64_t matchLength, std::int64_t nDraft, std::int64_t nRight) {
    Rate& rate = m_rates[classOf(matchLength)];
    // A guess behind a wrong one was not tried.
    const std::int64_t nTried = std::min(nDraft, nRight + 1);
    for (std::int64_t guess = 0; guess < nTried; ++guess) {
        rate.right = rate.right * kKept + (guess < nRight ? 1 : 0);
        rate.tried = rate.tried * kKept + 1;
    }
}

}  // namespace sotto
