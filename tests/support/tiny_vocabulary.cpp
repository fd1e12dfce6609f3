#include "tests/support/tiny_vocabulary.h"

#include <array>
#include <string_view>

namespace sotto::test {
namespace {

constexpr std::int32_t kNormal = 1;
constexpr std::int32_t kUnknown = 2;
constexpr std::int32_t kControl = 3;
constexpr std::int32_t kUnused = 5;
constexpr std::int32_t kByte = 6;

// In the order of merging: each is built from two earlier pieces or letters. "\u2581" marks a
// space.
constexpr std::array<std::string_view, 20> kMerges{
    "\u2581t",   "he",        "\u2581a",   "in",       "\u2581the", "at",      "on",
    "\u2581s",   "\u2581c",   "nd",        "\u2581m",  "er",        "\u2581o", "\u2581and",
    "\u2581sat", "\u2581cat", "\u2581mat", "\u2581on", "ing",       "an"};

void add(TinyVocabulary& vocabulary, std::string piece, float score, std::int32_t type) {
    vocabulary.pieces.push_back(std::move(piece));
    vocabulary.scores.push_back(score);
    vocabulary.types.push_back(type);
}

}  // namespace

TinyVocabulary tinyVocabulary(std::size_t nMinimum) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    TinyVocabulary vocabulary;
    add(vocabulary, "<unk>", 0.0f, kUnknown);
    add(vocabulary, "<s>", 0.0f, kControl);
    add(vocabulary, "</s>", 0.0f, kControl);
    for (std::size_t value = 0; value < 256; ++value) {
        const std::string digits{kHex[value / 16], kHex[value % 16]};
        add(vocabulary, "<0x" + digits + ">", 0.0f, kByte);
    }
    float score = -1.0f;
    for (const std::string_view piece : kMerges) {
        add(vocabulary, std::string(piece), score, kNormal);
        score -= 1.0f;
    }
    // Single letters score below all merges, as sentencepiece writes them.
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzATI.,!?'";
    add(vocabulary, "\u2581", score, kNormal);
    for (const char letter : kLetters) {
        score -= 1.0f;
        add(vocabulary, std::string(1, letter), score, kNormal);
    }
    while (vocabulary.pieces.size() < nMinimum)
        add(vocabulary, "<unused" + std::to_string(vocabulary.pieces.size()) + ">", 0.0f, kUnused);
    return vocabulary;
}

}  // namespace sotto::test
