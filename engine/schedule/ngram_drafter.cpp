#include "engine/schedule/ngram_drafter.h"

namespace sotto {

std::optional<GuessKind> NgramDrafter::expected(std::span<const std::int32_t> sequence,
                                                std::span<const std::int32_t> guesses) {
    const std::size_t nTokens = sequence.size() + guesses.size();
    const bool isGoingOn =
        m_nGuessed > 0 && guesses.size() >= m_nGuessed && nTokens == m_nBefore + m_nGuessed;
    if (!isGoingOn) {
        m_nGuessed = 0;
        const auto match = m_lookup.find(sequence, guesses);
        if (!match) return std::nullopt;
        m_match = *match;
        m_nBefore = nTokens;
    }
    return lookupKind(m_match.length);
}

std::optional<Guess> NgramDrafter::guess(std::span<const std::int32_t> sequence,
                                         std::span<const std::int32_t> guesses) {
    const std::int32_t token =
        continuation(sequence, guesses.first(guesses.size() - m_nGuessed), m_match, m_nGuessed);
    ++m_nGuessed;
    return Guess{token, lookupKind(m_match.length)};
}

void NgramDrafter::restart() {
    m_lookup.restart();
    m_nGuessed = 0;
}

}  // namespace sotto
