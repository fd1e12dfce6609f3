#include "engine/token/sentencepiece_model.h"

#include <fmt/format.h>

#include <bit>
#include <unordered_set>
#include <vector>

namespace sotto {

namespace {

// Protocol Buffers wire format, writing side. Wire types: 0 varint, 2 bytes, 5 fixed 32 bits.
class ProtoWriter {
public:
    void putVarint(int field, std::uint64_t value) {
        appendTag(field, 0);
        appendVarint(value);
    }
    void putFloat(int field, float value) {
        appendTag(field, 5);
        const auto bits = std::bit_cast<std::uint32_t>(value);
        for (unsigned shift = 0; shift < 32; shift += 8) {
            m_bytes += static_cast<char>((bits >> shift) & 0xFFU);
        }
    }
    void putBytes(int field, std::string_view value) {
        appendTag(field, 2);
        appendVarint(value.size());
        m_bytes += value;
    }
    const std::string& bytes() const { return m_bytes; }
    std::string take() { return std::move(m_bytes); }

private:
    void appendTag(int field, unsigned wireType) {
        appendVarint(static_cast<std::uint64_t>(field) << 3U | wireType);
    }
    void appendVarint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7U) m_bytes += static_cast<char>(value | 0x80U);
        m_bytes += static_cast<char>(value);
    }

    std::string m_bytes;
};

struct Piece {
    std::string text;
    TokenType type = TokenType::Normal;
};

std::int32_t chooseUnknown(const Vocabulary& vocabulary) {
    if (vocabulary.unknownToken >= 0) return vocabulary.unknownToken;
    for (std::int32_t token = 0; token < vocabulary.size(); ++token) {
        if (vocabulary.types[static_cast<std::size_t>(token)] == TokenType::Unknown) return token;
    }
    return vocabulary.size();
}

bool hasAllBytes(const Vocabulary& vocabulary) {
    std::vector<bool> isThere(256, false);
    std::size_t nFound = 0;
    for (std::size_t token = 0; token < vocabulary.texts.size(); ++token) {
        if (vocabulary.types[token] != TokenType::Byte) continue;
        const std::int32_t byte = byteOfPiece(vocabulary.texts[token]);
        if (byte < 0 || isThere[static_cast<std::size_t>(byte)]) continue;
        isThere[static_cast<std::size_t>(byte)] = true;
        ++nFound;
    }
    return nFound == 256;
}

// A text nobody can type as one piece: U+0001 is no letter of any vocabulary.
std::string unusedText(std::size_t token) { return fmt::format("\x01unused-{}", token); }

std::vector<Piece> repairedPieces(const Vocabulary& vocabulary, std::int32_t unknownPiece,
                                  bool hasByteFallback) {
    std::vector<Piece> pieces;
    pieces.reserve(vocabulary.texts.size() + 1);
    std::unordered_set<std::string_view> seen;
    seen.reserve(vocabulary.texts.size());
    for (std::size_t token = 0; token < vocabulary.texts.size(); ++token) {
        const std::string& text = vocabulary.texts[token];
        Piece piece{text, vocabulary.types[token]};
        const bool isUnknown = static_cast<std::int32_t>(token) == unknownPiece;
        if (isUnknown) {
            piece.type = TokenType::Unknown;
        } else if (piece.type == TokenType::Unknown) {
            piece.type = TokenType::Unused;  // padding entries are often marked so
        } else if (piece.type == TokenType::Byte && (!hasByteFallback || byteOfPiece(text) < 0)) {
            piece.type = TokenType::Control;  // keeps its id, is never produced from text
        }
        // The library's tries end keys at a zero byte.
        const bool isUsable = !text.empty() && text.find('\0') == std::string::npos;
        if (!isUsable || !seen.insert(text).second) {
            piece.text = unusedText(token);
            if (!isUnknown) piece.type = TokenType::Unused;
        }
        pieces.push_back(std::move(piece));
    }
    if (unknownPiece == vocabulary.size()) {
        pieces.push_back({unusedText(pieces.size()), TokenType::Unknown});
    }
    return pieces;
}

std::string trainerSpec(const Vocabulary& vocabulary, std::size_t nPieces, const Piece& unknown,
                        const SentencepieceModel& model) {
    constexpr int kUnigram = 1;
    constexpr int kBpe = 2;
    ProtoWriter spec;
    spec.putVarint(3, vocabulary.model == "t5" ? kUnigram : kBpe);
    spec.putVarint(4, nPieces);
    spec.putVarint(35, model.hasByteFallback ? 1 : 0);
    spec.putVarint(40, static_cast<std::uint64_t>(model.unknownPiece));
    spec.putBytes(45, unknown.text);
    return spec.take();
}

std::string normalizerSpec(const Vocabulary& vocabulary) {
    ProtoWriter spec;
    spec.putBytes(1, vocabulary.precompiledCharsmap.empty() ? "identity" : "custom");
    if (!vocabulary.precompiledCharsmap.empty()) spec.putBytes(2, vocabulary.precompiledCharsmap);
    spec.putVarint(3, vocabulary.isAddingSpacePrefix ? 1 : 0);
    spec.putVarint(4, vocabulary.isRemovingExtraWhitespaces ? 1 : 0);
    spec.putVarint(5, 1);  // escape_whitespaces: a space becomes U+2581
    return spec.take();
}

}  // namespace

std::int32_t byteOfPiece(std::string_view text) {
    if (text.size() != 6 || !text.starts_with("<0x") || text.back() != '>') return -1;
    const auto digit = [](char character) {
        if (character >= '0' && character <= '9') return character - '0';
        if (character >= 'A' && character <= 'F') return character - 'A' + 10;
        return -1;
    };
    const int high = digit(text[3]);
    const int low = digit(text[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

SentencepieceModel makeSentencepieceModel(const Vocabulary& vocabulary) {
    SentencepieceModel model;
    model.unknownPiece = chooseUnknown(vocabulary);
    model.hasByteFallback = hasAllBytes(vocabulary);
    const auto pieces = repairedPieces(vocabulary, model.unknownPiece, model.hasByteFallback);

    ProtoWriter proto;
    for (std::size_t token = 0; token < pieces.size(); ++token) {
        ProtoWriter piece;
        piece.putBytes(1, pieces[token].text);
        piece.putFloat(2, token < vocabulary.scores.size() ? vocabulary.scores[token] : 0.0F);
        piece.putVarint(3, static_cast<std::uint64_t>(pieces[token].type));
        proto.putBytes(1, piece.bytes());
    }
    const auto unknownIndex = static_cast<std::size_t>(model.unknownPiece);
    proto.putBytes(2, trainerSpec(vocabulary, pieces.size(), pieces[unknownIndex], model));
    proto.putBytes(3, normalizerSpec(vocabulary));
    model.bytes = proto.take();
    return model;
}

}  // namespace sotto
