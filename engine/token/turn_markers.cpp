#include "engine/token/turn_markers.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/api/chat_template.h"
#include "engine/token/byte_level.h"
#include "engine/token/thinking_splitter.h"

namespace sotto {

namespace {

// "<|im_end|>", "[INST]": in brackets and without white space, which sentencepiece writes U+2581.
bool isMarkerLike(std::string_view text) {
    if (text.size() < 3) return false;
    const bool isBracketed =
        (text.front() == '<' && text.back() == '>') || (text.front() == '[' && text.back() == ']');
    return isBracketed && text.find_first_of(" \t\r\n") == std::string_view::npos &&
           text.find("\xE2\x96\x81") == std::string_view::npos;
}

bool isThinkingMarker(std::string_view text) {
    const auto markers = thinkingMarkers();
    return std::any_of(markers.begin(), markers.end(), [text](const ThinkingMarkers& block) {
        return !block.isAnywhere && (block.open == text || block.close == text);
    });
}

// What the template itself writes into a short chat, in pieces between its messages.
std::vector<std::string> ownPieces(const ChatTemplate& source) {
    constexpr const char* kChats[] = {
        R"([{"role": "system", "content": "x"}, {"role": "user", "content": "x"},
            {"role": "assistant", "content": "x"}, {"role": "user", "content": "x"}])",
        R"([{"role": "system", "content": "x"}, {"role": "user", "content": "x"}])",
        R"([{"role": "user", "content": "x"}])"};
    std::vector<std::string> pieces;
    for (const char* messages : kChats) {
        const auto rendered = source.render(
            std::string(R"({"add_generation_prompt": true, "bos_token": "", "eos_token": "",
                            "messages": )") +
                messages + "}",
            0);
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
    const ModelTemplate chosen = chooseTemplate(templateSource, {});
    if (chosen.chat == nullptr) return;
    const std::vector<std::string> pieces = ownPieces(*chosen.chat);
    const bool isByteLevel = vocabulary.model == "gpt2";
    for (std::size_t token = 0; token < vocabulary.texts.size(); ++token) {
        const TokenType type = vocabulary.types[token];
        if (type == TokenType::Control || type == TokenType::Unknown) continue;
        if (!isMarkerLike(vocabulary.texts[token])) continue;
        // A control token is written as it is, an ordinary piece in the letters of its bytes.
        std::string text =
            isByteLevel ? bytesOfLetters(vocabulary.texts[token]) : vocabulary.texts[token];
        const bool isWritten = std::any_of(
            pieces.begin(), pieces.end(),
            [&text](const std::string& piece) { return piece.find(text) != std::string::npos; });
        if (!isWritten || isThinkingMarker(text)) continue;
        vocabulary.texts[token] = std::move(text);
        vocabulary.types[token] = TokenType::Control;
    }
}

}  // namespace sotto
