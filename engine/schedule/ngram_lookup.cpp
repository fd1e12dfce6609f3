#include "engine/schedule/ngram_lookup.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace sotto {
namespace {

// Of a chain; a pair of tokens that is more frequent than that says little anyway.
constexpr int kMostLooks = 64;

std::int32_t tokenAt(std::span<const std::int32_t> tokens, std::int64_t position) {
    return tokens[static_cast<std::size_t>(position)];
}

// How many tokens up to `end` and up to the last one agree.
std::int64_t agreeing(std::span<const std::int32_t> tokens, std::int64_t end) {
    const std::int64_t last = std::ssize(tokens) - 1;
    const std::int64_t most = std::min(NgramLookup::kMostMatch, end + 1);
    std::int64_t length = 0;
    while (length < most && tokenAt(tokens, end - length) == tokenAt(tokens, last - length))
        ++length;
    return length;
}

}  // namespace

NgramLookup::NgramLookup(std::int64_t maxTokens)
    : m_newest(std::bit_ceil(static_cast<std::size_t>(std::max<std::int64_t>(maxTokens, 1))), -1),
      m_earlier(static_cast<std::size_t>(maxTokens), -1) {}

void NgramLookup::restart() {
    m_nTaken = 1;
    std::ranges::fill(m_newest, -1);
}

std::size_t NgramLookup::slotOf(std::span<const std::int32_t> tokens, std::int64_t end) const {
    const auto first = static_cast<std::uint32_t>(tokenAt(tokens, end - 1));
    const auto second = static_cast<std::uint32_t>(tokenAt(tokens, end));
    const std::uint64_t mixed =
        ((std::uint64_t{first} << 32) | second) * std::uint64_t{0x9E3779B97F4A7C15};
    return static_cast<std::size_t>(mixed >> 32) & (m_newest.size() - 1);
}

// All but the last position, which would find itself.
void NgramLookup::take(std::span<const std::int32_t> tokens) {
    SOTTO_DCHECK(tokens.size() <= m_earlier.size());
    for (; m_nTaken < std::ssize(tokens) - 1; ++m_nTaken) {
        std::int32_t& newest = m_newest[slotOf(tokens, m_nTaken)];
        m_earlier[static_cast<std::size_t>(m_nTaken)] = newest;
        newest = static_cast<std::int32_t>(m_nTaken);
    }
}

std::optional<NgramLookup::Match> NgramLookup::find(std::span<const std::int32_t> tokens) {
    take(tokens);
    if (tokens.size() < 3) return std::nullopt;
    Match best;
    std::int32_t end = m_newest[slotOf(tokens, std::ssize(tokens) - 1)];
    for (int look = 0; end >= 0 && look < kMostLooks; ++look) {
        const std::int64_t length = agreeing(tokens, end);
        if (length > best.length) best = {end + 1, length};
        if (length == kMostMatch) break;
        end = m_earlier[static_cast<std::size_t>(end)];
    }
    if (best.length < kLeastMatch) return std::nullopt;
    return best;
}

void copyContinuation(std::span<const std::int32_t> tokens, const NgramLookup::Match& match,
                      std::span<std::int32_t> out) {
    const auto next = static_cast<std::size_t>(match.next);
    const std::size_t period = tokens.size() - next;
    for (std::size_t index = 0; index < out.size(); ++index)
        out[index] = tokens[next + index % period];
}

}  // namespace sotto
