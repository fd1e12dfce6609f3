#include "engine/schedule/draft_length.h"

#include <algorithm>

#include "base/check.h"

namespace sotto {
namespace {

constexpr double kRisingShare = 0.1;
constexpr double kFallingShare = 0.5;
// A further row that was never measured, in parts of the first one.
constexpr double kUsualRow = 0.25;
// Guessing must be expected to gain so much, or the noise of the estimates decides.
constexpr double kLeastGain = 1.03;
// What one guess is expected to be right of before any was made, and how many guesses that is
// worth.
constexpr std::array kPriorRight{0.3, 0.5, 0.65, 0.8, 0.9};
constexpr double kPriorWeight = 3;
// Of what was learnt, what a further guess leaves; and one that stood where none was expected to.
constexpr double kKept = 0.97;
constexpr double kKeptBySurprise = 0.5;

std::size_t classOf(std::int64_t matchLength) {
    if (matchLength <= 2) return 0;
    if (matchLength == 3) return 1;
    if (matchLength <= 5) return 2;
    return matchLength <= 9 ? 3 : 4;
}

}  // namespace

void RowCost::note(std::int64_t nRows, double seconds) {
    if (nRows < 1 || nRows >= std::ssize(m_times)) return;
    Time& time = m_times[static_cast<std::size_t>(nRows)];
    ++time.nNoted;
    if (time.nNoted <= 3) {
        time.seconds = seconds;
        return;
    }
    time.nNoted = 3;
    time.seconds +=
        (seconds < time.seconds ? kFallingShare : kRisingShare) * (seconds - time.seconds);
}

double RowCost::of(std::int64_t nRows) const {
    SOTTO_DCHECK(nRows >= 1 && nRows < std::ssize(m_times));
    if (!m_times[1].isKnown()) return 0;
    // A single row is no slower than several.
    double one = m_times[1].seconds;
    for (const Time& time : m_times)
        if (time.isKnown()) one = std::min(one, time.seconds);
    const auto rows = static_cast<std::size_t>(nRows);
    if (nRows == 1) return one;
    if (m_times[rows].isKnown()) return m_times[rows].seconds;
    const double usual = one * (1 + kUsualRow * static_cast<double>(nRows - 1));
    std::size_t below = rows - 1, above = rows + 1;
    while (below > 1 && !m_times[below].isKnown()) --below;
    while (above < m_times.size() && !m_times[above].isKnown()) ++above;
    if (above == m_times.size()) return usual;
    const double low = below == 1 ? one : m_times[below].seconds;
    const double between = low + (m_times[above].seconds - low) *
                                     static_cast<double>(rows - below) /
                                     static_cast<double>(above - below);
    return std::min(usual, between);
}

std::int64_t DraftLength::bestLength(std::int64_t matchLength, const RowCost& cost) const {
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
    return best;
}

std::int64_t DraftLength::plan(std::int64_t matchLength, const RowCost& cost) const {
    if (m_nGuessing >= kShortestInterval) return 0;
    const std::int64_t best = bestLength(matchLength, cost);
    return best == 0 && isProbing() && cost.of(1) > 0 ? 1 : best;
}

void DraftLength::noteQuiet() {
    ++m_nQuiet;
    m_nGuessing = 0;
}

void DraftLength::note(std::int64_t matchLength, std::int64_t nDraft, std::int64_t nRight) {
    Rate& rate = m_rates[classOf(matchLength)];
    if (isProbing() && nRight > 0) {
        // What was learnt is of another text: tried again at once.
        rate.right *= kKeptBySurprise;
        rate.tried *= kKeptBySurprise;
        m_interval = kShortestInterval;
        m_nQuiet = m_interval;
    } else {
        if (isProbing()) m_interval = std::min(2 * m_interval, kLongestInterval);
        m_nQuiet = 0;
    }
    ++m_nGuessing;
    // A guess behind a wrong one was not tried.
    const std::int64_t nTried = std::min(nDraft, nRight + 1);
    for (std::int64_t guess = 0; guess < nTried; ++guess) {
        rate.right = rate.right * kKept + (guess < nRight ? 1 : 0);
        rate.tried = rate.tried * kKept + 1;
    }
}

}  // namespace sotto
