// NgramDrafter: guesses that what followed before where the same tokens stood follows again.
//
// One sequence, which only grows; allocates in the constructor alone; the engine thread.
#pragma once

#include "engine/schedule/drafter.h"
#include "engine/schedule/ngram_lookup.h"

namespace sotto {

class NgramDrafter final : public Drafter {
public:
    // For at most `maxTokens` tokens.
    explicit NgramDrafter(std::int64_t maxTokens) : m_lookup(maxTokens) {}

    // Behind its own guesses it goes on with the place that it found, else it looks anew.
    std::optional<GuessKind> expected(std::span<const std::int32_t> sequence,
                                      std::span<const std::int32_t> guesses) override;
    std::optional<Guess> guess(std::span<const std::int32_t> sequence,
                               std::span<const std::int32_t> guesses) override;
    double secondsPerGuess(const RowCost&) const override { return 0; }
    // The sequence is another one from here on.
    void restart();

private:
    NgramLookup m_lookup;
    NgramLookup::Match m_match;
    std::size_t m_nBefore = 0;   // tokens and guesses that the match is of
    std::size_t m_nGuessed = 0;  // behind those
};

}  // namespace sotto
