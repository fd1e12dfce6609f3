#include "engine/token/turn_markers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/api/chat_template.h"
#include "engine/token/byte_level.h"
#include "engine/token/thinking_splitter.h"

namespace sotto {

namespace {

using Json = nlohmann::json;

// "<|im_end|>", "[INST]": in brackets and without white space, which sentencepiece writes U+2581.
bool isMarkerLike(std::string_view text, bool isByteLevel) {
    if (text.size() < 3) return false;
    const bool isBracketed =
        (text.front() == '<' && text.back() == '>') || (text.front() == '[' && text.back() == ']');
    return isBracketed && text.find_first_of(" \t\r\n") == std::string_view::npos &&
           (isByteLevel || text.find("\xE2\x96\x81") == std::string_view::npos);
}

bool isThinkingMarker(std::string_view text) {
    const auto markers = thinkingMarkers();
    return std::any_of(markers.begin(), markers.end(), [text](const ThinkingMarkers& block) {
        return !block.isAnywhere && (block.open == text || block.close == text);
    });
}

// As a template has it: a control token is written as it is, an ordinary piece of a byte-level
// vocabulary in the letters of its bytes.
std::string plainText(const Vocabulary& vocabulary, std::int32_t token) {
    if (token < 0 || token >= vocabulary.size()) return {};
    const auto index = static_cast<std::size_t>(token);
    const bool isInLetters =
        vocabulary.model == "gpt2" && vocabulary.types[index] != TokenType::Control;
    return isInLetters ? bytesOfLetters(vocabulary.texts[index]) : vocabulary.texts[index];
}

// What the template itself writes into a short chat, in pieces between its messages.
std::vector<std::string> ownPieces(const ChatTemplate& source, const TemplateTokens& tokens) {
    constexpr const char* kChats[] = {
        R"([{"role": "system", "content": "x"}, {"role": "user", "content": "x"},
            {"role": "assistant", "content": "x"}, {"role": "user", "content": "x"}])",
        R"([{"role": "system", "content": "x"}, {"role": "user", "content": "x"}])",
        R"([{"role": "user", "content": "x"}])"};
    std::vector<std::string> pieces;
    for (const char* messages : kChats) {
        const Json context{{"add_generation_prompt", true},
                           {"bos_token", tokens.bos},
                           {"eos_token", tokens.eos},
                           {"messages", Json::parse(messages)}};
        const auto rendered =
            source.render(context.dump(-1, ' ', false, Json::error_handler_t::replace), 0);
        if (!rendered) continue;
        std::size_t at = 0;
        for (const TextSpan& span : rendered->callerSpans) {
            pieces.push_back(rendered->text.substr(at, span.begin - at));
            at = span.end;
        }
        pieces.push_back(rendered->text.substr(at));
        break;
    }
    return pieces;
}

}  // namespace

void typeTurnMarkers(Vocabulary& vocabulary, std::string_view templateSource) {
    const TemplateTokens tokens{plainText(vocabulary, vocabulary.bosToken),
                                plainText(vocabulary, vocabulary.eosToken)};
    const ModelTemplate chosen = chooseTemplate(templateSource, tokens);
    if (chosen.chat == nullptr) return;
    const std::vector<std::string> pieces = ownPieces(*chosen.chat, tokens);
    const bool isByteLevel = vocabulary.model == "gpt2";
    for (std::int32_t token = 0; token < vocabulary.size(); ++token) {
        const auto index = static_cast<std::size_t>(token);
        const TokenType type = vocabulary.types[index];
        if (type == TokenType::Control || type == TokenType::Unknown) continue;
        if (!isMarkerLike(vocabulary.texts[index], isByteLevel)) continue;
        std::string text = plainText(vocabulary, token);
        const bool isWritten = std::any_of(
            pieces.begin(), pieces.end(),
            [&text](const std::string& piece) { return piece.find(text) != std::string::npos; });
        if (!isWritten || isThinkingMarker(text)) continue;
        vocabulary.texts[index] = std::move(text);
        vocabulary.types[index] = TokenType::Control;
    }
}

}  // namespace sotto
