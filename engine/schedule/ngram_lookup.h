// NgramLookup: where the end of a sequence stood before in it, and so what may follow it now.
//
// Every position is found by the two tokens that end there, through chains of equal hashes; of the
// newest of them the one is taken behind which most tokens agree backwards. Owns places, no tokens:
// the caller's are named again in each call. One sequence, which only grows; allocates in the
// constructor alone; the engine thread. Source: Saxena 2023, "Prompt lookup decoding".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sotto {

class NgramLookup {
public:
    static constexpr std::int64_t kLeastMatch = 2;
    static constexpr std::int64_t kMostMatch = 32;  // longer ones say no more

    // For at most `maxTokens` tokens.
    explicit NgramLookup(std::int64_t maxTokens);

    struct Match {
        std::int64_t next = 0;    // position of the token that followed
        std::int64_t length = 0;  // tokens before it that agree, kLeastMatch .. kMostMatch
    };
    // Of the last tokens of `tokens`, which begins with what was given before, and of `guesses`
    // behind them, which may be others the next time.
    std::optional<Match> find(std::span<const std::int32_t> tokens,
                              std::span<const std::int32_t> guesses = {});
    // What was given before is forgotten.
    void restart();

private:
    std::size_t slotOf(std::int32_t first, std::int32_t second) const;
    void take(std::span<const std::int32_t> tokens);

    std::int64_t m_nTaken = 1;            // positions before it are in their chains
    std::vector<std::int32_t> m_newest;   // by hash; -1: none
    std::vector<std::int32_t> m_earlier;  // by position: the one before it in its chain
};

// The n-th token of what followed a match: where it ends at the sequence's own end, the text goes
// round.
std::int32_t continuation(std::span<const std::int32_t> tokens,
                          std::span<const std::int32_t> guesses, const NgramLookup::Match& match,
                          std::size_t n);

}  // namespace sotto
