#include "engine/token/nfc.h"

#include <algorithm>
#include <tuple>

#include "engine/token/utf8.h"

namespace sotto {

namespace {

// Hangul syllables are composed by arithmetic.
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

bool isWithin(char32_t character, char32_t first, char32_t count) {
    return character >= first && character - first < count;
}

std::tuple<char32_t, char32_t> partsOf(const Decomposition& pair) {
    return {pair.first, pair.second};
}

const Decomposition* find(std::span<const Decomposition> table, char32_t character) {
    const auto found = std::lower_bound(
        table.begin(), table.end(), character,
        [](const Decomposition& row, char32_t wanted) { return row.composed < wanted; });
    return found != table.end() && found->composed == character ? &*found : nullptr;
}

}  // namespace

NfcNormalizer::NfcNormalizer()
    : m_tables(nfcTables()), m_byParts(m_tables.pairs.begin(), m_tables.pairs.end()) {
    std::sort(m_byParts.begin(), m_byParts.end(),
              [](const Decomposition& left, const Decomposition& right) {
                  return partsOf(left) < partsOf(right);
              });
}

bool NfcNormalizer::isPlain(std::string_view text) {
    // U+0300 begins with the byte 0xCC.
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return static_cast<unsigned char>(byte) < 0xCC; });
}

int NfcNormalizer::combiningClass(char32_t character) const {
    const auto& ranges = m_tables.combining;
    const auto found = std::lower_bound(
        ranges.begin(), ranges.end(), character,
        [](const CombiningRange& range, char32_t wanted) { return range.last < wanted; });
    return found != ranges.end() && found->first <= character ? found->combiningClass : 0;
}

void NfcNormalizer::decompose(char32_t character, std::u32string& out) const {
    if (isWithin(character, kSyllables, kSyllableCount)) {
        const char32_t index = character - kSyllables;
        out += kLeads + index / (kVowelCount * kTailCount);
        out += kVowels + index / kTailCount % kVowelCount;
        if (index % kTailCount != 0) out += kTails + index % kTailCount;
        return;
    }
    const Decomposition* row = find(m_tables.pairs, character);
    if (row == nullptr) row = find(m_tables.oneWay, character);
    if (row == nullptr) {
        out += character;
        return;
    }
    decompose(row->first, out);  // a few levels deep in any version of Unicode
    if (row->second != 0) decompose(row->second, out);
}

char32_t NfcNormalizer::composed(char32_t first, char32_t second) const {
    if (isWithin(first, kLeads, kLeadCount) && isWithin(second, kVowels, kVowelCount)) {
        return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
    }
    const bool isOpenSyllable =
        isWithin(first, kSyllables, kSyllableCount) && (first - kSyllables) % kTailCount == 0;
    if (isOpenSyllable && isWithin(second, kTails + 1, kTailCount - 1)) {
        return first + (second - kTails);
    }
    const auto found =
        std::lower_bound(m_byParts.begin(), m_byParts.end(), std::tuple(first, second),
                         [](const Decomposition& row, const std::tuple<char32_t, char32_t>& parts) {
                             return partsOf(row) < parts;
                         });
    const bool isPair = found != m_byParts.end() && partsOf(*found) == std::tuple(first, second);
    return isPair ? found->composed : 0;
}

// Each character with the last starter before it, unless a mark in between blocks it.
void NfcNormalizer::compose(std::u32string& characters) const {
    std::size_t nKept = 0;
    std::size_t starter = std::u32string::npos;
    int classBefore = 0;
    for (const char32_t character : characters) {
        const int ownClass = combiningClass(character);
        const bool isAdjacent = starter != std::u32string::npos && starter + 1 == nKept;
        const bool isReaching =
            starter != std::u32string::npos && (isAdjacent || classBefore < ownClass);
        const char32_t whole = isReaching ? composed(characters[starter], character) : 0;
        if (whole != 0) {
            characters[starter] = whole;
            continue;
        }
        if (ownClass == 0) starter = nKept;
        classBefore = ownClass;
        characters[nKept++] = character;
    }
    characters.resize(nKept);
}

std::string NfcNormalizer::normalize(std::string_view text) const {
    std::u32string characters;
    characters.reserve(text.size());
    while (!text.empty()) {
        const auto read = readUtf8(text);
        decompose(read.codePoint, characters);
        text.remove_prefix(read.length);
    }
    // Marks in a row are ordered by their class.
    for (auto at = characters.begin(); at != characters.end();) {
        const auto isMark = [this](char32_t character) { return combiningClass(character) != 0; };
        const auto first = std::find_if(at, characters.end(), isMark);
        at = std::find_if_not(first, characters.end(), isMark);
        std::stable_sort(first, at, [this](char32_t left, char32_t right) {
            return combiningClass(left) < combiningClass(right);
        });
    }
    compose(characters);
    std::string result;
    for (const char32_t character : characters) appendUtf8(result, character);
    return result;
}

}  // namespace sotto
