#include "engine/schedule/answer_splice.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sotto {
namespace {

// Where each token begins in the text, and where the last one ends. Nothing where they are not the
// text's bytes one after another, as with a tokenizer that changes what it reads.
std::optional<std::vector<std::size_t>> beginnings(const Tokenizer& tokenizer,
                                                   std::string_view text,
                                                   std::span<const std::int32_t> tokens) {
    std::vector<std::size_t> begins;
    begins.reserve(tokens.size() + 1);
    std::size_t at = 0;
    for (std::size_t index = 0; index < tokens.size(); ++index) {
        begins.push_back(at);
        const std::string bytes = tokenizer.pieceBytes(tokens[index], true);
        const std::string_view rest = text.substr(at);
        if (rest.starts_with(bytes))
            at += bytes.size();
        else if (bytes.starts_with(' ') && rest.starts_with(bytes.substr(1)))
            at += bytes.size() - 1;  // a space that the tokenizer put in front of a word
        else if (index > 0 || tokens[index] != tokenizer.bosToken())
            return std::nullopt;
    }
    begins.push_back(at);
    if (at != text.size()) return std::nullopt;
    return begins;
}

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
    const auto begins = beginnings(tokenizer, text, tokens);
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
