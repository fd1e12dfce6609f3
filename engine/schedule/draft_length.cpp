#include "engine/schedule/draft_length.h"

#include <algorithm>

#include "base/check.h"

namespace sotto {
namespace {

constexpr double kRisingShare = 0.1;
constexpr double kFallingShare = 0.5;
// A further row that was never measured, and a draft model's guess, in parts of the first row.
constexpr double kUsualRow = 0.25;
constexpr double kUsualGuess = 0.15;
// Guessing must be expected to gain so much, or the noise of the estimates decides.
constexpr double kLeastGain = 1.03;
// What one guess is expected to be right of before any was made, and how many guesses that is
// worth.
constexpr std::array<double, kGuessKinds> kPriorRight{0.3, 0.5,  0.65, 0.8,  0.9, 0.2,
                                                      0.4, 0.55, 0.75, 0.95, 0.7};
constexpr double kPriorWeight = 3;
// Of what was learnt, what a further guess leaves; and one that stood where none was expected to.
constexpr double kKept = 0.97;
constexpr double kKeptBySurprise = 0.5;

}  // namespace

GuessKind lookupKind(std::int64_t matchLength) {
    if (matchLength <= 2) return 0;
    if (matchLength == 3) return 1;
    if (matchLength <= 5) return 2;
    return matchLength <= 9 ? 3 : 4;
}

GuessKind modelKind(float probability) {
    constexpr std::array kLeast{0.3f, 0.5f, 0.7f, 0.9f};
    const auto above =
        std::ranges::count_if(kLeast, [=](float least) { return probability >= least; });
    return kLookupKinds + static_cast<std::size_t>(above);
}

void RowCost::Time::note(double sample) {
    ++nNoted;
    if (nNoted <= 3) {
        seconds = sample;
        return;
    }
    nNoted = 3;
    seconds += (sample < seconds ? kFallingShare : kRisingShare) * (sample - seconds);
}

void RowCost::note(std::int64_t nRows, double seconds) {
    if (nRows < 1 || nRows >= std::ssize(m_times)) return;
    m_times[static_cast<std::size_t>(nRows)].note(seconds);
}

void RowCost::noteGuesses(const GuessWork& work) {
    if (work.nGuesses > 0) m_guess.note(work.seconds / static_cast<double>(work.nGuesses));
}

double RowCost::ofGuess() const {
    return m_guess.isKnown() ? m_guess.seconds : kUsualGuess * of(1);
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
    std::size_t below = rows - 1, above = rows + 1;
    while (below > 1 && !m_times[below].isKnown()) --below;
    while (above < m_times.size() && !m_times[above].isKnown()) ++above;
    const double low = below == 1 ? one : m_times[below].seconds;
    const auto beyond = [&](double from, std::size_t nMore) {
        return from + kUsualRow * one * static_cast<double>(nMore);
    };
    const double usual = std::min(beyond(one, rows - 1), beyond(low, rows - below));
    if (above == m_times.size()) return usual;
    const double between = low + (m_times[above].seconds - low) *
                                     static_cast<double>(rows - below) /
                                     static_cast<double>(above - below);
    return std::min(usual, between);
}

void DraftLength::Rate::note(bool isRight) {
    right = right * kKept + (isRight ? 1 : 0);
    tried = tried * kKept + 1;
}

void DraftLength::Rate::forget() {
    right *= kKeptBySurprise;
    tried *= kKeptBySurprise;
}

double DraftLength::chanceOf(GuessKind kind) const {
    const Rate& rate = m_rates[kind];
    return (rate.right + kPriorRight[kind] * kPriorWeight) / (rate.tried + kPriorWeight);
}

void DraftLength::noteQuiet() {
    ++m_nQuiet;
    m_nGuessing = 0;
}

void DraftLength::note(std::span<const GuessKind> guesses, std::int64_t nRight) {
    if (isProbing() && nRight > 0) {
        // What was learnt is of another text: tried again at once.
        m_rates[guesses.front()].forget();
        if (isOfModel(guesses.front())) m_rates[kModelGuess].forget();
        m_interval = kShortestInterval;
        m_nQuiet = m_interval;
    } else {
        if (isProbing()) m_interval = std::min(2 * m_interval, kLongestInterval);
        m_nQuiet = 0;
    }
    ++m_nGuessing;
    // A guess behind a wrong one was not tried.
    const std::int64_t nTried = std::min(std::ssize(guesses), nRight + 1);
    for (std::int64_t guess = 0; guess < nTried; ++guess) {
        const GuessKind kind = guesses[static_cast<std::size_t>(guess)];
        m_rates[kind].note(guess < nRight);
        if (isOfModel(kind)) m_rates[kModelGuess].note(guess < nRight);
    }
}

GuessChain::GuessChain(const DraftLength& length, const RowCost& cost, std::int64_t most)
    : m_length(length),
      m_cost(cost),
      m_most(length.isResting() || cost.of(1) <= 0 ? 0 : std::min(most, kMaxDraft)) {}

double GuessChain::rate() const { return m_expected / (m_cost.of(m_nGuesses + 1) + m_seconds); }

double GuessChain::bestRate(GuessKind first, GuessKind rest, double secondsOfFirst,
                            double seconds) const {
    double chance = m_chance * m_length.chanceOf(first);
    double expected = m_expected + chance;
    double making = m_seconds + secondsOfFirst;
    double best = 0;
    for (std::int64_t nGuesses = m_nGuesses + 1; nGuesses <= m_most; ++nGuesses) {
        best = std::max(best, expected / (m_cost.of(nGuesses + 1) + making));
        chance *= m_length.chanceOf(rest);
        expected += chance;
        making += seconds;
    }
    return best;
}

bool GuessChain::isWorthMaking(GuessKind kind, double seconds) const {
    if (m_nGuesses >= m_most) return false;
    const double best = bestRate(kind, kind, seconds, seconds);
    if (m_nGuesses > 0) return best > rate();
    return best > kLeastGain * rate() || m_length.isProbing();
}

bool GuessChain::take(GuessKind kind, double seconds) {
    const GuessKind rest = isOfModel(kind) ? kModelGuess : kind;
    const bool isFirst = m_nGuesses == 0;
    const bool isOnlyTrying = isFirst && m_length.isProbing() &&
                              bestRate(rest, rest, seconds, seconds) <= kLeastGain * rate();
    m_seconds += seconds;
    if (!isOnlyTrying && bestRate(kind, rest, 0, seconds) <= rate()) return false;
    ++m_nGuesses;
    m_chance *= m_length.chanceOf(kind);
    m_expected += m_chance;
    if (isOnlyTrying) m_most = 1;
    return true;
}

}  // namespace sotto
