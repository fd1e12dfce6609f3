#include "engine/schedule/answer_splice.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "engine/schedule/token_places.h"

namespace sotto {
namespace {

// Whether these tokens are this text, and nothing that only a template may write.
bool areTokensOf(const Tokenizer& tokenizer, std::span<const std::int32_t> tokens,
                 std::string_view text) {
    for (const std::int32_t token : tokens) {
        const std::string bytes = tokenizer.pieceBytes(token, true);
        const bool isTemplates = tokenizer.isControl(token) || tokenizer.isTurnStart(token) ||
                                 tokenizer.isEndOfGeneration(token);
        if (isTemplates || bytes.empty() || !text.starts_with(bytes)) return false;
        text.remove_prefix(bytes.size());
    }
    return text.empty();
}

}  // namespace

void spliceAnswers(const Tokenizer& tokenizer, const RenderedText& rendered,
                   std::span<const ChatMessage> messages, std::vector<std::int32_t>& tokens) {
    const auto isKnown = [&](const ChatMessage& message) {
        return !message.tokens.ids.empty() && message.tokens.vocabulary == tokenizer.fingerprint();
    };
    if (std::ranges::none_of(messages, isKnown)) return;
    const std::string_view text = rendered.text;
    const auto begins = tokenBeginnings(tokenizer, text, tokens);
    if (!begins) return;
    std::vector<std::int32_t> spliced;
    spliced.reserve(tokens.size());
    std::size_t nTaken = 0;  // of `tokens`
    auto span = rendered.callerSpans.begin();
    for (const ChatMessage& message : messages) {
        const auto found = std::find_if(span, rendered.callerSpans.end(), [&](const auto& one) {
            return text.substr(one.begin, one.end - one.begin) == message.content;
        });
        if (found == rendered.callerSpans.end()) continue;
        span = found + 1;
        const std::vector<std::int32_t>& written = message.tokens.ids;
        if (!isKnown(message) || !areTokensOf(tokenizer, written, message.content)) continue;
        // BOS that the tokenizer put in front has no text, and stays.
        const auto behind = std::ranges::upper_bound(*begins, found->begin);
        const auto end = std::ranges::lower_bound(*begins, found->end);
        if (end == begins->end() || *end != found->end || behind[-1] != found->begin) continue;
        const auto firstIndex = static_cast<std::size_t>(behind - begins->begin()) - 1;
        spliced.insert(spliced.end(), tokens.begin() + static_cast<std::ptrdiff_t>(nTaken),
                       tokens.begin() + static_cast<std::ptrdiff_t>(firstIndex));
        spliced.insert(spliced.end(), written.begin(), written.end());
        nTaken = static_cast<std::size_t>(end - begins->begin());
    }
    spliced.insert(spliced.end(), tokens.begin() + static_cast<std::ptrdiff_t>(nTaken),
                   tokens.end());
    tokens = std::move(spliced);
}

}  // namespace sotto
