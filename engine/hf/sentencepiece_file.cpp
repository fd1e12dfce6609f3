// parseSentencepiece: what a tokenizer.model holds, without the library that made it.
//
// Source: sentencepiece_model.proto (field numbers) and the encoding of protocol buffers.
#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "engine/gguf/byte_cursor.h"
#include "engine/hf/hf_vocabulary.h"

namespace sotto {
namespace {

// One field of a message: a number, or bytes.
struct ProtoField {
    std::uint32_t number = 0;
    std::uint64_t value = 0;  // of fixed fields their bits
    std::span<const std::byte> bytes;
};

class ProtoReader {
public:
    explicit ProtoReader(std::span<const std::byte> bytes) : m_rest(bytes) {}

    bool isAtEnd() const { return m_rest.empty(); }

    // Nothing where the bytes are no field.
    std::optional<ProtoField> next() {
        const auto tag = varint();
        if (!tag) return std::nullopt;
        ProtoField field;
        field.number = static_cast<std::uint32_t>(*tag >> 3);
        switch (*tag & 7) {
            case 0: {
                const auto value = varint();
                if (!value) return std::nullopt;
                field.value = *value;
                return field;
            }
            case 1: return fixed(field, 8);
            case 2: {
                const auto length = varint();
                if (!length || *length > m_rest.size()) return std::nullopt;
                field.bytes = m_rest.first(static_cast<std::size_t>(*length));
                m_rest = m_rest.subspan(field.bytes.size());
                return field;
            }
            case 5: return fixed(field, 4);
            default: return std::nullopt;
        }
    }

private:
    std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (m_rest.empty()) return std::nullopt;
            const auto byte = static_cast<std::uint64_t>(m_rest.front());
            m_rest = m_rest.subspan(1);
            value |= (byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) return value;
        }
        return std::nullopt;
    }

    std::optional<ProtoField> fixed(ProtoField field, std::size_t nBytes) {
        if (m_rest.size() < nBytes) return std::nullopt;
        std::memcpy(&field.value, m_rest.data(), nBytes);
        m_rest = m_rest.subspan(nBytes);
        return field;
    }

    std::span<const std::byte> m_rest;
};

// Hands each field of a message to `take`; false where the bytes are no message.
template <typename Take>
bool readMessage(std::span<const std::byte> bytes, Take take) {
    ProtoReader reader(bytes);
    while (!reader.isAtEnd()) {
        const auto field = reader.next();
        if (!field) return false;
        take(*field);
    }
    return true;
}

struct Piece {
    std::string text;
    float score = 0;
    HfTokenType type = HfTokenType::Normal;
};

bool readPiece(std::span<const std::byte> bytes, Piece& piece) {
    return readMessage(bytes, [&](const ProtoField& field) {
        if (field.number == 1)
            piece.text.assign(reinterpret_cast<const char*>(field.bytes.data()),
                              field.bytes.size());
        if (field.number == 2) {
            const auto bits = static_cast<std::uint32_t>(field.value);
            std::memcpy(&piece.score, &bits, sizeof(bits));
        }
        if (field.number == 3 && field.value >= 1 && field.value <= 6)
            piece.type = static_cast<HfTokenType>(field.value);
    });
}

struct SentencepieceFacts {
    std::vector<Piece> pieces;
    std::uint64_t kind = 1;  // trainer_spec.model_type: 1 unigram, 2 BPE, …
    std::optional<bool> isAddingSpacePrefix;
    // trainer_spec.{unk,bos,eos}_id, which a file leaves out where they are these.
    std::int32_t unknownToken = 0, bosToken = 1, eosToken = 2;
};

bool readFacts(std::span<const std::byte> bytes, SentencepieceFacts& facts) {
    bool isGood = true;
    const auto id = [](std::uint64_t value) {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    };
    const bool isMessage = readMessage(bytes, [&](const ProtoField& field) {
        if (field.number == 1) {
            Piece piece;
            isGood = readPiece(field.bytes, piece) && isGood;
            facts.pieces.push_back(std::move(piece));
        } else if (field.number == 2) {
            isGood = readMessage(field.bytes,
                                 [&](const ProtoField& one) {
                                     if (one.number == 3) facts.kind = one.value;
                                     if (one.number == 40) facts.unknownToken = id(one.value);
                                     if (one.number == 41) facts.bosToken = id(one.value);
                                     if (one.number == 42) facts.eosToken = id(one.value);
                                 }) &&
                     isGood;
        } else if (field.number == 3) {
            isGood = readMessage(field.bytes,
                                 [&](const ProtoField& one) {
                                     if (one.number == 3)
                                         facts.isAddingSpacePrefix = one.value != 0;
                                 }) &&
                     isGood;
        }
    });
    return isMessage && isGood;
}

}  // namespace

Result<HfVocabulary> parseSentencepiece(std::span<const std::byte> bytes, std::int64_t nVocab,
                                        const std::string& fileName) {
    SentencepieceFacts facts;
    if (!readFacts(bytes, facts) || facts.pieces.empty())
        return damagedFile(fileName, "it is no sentencepiece model");
    if (facts.kind != 2)
        return fail(ErrorCode::Unsupported,
                    fmt::format("{} is a sentencepiece model of another kind than BPE, which no "
                                "model that this version runs has.",
                                fileName),
                    fileName);
    HfVocabulary vocabulary = HfVocabulary::ofSize(nVocab);
    vocabulary.model = "llama";
    vocabulary.preTokenizer = "default";
    for (std::size_t id = 0; id < facts.pieces.size(); ++id) {
        const Piece& piece = facts.pieces[id];
        SOTTO_TRY(
            vocabulary.put(static_cast<std::int64_t>(id), piece.text, piece.score, piece.type));
    }
    // Where it is true the keys say nothing, as those of the field.
    if (facts.isAddingSpacePrefix == false) vocabulary.isAddingSpacePrefix = false;
    const auto nPieces = static_cast<std::int32_t>(facts.pieces.size());
    const auto putId = [&](const char* name, std::int32_t id) {
        if (id >= 0 && id < nPieces) vocabulary.ids[name] = static_cast<std::uint32_t>(id);
    };
    putId("unknown", facts.unknownToken);
    putId("bos", facts.bosToken);
    putId("eos", facts.eosToken);
    return vocabulary;
}

}  // namespace sotto
