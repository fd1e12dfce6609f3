#include "engine/token/vocabulary_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/token/turn_starts.h"
#include "engine/token/utf8.h"

namespace sotto {

namespace {

// Texts of tokens after which a turn is over, whatever ids the file declares: many files name only
// the base model's EOS although the chat model ends its turns with another token.
constexpr std::array<std::string_view, 29> kEndTexts{
    "</s>",
    "<eos>",
    "<EOT>",
    "_<EOT>",
    "[EOS]",
    "<|im_end|>",
    "<|end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
    "<|eom|>",
    "<|return|>",
    "<|call|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|end_of_turn|>",
    "<end_of_turn>",
    "<turn|>",
    "<|endofturn|>",
    "[|endofturn|]",
    "<end_of_utterance>",
    "<|end_of_sentence|>",
    "<\xEF\xBD\x9C"
    "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>",
    "<|END_OF_TURN_TOKEN|>",
    "<|END_RESPONSE|>",
    "<|END_OF_TEXT|>",
    "<seed:eos>",
    "<|role_end|>",
    "<|endofmessage|>"};

constexpr std::string_view kSentencepieceSpace = "\xE2\x96\x81";  // U+2581

std::vector<SpecialSplitter::Entry> splitterEntries(const Vocabulary& vocabulary) {
    const bool isSentencepiece = vocabulary.model != "gpt2";
    std::vector<SpecialSplitter::Entry> entries;
    for (std::int32_t token = 0; token < vocabulary.size(); ++token) {
        const auto index = static_cast<std::size_t>(token);
        const TokenType type = vocabulary.types[index];
        const bool isUserDefined = type == TokenType::UserDefined;
        if (!isUserDefined && type != TokenType::Control) continue;
        const std::string& text = vocabulary.texts[index];
        if (text.size() > kMaxSpecialBytes) continue;  // never found in a text
        // Sentencepiece writes a space inside a user-defined piece as U+2581: such pieces match
        // its own normalised text, not ours, and stay with the library.
        if (isUserDefined && isSentencepiece &&
            text.find(kSentencepieceSpace) != std::string::npos) {
            continue;
        }
        entries.push_back({text, token, isUserDefined});
    }
    return entries;
}

// FNV-1a, 64 bits (Fowler, Noll, Vo): it tells vocabularies apart, and keeps nobody out.
std::uint64_t fingerprintOf(const Vocabulary& vocabulary) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto take = [&hash](unsigned char byte) { hash = (hash ^ byte) * 0x100000001b3; };
    for (const char letter : vocabulary.model) take(static_cast<unsigned char>(letter));
    for (std::size_t token = 0; token < vocabulary.texts.size(); ++token) {
        for (const char letter : vocabulary.texts[token]) take(static_cast<unsigned char>(letter));
        take(0xff);  // in no UTF-8 text: where a piece ends
        take(static_cast<unsigned char>(vocabulary.types[token]));
    }
    return hash == 0 ? 1 : hash;
}

}  // namespace

VocabularyTokenizer::VocabularyTokenizer(const Vocabulary& vocabulary, bool isAddingBosDefault)
    : m_types(vocabulary.types),
      m_fingerprint(fingerprintOf(vocabulary)),
      m_isSplitting(vocabulary.types.size(), false),
      m_splitter(splitterEntries(vocabulary)),
      m_bosToken(vocabulary.bosToken),
      m_eosToken(vocabulary.eosToken),
      m_isAddingBos(vocabulary.isAddingBos.value_or(isAddingBosDefault)) {
    for (const auto& entry : splitterEntries(vocabulary)) {
        m_isSplitting[static_cast<std::size_t>(entry.token)] = true;
    }
    findEndsOfGeneration(vocabulary);
    findTurnStarts(vocabulary);
}

void VocabularyTokenizer::findEndsOfGeneration(const Vocabulary& vocabulary) {
    std::vector<std::int32_t>& ends = m_endsOfGeneration;
    std::int32_t harmonyEnd = -1;
    bool hasReturn = false;
    bool hasCall = false;
    for (std::int32_t token = 0; token < vocabulary.size(); ++token) {
        const TokenType type = typeOf(token);
        if (type != TokenType::Control && type != TokenType::UserDefined) continue;
        const std::string& text = vocabulary.texts[static_cast<std::size_t>(token)];
        if (std::find(kEndTexts.begin(), kEndTexts.end(), text) == kEndTexts.end()) continue;
        ends.push_back(token);
        hasReturn = hasReturn || text == "<|return|>";
        hasCall = hasCall || text == "<|call|>";
        if (text == "<|end|>") harmonyEnd = token;
    }
    // In OpenAI's harmony format "<|end|>" closes one message (the analysis), not the turn.
    if (hasReturn && hasCall) std::erase(ends, harmonyEnd);
    for (const std::int32_t token :
         {vocabulary.eosToken, vocabulary.eotToken, vocabulary.eomToken}) {
        if (token >= 0) ends.push_back(token);
    }
    ends.insert(ends.end(), vocabulary.moreEndTokens.begin(), vocabulary.moreEndTokens.end());
    std::sort(ends.begin(), ends.end());
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
}

void VocabularyTokenizer::findTurnStarts(const Vocabulary& vocabulary) {
    for (std::int32_t token = 0; token < vocabulary.size(); ++token) {
        // All of them begin with a bracket, most pieces do not.
        const std::string& text = vocabulary.texts[static_cast<std::size_t>(token)];
        if (!text.starts_with('<') && !text.starts_with('[')) continue;
        if (isTurnStartText(plainText(vocabulary, token))) m_turnStarts.push_back(token);
    }
}

Result<std::vector<std::int32_t>> VocabularyTokenizer::encode(std::string_view text,
                                                              const EncodeOptions& options) const {
    if (const auto offset = findInvalidUtf8(text)) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("The text is not valid UTF-8 at byte {}.", *offset), "text");
    }
    std::vector<std::int32_t> ids;
    ids.reserve(text.size() / 3 + 2);  // about four bytes a token in English, fewer elsewhere
    if (options.isAddingBos && m_bosToken >= 0) ids.push_back(m_bosToken);
    for (const auto& fragment :
         m_splitter.split(text, options.isParsingSpecial, options.callerSpans)) {
        if (fragment.token >= 0) {
            ids.push_back(fragment.token);
        } else {
            SOTTO_TRY(encodeText(fragment.text, ids));
        }
    }
    return ids;
}

bool VocabularyTokenizer::isEndOfGeneration(std::int32_t token) const {
    return std::binary_search(m_endsOfGeneration.begin(), m_endsOfGeneration.end(), token);
}

bool VocabularyTokenizer::isTurnStart(std::int32_t token) const {
    return std::binary_search(m_turnStarts.begin(), m_turnStarts.end(), token);
}

bool VocabularyTokenizer::isControl(std::int32_t token) const {
    return isInside(token) && typeOf(token) == TokenType::Control;
}

}  // namespace sotto
