// How many tokens to guess, so that guessing pays: from what was right so far, and what steps of
// more rows were measured to take.
//
// RowCost belongs to the loaded model, DraftLength to one request. Plain values; the engine thread.
// Source: Leviathan et al. 2023, section 3.3 (expected tokens of a step over its cost).
#pragma once

#include <array>
#include <cstdint>

namespace sotto {

// With the sure token before them they are the eight rows that a card computes as it does one.
inline constexpr std::int64_t kMaxDraft = 7;

// Seconds of a step with one answer and nothing else, by its rows; older steps fade.
class RowCost {
public:
    void note(std::int64_t nRows, double seconds);
    // Where it was never measured, between or beyond those that were; 0: a single row was not.
    double of(std::int64_t nRows) const;

private:
    std::array<double, kMaxDraft + 2> m_seconds{};  // by rows; 0: not measured
};

class DraftLength {
public:
    // Tokens of a match of `matchLength` worth guessing, 0 .. kMaxDraft. Where guessing does not
    // pay, now and then one, so that it is noticed when it would again.
    std::int64_t choose(std::int64_t matchLength, const RowCost& cost);
    // A step with `nDraft` guesses, of which the first `nRight` were.
    void note(std::int64_t matchLength, std::int64_t nDraft, std::int64_t nRight);
    // Whether the last choices were to guess, or one that tries is due.
    bool isTrying() const { return m_nQuiet == 0 || m_nQuiet >= m_interval; }

private:
    struct Rate {
        double right = 0;
        double tried = 0;
    };
    std::array<Rate, 5> m_rates{};  // by the match's length, in classes
    std::int64_t m_nQuiet = 0;      // steps since the last guess
    std::int64_t m_interval = 64;   // steps between two that only try
};

}  // namespace sotto
