// How many tokens to guess, so that guessing pays: from what was right so far, what steps of more
// rows were measured to take, and what making a guess takes.
//
// RowCost belongs to the loaded model, DraftLength to one request, GuessChain to one step of it.
// Plain values; the engine thread.
// Source: Leviathan et al. 2023, section 3.3 (expected tokens of a step over its cost).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sotto {

// With the sure token before them they are the eight rows that a card computes as it does one.
inline constexpr std::int64_t kMaxDraft = 7;

// Guesses of which the same share is expected to be right: looked up, by how much of the text
// agrees, or a draft model's, by how sure it is.
using GuessKind = std::size_t;
inline constexpr std::size_t kLookupKinds = 5;
inline constexpr std::size_t kModelKinds = 6;
inline constexpr std::size_t kGuessKinds = kLookupKinds + kModelKinds;
GuessKind lookupKind(std::int64_t matchLength);
// From such a look-up on no model knows better.
inline constexpr GuessKind kLongLookup = 3;
GuessKind modelKind(float probability);
// A draft model's, before it is made.
inline constexpr GuessKind kModelGuess = kGuessKinds - 1;
constexpr bool isOfModel(GuessKind kind) { return kind >= kLookupKinds; }

// What a draft model made, and what that took.
struct GuessWork {
    std::int64_t nGuesses = 0;
    double seconds = 0;
};

// Seconds of a step with one answer and nothing else, by its rows (1 .. kMaxDraft + 1). The first
// two of a kind are not believed: a card records its kernels in them, and a processor fetches its
// weights. Falling times are followed at once, for what disturbs a step makes it longer.
class RowCost {
public:
    void note(std::int64_t nRows, double seconds);
    // Where it was not measured: between those that were, and at most what rows are usually taken
    // to cost, so that it is tried. 0: a single row was not measured.
    double of(std::int64_t nRows) const;

    // What a draft model did in a step.
    void noteGuesses(const GuessWork& work);
    // Of one guess of a draft model. Where it was not measured what is usual.
    double ofGuess() const;

private:
    struct Time {
        double seconds = 0;
        int nNoted = 0;
        void note(double sample);
        bool isKnown() const { return nNoted > 2; }
    };
    std::array<Time, kMaxDraft + 2> m_times{};  // by rows
    Time m_guess;
};

class DraftLength {
public:
    // What a guess of this kind is right with.
    double chanceOf(GuessKind kind) const;
    // Where guessing does not pay, now and then one is made, so that it is noticed when it would
    // again; and where it does, now and then none, so that it is known what a plain step takes.
    bool isProbing() const { return m_nQuiet >= m_interval; }
    bool isResting() const { return m_nGuessing >= kShortestInterval; }
    std::int64_t nQuiet() const { return m_nQuiet; }  // steps since the last with guesses
    // A step without guesses.
    void noteQuiet();
    // A step with guesses of these kinds, of which the first `nRight` stood.
    void note(std::span<const GuessKind> guesses, std::int64_t nRight);
    // A draft model's guess was made and seemed not worth its row: the time for it is lost all the
    // same.
    void noteDropped() { m_rates[kModelGuess].note(false); }

private:
    static constexpr std::int64_t kShortestInterval = 64;
    static constexpr std::int64_t kLongestInterval = 512;

    struct Rate {
        double right = 0;
        double tried = 0;
        void note(bool isRight);
        void forget();
    };

    std::array<Rate, kGuessKinds> m_rates{};
    std::int64_t m_nQuiet = 0;                    // steps since the last with guesses
    std::int64_t m_nGuessing = 0;                 // steps since the last without
    std::int64_t m_interval = kShortestInterval;  // quiet steps before one that only tries
};

// The guesses of one step while they are made.
class GuessChain {
public:
    // At most `most` of them. Refers to both, which must outlive it.
    GuessChain(const DraftLength& length, const RowCost& cost, std::int64_t most);

    // Whether one more of this kind, which takes `seconds` to make, and perhaps others behind it
    // are expected to pay.
    bool isWorthMaking(GuessKind kind, double seconds) const;
    // Such a one was made, and proved to be of `kind`. False: its row would cost more than it
    // brings, and the chain ends before it.
    bool take(GuessKind kind, double seconds);

private:
    // Tokens per second of the best chain that goes on with one of `first` and others of `rest`.
    double bestRate(GuessKind first, GuessKind rest, double secondsOfFirst, double seconds) const;
    double rate() const;

    const DraftLength& m_length;
    const RowCost& m_cost;
    std::int64_t m_most = 0;
    std::int64_t m_nGuesses = 0;
    double m_chance = 1;    // that all of them stand
    double m_expected = 1;  // tokens of the step
    double m_seconds = 0;   // of making the guesses
};

}  // namespace sotto
