#include "engine/token/dry_penalty.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/token/sampling_steps.h"

namespace sotto {

namespace {

bool isBreaker(std::int32_t token, const DryBreakers& breakers) {
    return std::binary_search(breakers.tokens.begin(), breakers.tokens.end(), token);
}

bool isSequenceEnding(std::span<const std::int32_t> window, const DryBreakers& breakers) {
    return std::any_of(breakers.sequences.begin(), breakers.sequences.end(), [&](const auto& run) {
        return run.size() <= window.size() &&
               std::equal(run.begin(), run.end(), window.end() - static_cast<long>(run.size()));
    });
}

// How many tokens at the end of the window come after the last breaker.
std::int32_t tokensSinceBreaker(std::span<const std::int32_t> window, const DryBreakers& breakers) {
    std::int32_t nTokens = 0;
    for (std::size_t end = window.size(); end > 0; --end, ++nTokens) {
        if (isBreaker(window[end - 1], breakers)) break;
        if (isSequenceEnding(window.first(end), breakers)) break;
    }
    return nTokens;
}

}  // namespace

DryBreakers findDryBreakers(const Tokenizer& tokenizer, const std::vector<std::string>& breakers) {
    DryBreakers found;
    for (std::int32_t token = 0; token < tokenizer.size(); ++token) {
        const std::string bytes = tokenizer.pieceBytes(token, true);
        const bool isOne = std::any_of(breakers.begin(), breakers.end(), [&](const auto& breaker) {
            return !breaker.empty() && bytes.find(breaker) != std::string::npos;
        });
        if (isOne) found.tokens.push_back(token);
    }
    for (const std::string& breaker : breakers) {
        auto ids = tokenizer.encode(breaker, {});
        if (ids && ids->size() > 1 && !isBreaker(ids->back(), found)) {
            found.sequences.push_back(std::move(*ids));
        }
    }
    return found;
}

const DryBreakers& DryBreakerCache::find(const Tokenizer& tokenizer,
                                         const std::vector<std::string>& breakers) {
    if (m_texts == breakers) return m_found;
    m_texts.reset();
    m_found = findDryBreakers(tokenizer, breakers);
    m_texts = breakers;
    return m_found;
}

void DryPenalty::reserve(std::size_t nVocab, std::size_t nHistory) {
    m_longest.assign(nVocab, 0);
    m_repeats.reserve(nHistory);
}

// The Z-algorithm over the window read backwards: linear time, however repetitive it is.
void DryPenalty::measureRepeats(std::span<const std::int32_t> window) {
    const auto n = static_cast<std::int32_t>(window.size());
    const auto reversed = [&](std::int32_t index) {
        return window[static_cast<std::size_t>(n - 1 - index)];
    };
    // repeats(d): the common ending of the window and of the window without its last d tokens.
    // assign() alone would make exactly this much room: with a history that grows by a token in
    // each step, it would allocate in each step.
    if (window.size() > m_repeats.capacity()) m_repeats.reserve(2 * window.size());
    m_repeats.assign(window.size(), 0);
    const auto repeats = [&](std::int32_t distance) -> std::int32_t& {
        return m_repeats[static_cast<std::size_t>(n - 1 - distance)];
    };
    std::int32_t boxStart = 0;
    std::int32_t boxEnd = 0;
    for (std::int32_t distance = 1; distance < n; ++distance) {
        std::int32_t length = 0;
        if (distance < boxEnd) {
            length = std::min(boxEnd - distance, repeats(distance - boxStart));
        }
        while (distance + length < n && reversed(length) == reversed(distance + length)) ++length;
        repeats(distance) = length;
        if (distance + length > boxEnd) {
            boxStart = distance;
            boxEnd = distance + length;
        }
    }
}

void DryPenalty::apply(std::span<float> logits, std::span<const std::int32_t> history,
                       const DrySettings& settings, const DryBreakers& breakers) {
    if (settings.multiplier <= 0 || history.size() < 2) return;
    std::span<const std::int32_t> window = history;
    if (settings.lastTokens >= 0) {
        window =
            window.last(std::min(window.size(), static_cast<std::size_t>(settings.lastTokens)));
    }
    const std::int32_t limit = tokensSinceBreaker(window, breakers);
    if (limit < settings.allowedLength || window.size() < 2) return;
    measureRepeats(window);

    const auto nextIsInside = [&](std::size_t index) {
        const std::int32_t next = window[index + 1];
        return next >= 0 && static_cast<std::size_t>(next) < logits.size();
    };
    for (std::size_t index = 0; index + 1 < window.size(); ++index) {
        if (!nextIsInside(index)) continue;
        const auto next = static_cast<std::size_t>(window[index + 1]);
        if (isBreaker(window[index + 1], breakers)) continue;
        m_longest[next] = std::max(m_longest[next], std::min(m_repeats[index], limit));
    }
    for (std::size_t index = 0; index + 1 < window.size(); ++index) {
        if (!nextIsInside(index)) continue;
        const auto next = static_cast<std::size_t>(window[index + 1]);
        const std::int32_t length = std::exchange(m_longest[next], 0);
        if (length == 0 || length < settings.allowedLength) continue;
        const double penalty = settings.multiplier * std::pow(static_cast<double>(settings.base),
                                                              length - settings.allowedLength);
        // A finite bound keeps a long repetition comparable with tokens that are forbidden.
        const auto bounded = static_cast<float>(
            std::min(penalty, static_cast<double>(std::numeric_limits<float>::max()) / 2));
        logits[next] = cleanLogit(logits[next] - bounded);
    }
}

}  // namespace sotto
