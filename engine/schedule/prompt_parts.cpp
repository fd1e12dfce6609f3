#include "engine/schedule/prompt_parts.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/schedule/token_places.h"

namespace sotto {
namespace {

// What of a message stands in the text; thinking and text may be apart.
struct MessagePlace {
    std::optional<TextSpan> text;
    std::optional<TextSpan> thinking;

    bool isThere() const { return text || thinking; }
    std::size_t begin() const {
        return std::min(text ? text->begin : thinking->begin,
                        thinking ? thinking->begin : text->begin);
    }
    std::size_t end() const {
        return std::max(text ? text->end : thinking->end, thinking ? thinking->end : text->end);
    }
};

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

void extend(std::optional<TextSpan>& place, const TextSpan& span) {
    place = place ? TextSpan{place->begin, span.end} : span;
}

// Templates keep the order of messages, and trim, cut or quote their texts: first whose text it is,
// then whose part of it.
std::vector<MessagePlace> findMessages(const RenderedText& rendered,
                                       std::span<const ChatMessage> messages) {
    std::vector<MessagePlace> places(messages.size());
    std::size_t next = 0;  // no message before it has anything behind here
    for (const TextSpan& span : rendered.callerSpans) {
        const std::string_view text =
            trimmed(std::string_view(rendered.text).substr(span.begin, span.end - span.begin));
        if (text.empty()) continue;
        const auto take = [&](auto&& isOf) {
            for (std::size_t index = next; index < messages.size(); ++index) {
                const bool isText = isOf(messages[index].content);
                if (!isText && !isOf(messages[index].thinking)) continue;
                extend(isText ? places[index].text : places[index].thinking, span);
                next = index;
                return true;
            }
            return false;
        };
        if (!take([&](std::string_view whole) { return trimmed(whole) == text; }))
            take([&](std::string_view whole) { return whole.find(text) != whole.npos; });
    }
    return places;
}

// Of the tokens between two messages: the first one of the later one's turn.
std::size_t turnBegin(const Tokenizer& tokenizer, std::span<const PromptToken> tokens,
                      std::size_t from, std::size_t to) {
    for (std::size_t index = to; index > from; --index)
        if (tokenizer.isTurnStart(tokens[index - 1].id)) return index - 1;
    for (std::size_t index = from; index < to; ++index)
        if (tokenizer.isEndOfGeneration(tokens[index].id)) return index + 1;
    return from;
}

void markTemplates(std::span<const MessagePlace> places, std::vector<PromptToken>& tokens) {
    for (PromptToken& token : tokens) {
        const auto isPartOf = [&](const std::optional<TextSpan>& span) {
            return span && token.text.begin < span->end && token.text.end > span->begin;
        };
        token.isTemplates = std::ranges::none_of(places, [&](const MessagePlace& place) {
            return isPartOf(place.text) || isPartOf(place.thinking);
        });
    }
}

void divide(const Tokenizer& tokenizer, std::span<const MessagePlace> places,
            PromptDescription& description) {
    const std::span<const PromptToken> tokens(description.tokens);
    const auto firstAt = [&](std::size_t offset) {
        const auto found = std::ranges::find_if(
            tokens, [&](const PromptToken& token) { return token.text.end > offset; });
        return static_cast<std::size_t>(found - tokens.begin());
    };
    std::optional<std::size_t> last;  // the message before that stands there
    for (std::size_t index = 0; index < places.size(); ++index) {
        if (!places[index].isThere()) continue;
        std::size_t begin = 0;
        if (last) {
            begin = turnBegin(tokenizer, tokens, firstAt(places[*last].end()),
                              firstAt(places[index].begin()));
            PromptPart& before = description.parts[*last];
            before.nTokens = static_cast<std::int64_t>(begin) - before.firstToken;
        }
        description.parts[index].firstToken = static_cast<std::int64_t>(begin);
        last = index;
    }
    PromptPart& end = description.parts[last.value_or(places.size() - 1)];
    end.nTokens = std::ssize(tokens) - end.firstToken;
}

}  // namespace

PromptDescription describeParts(const Tokenizer& tokenizer, const RenderedText& rendered,
                                std::span<const ChatMessage> messages,
                                std::span<const std::int32_t> tokens) {
    PromptDescription description;
    description.parts.resize(messages.size());
    if (messages.empty()) return description;
    const auto begins = tokenBeginnings(tokenizer, rendered.text, tokens);
    for (std::size_t index = 0; index < tokens.size(); ++index) {
        PromptToken token{tokens[index], {}, false};
        if (begins) {
            token.text = {(*begins)[index], (*begins)[index + 1]};
        } else {
            token.text.begin = description.text.size();
            description.text += tokenizer.pieceBytes(tokens[index], true);
            token.text.end = description.text.size();
        }
        description.tokens.push_back(token);
    }
    if (!begins) {
        description.parts.back().nTokens = std::ssize(tokens);
        return description;
    }
    description.text = rendered.text;
    const std::vector<MessagePlace> places = findMessages(rendered, messages);
    markTemplates(places, description.tokens);
    divide(tokenizer, places, description);
    for (std::size_t index = 0; index < messages.size(); ++index) {
        PromptPart& part = description.parts[index];
        if (!places[index].thinking) part.nThinkingLeftOut = std::ssize(messages[index].thinking);
        if (!places[index].text) part.nTextLeftOut = std::ssize(messages[index].content);
    }
    return description;
}

}  // namespace sotto
