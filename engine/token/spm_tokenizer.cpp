#include "engine/token/spm_tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include <exception>

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

}  // namespace

SpmTokenizer::SpmTokenizer(const Vocabulary& vocabulary)
    : VocabularyTokenizer(vocabulary, vocabulary.model == "llama"),
      m_processor(std::make_unique<sentencepiece::SentencePieceProcessor>()),
      m_isAddingSpacePrefix(vocabulary.isAddingSpacePrefix),
      m_isUnigram(vocabulary.model == "t5") {
    m_bytes.reserve(vocabulary.texts.size());
    for (std::size_t token = 0; token < vocabulary.texts.size(); ++token) {
        m_bytes.push_back(surfaceOf(vocabulary.texts[token], vocabulary.types[token]));
    }
}

SpmTokenizer::~SpmTokenizer() = default;

Result<std::unique_ptr<Tokenizer>> SpmTokenizer::create(const Vocabulary& vocabulary) {
    std::unique_ptr<SpmTokenizer> tokenizer(new SpmTokenizer(vocabulary));
    const SentencepieceModel model = makeSentencepieceModel(vocabulary);
    // The library reports through Status, but its trie builder throws on keys it cannot hold.
    try {
        const auto status = tokenizer->m_processor->LoadFromSerializedProto(model.bytes);
        if (!status.ok()) {
            return fail(ErrorCode::FileDamaged,
                        fmt::format("The vocabulary is not usable: {}.", status.error_message()),
                        "tokenizer.ggml.tokens");
        }
    } catch (const std::exception& exception) {
        return fail(ErrorCode::FileDamaged,
                    fmt::format("The vocabulary is not usable: {}.", exception.what()),
                    "tokenizer.ggml.tokens");
    }
    return tokenizer;
}

Status SpmTokenizer::encodeText(std::string_view text, std::vector<std::int32_t>& ids) const {
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
