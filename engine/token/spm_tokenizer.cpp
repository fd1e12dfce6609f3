#include "engine/token/spm_tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include <exception>

#include "engine/gguf/byte_cursor.h"
#include "engine/token/charsmap.h"
#include "engine/token/sentencepiece_model.h"

namespace sotto {

namespace {

constexpr std::string_view kEscapedSpace = "\xE2\x96\x81";  // U+2581
// What sentencepiece shows for a character that the vocabulary does not have.
constexpr std::string_view kUnknownSurface = " \xE2\x81\x87 ";

std::string unescapeSpaces(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    while (!text.empty()) {
        if (text.starts_with(kEscapedSpace)) {
            plain += ' ';
            text.remove_prefix(kEscapedSpace.size());
        } else {
            plain += text.front();
            text.remove_prefix(1);
        }
    }
    return plain;
}

std::string surfaceOf(std::string_view text, TokenType type) {
    switch (type) {
        case TokenType::Control: return std::string(text);
        case TokenType::Unknown: return std::string(kUnknownSurface);
        case TokenType::Byte: {
            const std::int32_t byte = byteOfPiece(text);
            return byte < 0 ? std::string() : std::string(1, static_cast<char>(byte));
        }
        case TokenType::Normal:
        case TokenType::UserDefined:
        case TokenType::Unused: return unescapeSpaces(text);
    }
    return {};
}

// Whether some piece goes on after a word has ended: a space (U+2581) inside it after another
// letter. Without such pieces no merge crosses the beginning of a word.
bool hasPieceAcrossWords(const Vocabulary& vocabulary) {
    for (std::size_t token = 0; token < vocabulary.texts.size(); ++token) {
        if (vocabulary.types[token] == TokenType::Control) continue;
        bool isInsideWord = false;
        for (std::string_view rest = vocabulary.texts[token]; !rest.empty();) {
            const bool isSpace = rest.starts_with(kEscapedSpace);
            if (isSpace && isInsideWord) return true;
            isInsideWord = !isSpace;
            rest.remove_prefix(isSpace ? kEscapedSpace.size() : 1);
        }
    }
    return false;
}

// The length of the first part of `text` to encode on its own: it ends before a space that begins
// a word. Whole when there is none.
std::size_t partLength(std::string_view text) {
    // Enough text to make the call worth it, little enough for the library's tables to stay in
    // the cache: 1 MB in one call takes three times as long as in parts of 4 KB.
    constexpr std::size_t kPart = 4096;
    for (std::size_t offset = kPart; offset < text.size(); ++offset) {
        const char before = text[offset - 1];
        // ASCII only: a literal U+2581 would join the space.
        const bool isWordEnd = before != ' ' && static_cast<unsigned char>(before) < 0x80;
        if (text[offset] == ' ' && isWordEnd) return offset;
    }
    return text.size();
}

}  // namespace

SpmTokenizer::SpmTokenizer(const Vocabulary& vocabulary)
    : VocabularyTokenizer(vocabulary, vocabulary.model == "llama"),
      m_processor(std::make_unique<sentencepiece::SentencePieceProcessor>()),
      m_isAddingSpacePrefix(vocabulary.isAddingSpacePrefix),
      m_isUnigram(vocabulary.model == "t5"),
      m_isEncodingInParts(vocabulary.precompiledCharsmap.empty() &&
                          !vocabulary.isRemovingExtraWhitespaces &&
                          !hasPieceAcrossWords(vocabulary)) {
    m_bytes.reserve(vocabulary.texts.size());
    for (std::size_t token = 0; token < vocabulary.texts.size(); ++token) {
        m_bytes.push_back(surfaceOf(vocabulary.texts[token], vocabulary.types[token]));
    }
}

SpmTokenizer::~SpmTokenizer() = default;

Result<std::unique_ptr<Tokenizer>> SpmTokenizer::create(const Vocabulary& vocabulary) {
    if (!vocabulary.precompiledCharsmap.empty()) {
        SOTTO_TRY(checkCharsmap(vocabulary.precompiledCharsmap));
    }
    std::unique_ptr<SpmTokenizer> tokenizer(new SpmTokenizer(vocabulary));
    const SentencepieceModel model = makeSentencepieceModel(vocabulary);
    // The library reports through Status, but its trie builder throws on keys it cannot hold.
    try {
        const auto status = tokenizer->m_processor->LoadFromSerializedProto(model.bytes);
        if (!status.ok()) {
            return fail(ErrorCode::FileDamaged,
                        fmt::format("The vocabulary is not usable: {}.",
                                    printableName(status.error_message())),
                        "tokenizer.ggml.tokens");
        }
    } catch (const std::exception& exception) {
        return fail(
            ErrorCode::FileDamaged,
            fmt::format("The vocabulary is not usable: {}.", printableName(exception.what())),
            "tokenizer.ggml.tokens");
    }
    return tokenizer;
}

Status SpmTokenizer::encodeText(std::string_view text, std::vector<std::int32_t>& ids) const {
    bool isFirst = true;
    while (!text.empty()) {
        const std::size_t length = m_isEncodingInParts ? partLength(text) : text.size();
        std::string_view part = text.substr(0, length);
        text.remove_prefix(length);
        // The library puts its prefix before every part: it stands for the space that begins one.
        if (!isFirst && m_isAddingSpacePrefix) part.remove_prefix(1);
        SOTTO_TRY(encodePart(part, ids));
        isFirst = false;
    }
    return {};
}

Status SpmTokenizer::encodePart(std::string_view text, std::vector<std::int32_t>& ids) const {
    std::vector<int> pieces;
    const auto status = m_processor->Encode(text, &pieces);
    if (!status.ok()) {
        return fail(ErrorCode::Internal,
                    fmt::format("The tokenizer failed: {}.", status.error_message()), "text");
    }
    for (const int piece : pieces) {
        // The unknown piece that we appended ourselves has no embedding in the model.
        if (piece >= size()) {
            return fail(ErrorCode::InvalidArgument,
                        "The text has a character that this model's vocabulary cannot express.",
                        "text");
        }
        ids.push_back(piece);
    }
    return {};
}

std::string SpmTokenizer::pieceBytes(std::int32_t token, bool isShowingSpecial) const {
    if (!isInside(token) || (isControl(token) && !isShowingSpecial)) return {};
    return m_bytes[static_cast<std::size_t>(token)];
}

std::string SpmTokenizer::decode(const std::vector<std::int32_t>& tokens,
                                 bool isShowingSpecial) const {
    std::string text;
    // encode() puts the prefix before every run of ordinary text: at the beginning and after each
    // special token. The exact inverse takes it away at the same places.
    bool isRunStart = true;
    for (const std::int32_t token : tokens) {
        if (!isInside(token)) continue;
        const std::string& bytes = m_bytes[static_cast<std::size_t>(token)];
        if (isSplitting(token)) {
            if (isShowingSpecial || !isControl(token)) text += bytes;
            isRunStart = true;
            continue;
        }
        const bool hasPrefix = isRunStart && m_isAddingSpacePrefix && bytes.starts_with(' ');
        text += hasPrefix ? std::string_view(bytes).substr(1) : std::string_view(bytes);
        isRunStart = false;
    }
    return text;
}

std::string SpmTokenizer::description() const {
    return fmt::format("{}, {} pieces", m_isUnigram ? "unigram" : "spm", size());
}

}  // namespace sotto
