#include "engine/schedule/ngram_lookup.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace sotto {
namespace {

// Of a chain; a pair of tokens that is more frequent than that says little anyway.
constexpr int kMostLooks = 64;

// The tokens of a sequence, and guesses behind them.
struct GuessedText {
    std::span<const std::int32_t> tokens;
    std::span<const std::int32_t> guesses;

    std::int64_t size() const { return std::ssize(tokens) + std::ssize(guesses); }
    std::int32_t at(std::int64_t position) const {
        const auto place = static_cast<std::size_t>(position);
        return place < tokens.size() ? tokens[place] : guesses[place - tokens.size()];
    }
};

// How many tokens up to `end` and up to the last one agree.
std::int64_t agreeing(const GuessedText& text, std::int64_t end) {
    const std::int64_t last = text.size() - 1;
    const std::int64_t most = std::min(NgramLookup::kMostMatch, end + 1);
    std::int64_t length = 0;
    while (length < most && text.at(end - length) == text.at(last - length)) ++length;
    return length;
}

}  // namespace

NgramLookup::NgramLookup(std::int64_t maxTokens)
    : m_newest(std::bit_ceil(static_cast<std::size_t>(std::max<std::int64_t>(maxTokens, 1))), -1),
      m_earlier(static_cast<std::size_t>(maxTokens), -1) {}

std::size_t NgramLookup::slotOf(std::int32_t first, std::int32_t second) const {
    const std::uint64_t pair = (std::uint64_t{static_cast<std::uint32_t>(first)} << 32) |
                               static_cast<std::uint32_t>(second);
    const std::uint64_t mixed = pair * std::uint64_t{0x9E3779B97F4A7C15};
    return static_cast<std::size_t>(mixed >> 32) & (m_newest.size() - 1);
}

void NgramLookup::restart() {
    m_nTaken = 1;
    std::ranges::fill(m_newest, -1);
}

// All but the last position, which would find itself.
void NgramLookup::take(std::span<const std::int32_t> tokens) {
    SOTTO_DCHECK(tokens.size() <= m_earlier.size());
    for (; m_nTaken < std::ssize(tokens) - 1; ++m_nTaken) {
        const auto place = static_cast<std::size_t>(m_nTaken);
        std::int32_t& newest = m_newest[slotOf(tokens[place - 1], tokens[place])];
        m_earlier[place] = newest;
        newest = static_cast<std::int32_t>(m_nTaken);
    }
}

std::optional<NgramLookup::Match> NgramLookup::find(std::span<const std::int32_t> tokens,
                                                    std::span<const std::int32_t> guesses) {
    take(tokens);
    const GuessedText text{tokens, guesses};
    if (text.size() < 3) return std::nullopt;
    Match best;
    std::int32_t end = m_newest[slotOf(text.at(text.size() - 2), text.at(text.size() - 1))];
    for (int look = 0; end >= 0 && look < kMostLooks; ++look) {
        const std::int64_t length = agreeing(text, end);
        if (length > best.length) best = {end + 1, length};
        if (length == kMostMatch) break;
        end = m_earlier[static_cast<std::size_t>(end)];
    }
    if (best.length < kLeastMatch) return std::nullopt;
    return best;
}

std::int32_t continuation(std::span<const std::int32_t> tokens,
                          std::span<const std::int32_t> guesses, const NgramLookup::Match& match,
                          std::size_t n) {
    const GuessedText text{tokens, guesses};
    return text.at(match.next + static_cast<std::int64_t>(n) % (text.size() - match.next));
}

}  // namespace sotto
