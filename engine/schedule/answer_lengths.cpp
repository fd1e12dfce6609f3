#include "engine/schedule/answer_lengths.h"

#include <algorithm>
#include <cmath>

namespace sotto {

void AnswerLengths::History::note(std::int64_t nTokens) {
    if (lengths.size() < kMaxAnswers)
        lengths.push_back(nTokens);
    else
        lengths[next] = nTokens;
    next = (next + 1) % kMaxAnswers;
}

// Nothing: too little is known.
std::optional<std::int64_t> AnswerLengths::History::quantileBeyond(std::int64_t nSoFar) const {
    if (lengths.size() < kMinAnswers) return std::nullopt;
    std::array<std::int64_t, kMaxAnswers> kept;
    const auto end = std::ranges::copy_if(lengths, kept.begin(), [&](std::int64_t length) {
                         return length > nSoFar;
                     }).out;
    const auto nLonger = end - kept.begin();
    if (nLonger == 0) return 2 * nSoFar;
    // Nearest rank.
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(kQuantile * double(nLonger))) - 1;
    std::nth_element(kept.begin(), kept.begin() + rank, end);
    return kept[static_cast<std::size_t>(rank)];
}

const AnswerLengths::Conversation* AnswerLengths::find(const AnswerKind& kind) const {
    const auto found = std::ranges::find_if(m_conversations, [&](const Conversation& known) {
        return known.kind.conversation == kind.conversation &&
               known.kind.isBackground == kind.isBackground;
    });
    return found == m_conversations.end() ? nullptr : &*found;
}

void AnswerLengths::note(const AnswerKind& kind, std::int64_t nTokens) {
    m_ofModel[kind.isBackground ? 1 : 0].note(nTokens);
    if (kind.conversation == 0) return;
    const Conversation* known = find(kind);
    if (known != nullptr) {
        const auto place = m_conversations.begin() + (known - m_conversations.data());
        std::rotate(place, place + 1, m_conversations.end());
    } else {
        if (m_conversations.size() == kMaxConversations)
            m_conversations.erase(m_conversations.begin());
        m_conversations.push_back({kind, {}});
    }
    m_conversations.back().history.note(nTokens);
}

std::int64_t AnswerLengths::expected(const AnswerKind& kind, std::int64_t nSoFar) const {
    std::optional<std::int64_t> length;
    const Conversation* known = kind.conversation == 0 ? nullptr : find(kind);
    if (known != nullptr) length = known->history.quantileBeyond(nSoFar);
    if (!length) length = m_ofModel[kind.isBackground ? 1 : 0].quantileBeyond(nSoFar);
    if (!length) length = m_usualTokens > nSoFar ? m_usualTokens : 2 * nSoFar;
    return std::max(*length, nSoFar + 1);
}

}  // namespace sotto
