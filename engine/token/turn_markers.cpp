#include "engine/token/turn_markers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/api/chat_template.h"
#include "engine/token/thinking_splitter.h"

namespace sotto {

namespace {

using Json = nlohmann::json;

bool isOpening(char byte) { return byte == '<' || byte == '['; }
bool isClosing(char byte) { return byte == '>' || byte == ']'; }

bool isBracketed(std::string_view text) {
    return text.size() >= 3 && isOpening(text.front()) && isClosing(text.back()) &&
           (text.front() == '<') == (text.back() == '>');
}

// "<|im_end|>", "[INST]": in brackets and without white space, which sentencepiece writes U+2581.
bool isMarkerLike(std::string_view text, bool isByteLevel) {
    return text.size() <= kMaxSpecialBytes && isBracketed(text) &&
           text.find_first_of(" \t\r\n") == std::string_view::npos &&
           (isByteLevel || text.find("\xE2\x96\x81") == std::string_view::npos);
}

bool isThinkingMarker(std::string_view text) {
    const auto markers = thinkingMarkers();
    return std::any_of(markers.begin(), markers.end(), [text](const ThinkingMarkers& block) {
        return !block.isAnywhere && (block.open == text || block.close == text);
    });
}

constexpr const char* kChats[] = {
    R"([{"role": "system", "content": "x"}, {"role": "user", "content": "x"},
        {"role": "assistant", "content": "x"}, {"role": "user", "content": "x"}])",
    R"([{"role": "system", "content": "x"}, {"role": "user", "content": "x"}])",
    R"([{"role": "user", "content": "x"}])",
    R"([{"role": "user", "content": "x"}, {"role": "assistant", "content": "x"},
        {"role": "tool", "name": "x", "tool_call_id": "xxxxxxxxx", "content": "x"}])"};
// Many templates take a tool's turn only behind a call.
constexpr const char* kCall[] = {
    R"([{"role": "user", "content": "x"},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "xxxxxxxxx",
         "type": "function", "function": {"name": "x", "arguments": {}}}]}])"};
constexpr const char* kCallWithResult[] = {
    R"([{"role": "user", "content": "x"},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "xxxxxxxxx",
         "type": "function", "function": {"name": "x", "arguments": {}}}]},
        {"role": "tool", "name": "x", "tool_call_id": "xxxxxxxxx", "content": "x"}])"};

// What the template itself writes into short chats, in pieces between their messages.
class OwnPieces {
public:
    OwnPieces(const ChatTemplate& source, const TemplateTokens& tokens,
              std::span<const char* const> chats) {
        for (const char* messages : chats) {
            const Json context{{"add_generation_prompt", true},
                               {"bos_token", tokens.bos},
                               {"eos_token", tokens.eos},
                               {"messages", Json::parse(messages, nullptr, false)}};
            const auto rendered =
                source.render(context.dump(-1, ' ', false, Json::error_handler_t::replace), 0);
            if (rendered) add(*rendered);
        }
    }

    bool contain(std::string_view text) const {
        return std::any_of(m_pieces.begin(), m_pieces.end(), [text](const std::string& piece) {
            return piece.find(text) != std::string::npos;
        });
    }

private:
    void add(const RenderedText& rendered) {
        std::size_t at = 0;
        for (const TextSpan& span : rendered.callerSpans) {
            m_pieces.push_back(rendered.text.substr(at, span.begin - at));
            at = span.end;
        }
        m_pieces.push_back(rendered.text.substr(at));
    }

    std::vector<std::string> m_pieces;
};

// The pieces in brackets that merges make of ordinary text: "[i]", "<br>". Taken for a marker, such
// a piece would vanish from answers.
class MergedPieces {
public:
    explicit MergedPieces(const Vocabulary& vocabulary)
        : m_isByteLevel(vocabulary.model == "gpt2") {
        for (const std::string& merge : vocabulary.merges) {
            const std::size_t space = merge.find(' ');
            if (!isBracketed(merge) || space == std::string::npos) continue;
            m_texts.insert(std::string(merge).erase(space, 1));
        }
        // Sentencepiece has no list of merges: any two pieces become a third one.
        if (m_isByteLevel) return;
        for (const std::string& text : vocabulary.texts)
            if (!text.empty() && (isOpening(text.front()) || isClosing(text.back())))
                m_texts.insert(text);
    }

    bool contain(const std::string& text) const {
        if (m_isByteLevel) return m_texts.count(text) > 0;
        for (std::size_t length = 1; length < text.size(); ++length)
            if (m_texts.count(text.substr(0, length)) > 0 && m_texts.count(text.substr(length)) > 0)
                return true;
        return false;
    }

private:
    bool m_isByteLevel;
    std::unordered_set<std::string> m_texts;  // merged, or of sentencepiece's: what is merged
};

}  // namespace

void typeTurnMarkers(Vocabulary& vocabulary, std::string_view templateSource) {
    const TemplateTokens tokens{plainText(vocabulary, vocabulary.bosToken),
                                plainText(vocabulary, vocabulary.eosToken)};
    const ModelTemplate chosen = chooseTemplate(templateSource, tokens);
    if (chosen.chat == nullptr) return;
    const OwnPieces turns(*chosen.chat, tokens, kChats);
    const OwnPieces call(*chosen.chat, tokens, kCall);
    const OwnPieces callWithResult(*chosen.chat, tokens, kCallWithResult);
    const MergedPieces merged(vocabulary);
    const bool isByteLevel = vocabulary.model == "gpt2";
    for (std::int32_t token = 0; token < vocabulary.size(); ++token) {
        const auto index = static_cast<std::size_t>(token);
        const TokenType type = vocabulary.types[index];
        if (type == TokenType::Control || type == TokenType::Unknown) continue;
        if (!isMarkerLike(vocabulary.texts[index], isByteLevel)) continue;
        std::string text = plainText(vocabulary, token);
        // What a call is written in is part of an answer and stays to be shown.
        const bool isWritten =
            turns.contain(text) || (callWithResult.contain(text) && !call.contain(text));
        if (!isWritten || isThinkingMarker(text)) continue;
        const bool isNamed = token == vocabulary.bosToken || token == vocabulary.eosToken;
        if (type == TokenType::Normal && !isNamed && merged.contain(vocabulary.texts[index]))
            continue;
        vocabulary.texts[index] = std::move(text);
        vocabulary.types[index] = TokenType::Control;
    }
}

}  // namespace sotto
