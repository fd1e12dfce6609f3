#include "app/core/turn_drop.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

namespace sotto::app {
namespace {

constexpr std::int64_t kLeastAnswer = 256;

std::int64_t tokensOf(std::span<const SentMessage> messages) {
    return std::accumulate(
        messages.begin(), messages.end(), std::int64_t{0},
        [](std::int64_t sum, const SentMessage& message) { return sum + message.nTokens; });
}

template <typename Messages>
std::size_t systemMessages(const Messages& messages) {
    std::size_t nMessages = 0;
    while (nMessages < messages.size() && messages[nMessages].role == Role::System) ++nMessages;
    return nMessages;
}

// Where turns begin behind the first one. Questions in a row are one.
std::vector<std::size_t> laterTurns(std::span<const SentMessage> messages) {
    std::vector<std::size_t> begins;
    for (std::size_t at = systemMessages(messages) + 1; at < messages.size(); ++at)
        if (messages[at].role == Role::User && messages[at - 1].role != Role::User)
            begins.push_back(at);
    return begins;
}

Error tooLong(std::int64_t needed, std::int64_t available) {
    Error error{ErrorCode::ContextFull,
                "The last question alone does not fit the context of " + std::to_string(available) +
                    " tokens: with the system prompt and room for an answer it needs " +
                    std::to_string(needed) + ". Shorten it, or use a longer context.",
                {}};
    error.needed = static_cast<std::uint64_t>(needed);
    error.available = static_cast<std::uint64_t>(available);
    return error;
}

}  // namespace

std::int64_t leastAnswerRoom(std::int64_t contextTokens) {
    return std::min(kLeastAnswer, contextTokens / 8);
}

TurnRoom roomOf(std::int64_t contextTokens, std::int64_t longestAnswer, std::int64_t maxTokens) {
    std::int64_t tokens = std::max(longestAnswer, leastAnswerRoom(contextTokens));
    if (maxTokens >= 0) tokens = std::min(tokens, maxTokens);
    return {contextTokens, std::min(tokens, contextTokens / 4)};
}

std::int64_t grownContext(const TurnRoom& room, std::int64_t promptTokens,
                          std::int64_t trainedContext) {
    if (room.contextTokens <= 0 || room.contextTokens >= trainedContext) return 0;
    std::int64_t tokens = room.contextTokens;
    do {
        tokens = std::min(tokens * 2, trainedContext);
    } while (promptTokens + room.answerTokens > tokens && tokens < trainedContext);
    return promptTokens + leastAnswerRoom(room.contextTokens) > tokens ? 0 : tokens;
}

std::vector<SentMessage> sentMessages(const ChatPrompt& chat, const PromptDescription& prompt) {
    std::vector<SentMessage> messages;
    messages.reserve(chat.messages.size());
    for (std::size_t at = 0; at < chat.messages.size(); ++at)
        messages.push_back(
            {chat.messages[at].role, at < prompt.parts.size() ? prompt.parts[at].nTokens : 0});
    return messages;
}

Result<TurnDrop> chooseTurns(std::span<const SentMessage> messages, const TurnRoom& room) {
    const std::size_t nSystem = systemMessages(messages);
    const std::int64_t nAll = tokensOf(messages);
    if (!room.isOutgrownBy(nAll)) return TurnDrop{nSystem, 0, 0, nAll};
    const std::int64_t half = room.contextTokens / 2;
    const std::int64_t least = leastAnswerRoom(room.contextTokens);
    const std::vector<std::size_t> begins = laterTurns(messages);
    std::optional<TurnDrop> chosen;
    for (const std::size_t begin : begins) {
        const std::int64_t nDropped = tokensOf(messages.subspan(nSystem, begin - nSystem));
        const TurnDrop drop{begin, begin - nSystem, nDropped, nAll - nDropped};
        // The last question is sent with what room there is.
        const bool isFitting = begin == begins.back() ? drop.nSent + least <= room.contextTokens
                                                      : !room.isOutgrownBy(drop.nSent);
        if (!isFitting) continue;
        if (!chosen || std::abs(drop.nSent - half) < std::abs(chosen->nSent - half)) chosen = drop;
    }
    if (chosen) return *chosen;
    const std::size_t last = begins.empty() ? nSystem : begins.back();
    const std::int64_t nLast = nAll - tokensOf(messages.subspan(nSystem, last - nSystem));
    if (begins.empty() && nAll + least <= room.contextTokens) return TurnDrop{nSystem, 0, 0, nAll};
    return fail(tooLong(nLast + least, room.contextTokens));
}

ChatPrompt withoutTurns(ChatPrompt chat, std::size_t firstSent) {
    const std::size_t nSystem = systemMessages(chat.messages);
    if (firstSent <= nSystem || firstSent > chat.messages.size()) return chat;
    chat.messages.erase(chat.messages.begin() + static_cast<std::ptrdiff_t>(nSystem),
                        chat.messages.begin() + static_cast<std::ptrdiff_t>(firstSent));
    return chat;
}

Result<TurnDrop> dropTurns(const ChatPrompt& chat, const TurnRoom& room,
                           const DescribeChat& describe) {
    const std::size_t nSystem = systemMessages(chat.messages);
    TurnDrop whole{nSystem, 0, 0, 0};
    ChatPrompt sent = chat;
    while (true) {
        SOTTO_ASSIGN(const PromptDescription prompt, describe(sent));
        const std::vector<SentMessage> messages = sentMessages(sent, prompt);
        SOTTO_ASSIGN(const TurnDrop drop, chooseTurns(messages, room));
        whole.nDropped += drop.nDropped;
        whole.nSent = drop.nSent;
        if (drop.isNone()) return whole;
        whole.firstSent += drop.nMessages;
        whole.nMessages += drop.nMessages;
        sent = withoutTurns(std::move(sent), drop.firstSent);
    }
}

}  // namespace sotto::app
