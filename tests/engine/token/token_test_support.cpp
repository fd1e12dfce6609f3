#include "tests/engine/token/token_test_support.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "engine/token/utf8.h"

namespace sotto::test {

std::filesystem::path sharedDir() {
    if (const char* shared = std::getenv("SOTTO_SHARED")) return shared;
    return std::filesystem::path(SOTTO_SOURCE_DIR).parent_path() / "shared";
}

std::string readFile(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<GoldenRow> readGgmlVocabGoldens(const std::filesystem::path& ggufPath) {
    std::vector<GoldenRow> rows;
    const std::string separator = "\n__ggml_vocab_test__\n";
    std::string input = readFile(ggufPath.string() + ".inp");
    std::istringstream expected(readFile(ggufPath.string() + ".out"));
    for (std::size_t end; (end = input.find(separator)) != std::string::npos;) {
        GoldenRow row{input.substr(0, end), {}};
        input.erase(0, end + separator.size());
        std::string line;
        if (!std::getline(expected, line)) break;
        std::istringstream ids(line);
        for (std::int32_t id; ids >> id;) row.ids.push_back(id);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<GoldenRow> readTokenizerGoldens(const std::filesystem::path& jsonl,
                                            std::string_view tokenizer) {
    std::vector<GoldenRow> rows;
    std::ifstream stream(jsonl);
    for (std::string line; std::getline(stream, line);) {
        const auto row = nlohmann::json::parse(line);
        if (row["tokenizer"].get<std::string>() != tokenizer) continue;
        rows.push_back({row["text"].get<std::string>(), row["ids"].get<std::vector<int>>()});
    }
    return rows;
}

namespace {

// Protocol Buffers wire format, reading side; trusts its input, which a test chose.
class ProtoReader {
public:
    explicit ProtoReader(std::string_view message) : m_rest(message) {}

    bool next() {
        if (m_rest.empty()) return false;
        const std::uint64_t tag = varint();
        field = static_cast<int>(tag >> 3U);
        switch (tag & 7U) {
            case 0: number = varint(); break;
            case 1: m_rest.remove_prefix(8); break;
            case 2: bytes = take(varint()); break;
            default: {
                const auto raw = take(4);
                std::memcpy(&real, raw.data(), sizeof real);
            }
        }
        return true;
    }

    int field = 0;
    std::uint64_t number = 0;
    float real = 0;
    std::string_view bytes;

private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if (byte < 0x80) return value;
        }
    }
    std::string_view take(std::uint64_t length) {
        const auto taken = m_rest.substr(0, length);
        m_rest.remove_prefix(length);
        return taken;
    }

    std::string_view m_rest;
};

void readPiece(std::string_view bytes, Vocabulary& vocabulary) {
    std::string text;
    float score = 0;
    TokenType type = TokenType::Normal;
    for (ProtoReader piece(bytes); piece.next();) {
        if (piece.field == 1) text = piece.bytes;
        if (piece.field == 2) score = piece.real;
        if (piece.field == 3) type = static_cast<TokenType>(piece.number);
    }
    if (type == TokenType::Unknown) vocabulary.unknownToken = vocabulary.size();
    vocabulary.texts.push_back(text);
    vocabulary.scores.push_back(score);
    vocabulary.types.push_back(type);
}

}  // namespace

Vocabulary readSentencepieceFile(const std::filesystem::path& path) {
    Vocabulary vocabulary;
    vocabulary.model = "llama";
    const std::string bytes = readFile(path);
    for (ProtoReader model(bytes); model.next();) {
        if (model.field == 1) readPiece(model.bytes, vocabulary);
        if (model.field == 3) {
            vocabulary.isRemovingExtraWhitespaces = true;  // the format's default
            for (ProtoReader spec(model.bytes); spec.next();) {
                if (spec.field == 2) vocabulary.precompiledCharsmap = spec.bytes;
                if (spec.field == 3) vocabulary.isAddingSpacePrefix = spec.number != 0;
                if (spec.field == 4) vocabulary.isRemovingExtraWhitespaces = spec.number != 0;
            }
        }
    }
    return vocabulary;
}

std::string randomUnicode(std::uint64_t seed, int nCharacters) {
    std::mt19937_64 random(seed);
    const auto below = [&random](std::uint32_t bound) {
        return static_cast<char32_t>(random() % bound);
    };
    std::string text;
    for (int count = 0; count < nCharacters; ++count) {
        char32_t codePoint = 0;
        switch (below(8)) {
            case 0: codePoint = below(0x80); break;  // with control characters and NUL
            case 1: codePoint = 0x80 + below(0x780); break;
            case 2: codePoint = 0x800 + below(0xF800); break;
            case 3: codePoint = 0x10000 + below(0x100000); break;
            case 4: codePoint = U" \n\t\r\u00A0\u3000"[below(6)]; break;
            case 5: codePoint = U'0' + below(10); break;
            case 6: codePoint = 0x4E00 + below(0x5200); break;
            default: codePoint = U'a' + below(26);
        }
        const bool isSurrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
        if (isSurrogate || codePoint == 0x2581) codePoint = U'x';
        appendUtf8(text, codePoint);
    }
    return text;
}

}  // namespace sotto::test
