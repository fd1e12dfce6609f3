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

// Seconds of a step with one answer and nothing else, by its rows (1 .. kMaxDraft + 1). The first
// two of a kind are not believed: a card records its kernels in them, and a processor fetches its
// weights. Falling times are followed at once, for what disturbs a step makes it longer.
class RowCost {
public:
    void note(std::int64_t nRows, double seconds);
    // Where it was not measured: between those that were, and at most what rows are usually taken
    // to cost, so that it is tried. 0: a single row was not measured.
    double of(std::int64_t nRows) const;

private:
    struct Time {
        double seconds = 0;
        int nNoted = 0;
        bool isKnown() const { return nNoted > 2; }
    };
    std::array<Time, kMaxDraft + 2> m_times{};  // by rows
};

class DraftLength {
public:
    // Tokens of a match of `matchLength` worth guessing, 0 .. kMaxDraft. Where guessing does not
    // pay, now and then one, so that it is noticed when it would again; and where it does, now and
    // then none, so that it is known what a plain step takes.
    std::int64_t plan(std::int64_t matchLength, const RowCost& cost) const;
    // A step without guesses.
    void noteQuiet();
    // A step with `nDraft` guesses, of which the first `nRight` stood.
    void note(std::int64_t matchLength, std::int64_t nDraft, std::int64_t nRight);

private:
    static constexpr std::int64_t kShortestInterval = 64;
    static constexpr std::int64_t kLongestInterval = 512;

    struct Rate {
        double right = 0;
        double tried = 0;
    };
    bool isProbing() const { return m_nQuiet >= m_interval; }
    std::int64_t bestLength(std::int64_t matchLength, const RowCost& cost) const;

    std::array<Rate, 5> m_rates{};                // by the match's length, in classes
    std::int64_t m_nQuiet = 0;                    // steps since the last with guesses
    std::int64_t m_nGuessing = 0;                 // steps since the last without
    std::int64_t m_interval = kShortestInterval;  // quiet steps before one that only tries
};

}  // namespace sotto
