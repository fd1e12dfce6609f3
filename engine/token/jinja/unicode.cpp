#include "engine/token/jinja/unicode.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "engine/token/jinja/unicode_tables.h"

namespace sotto::jinja {

namespace {

struct Range {
    char32_t first, last;
};

template <std::size_t n>
bool isWithin(const std::array<Range, n>& ranges, char32_t character) {
    return std::any_of(ranges.begin(), ranges.end(), [character](const Range& range) {
        return character >= range.first && character <= range.last;
    });
}

constexpr std::array<Range, 10> kSpaces{{{0x09, 0x0d},
                                         {0x1c, 0x20},
                                         {0x85, 0x85},
                                         {0xa0, 0xa0},
                                         {0x1680, 0x1680},
                                         {0x2000, 0x200a},
                                         {0x2028, 0x2029},
                                         {0x202f, 0x202f},
                                         {0x205f, 0x205f},
                                         {0x3000, 0x3000}}};

// The row of a table that is ascending by its last characters, or nullptr.
template <typename Row>
const Row* findRange(std::span<const Row> rows, char32_t character) {
    const auto found =
        std::lower_bound(rows.begin(), rows.end(), character,
                         [](const Row& row, char32_t wanted) { return row.last < wanted; });
    return found != rows.end() && found->first <= character ? &*found : nullptr;
}

constexpr std::size_t kShortNeedle = 16;  // below it the plain search is fast even at its worst

// Calls `onMatch(start)` for each occurrence (overlapping too) until it returns false.
// Knuth, Morris, Pratt 1977.
template <typename OnMatch>
void forEachMatch(std::string_view text, std::string_view needle, OnMatch onMatch) {
    std::vector<std::size_t> border(needle.size() + 1, 0);
    std::size_t length = 0;
    for (std::size_t index = 1; index < needle.size(); ++index) {
        while (length > 0 && needle[index] != needle[length]) length = border[length];
        if (needle[index] == needle[length]) ++length;
        border[index + 1] = length;
    }
    length = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        while (length > 0 && text[index] != needle[length]) length = border[length];
        if (text[index] == needle[length]) ++length;
        if (length < needle.size()) continue;
        if (!onMatch(index + 1 - length)) return;
        length = border[length];
    }
}

}  // namespace

bool isValidUtf8(std::string_view text) {
    std::size_t offset = 0;
    while (offset < text.size()) {
        const auto lead = static_cast<unsigned char>(text[offset]);
        const std::size_t length = lead < 0x80    ? 1
                                   : lead < 0xc2  ? 0
                                   : lead < 0xe0  ? 2
                                   : lead < 0xf0  ? 3
                                   : lead <= 0xf4 ? 4
                                                  : 0;
        if (length == 0 || offset + length > text.size()) return false;
        for (std::size_t index = 1; index < length; ++index) {
            if ((static_cast<unsigned char>(text[offset + index]) & 0xc0) != 0x80) return false;
        }
        const std::size_t start = offset;
        const char32_t character = nextCodePoint(text, offset);
        const bool isOverlong =
            (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
        const bool isSurrogate = character >= 0xd800 && character <= 0xdfff;
        if (isOverlong || isSurrogate || character > 0x10ffff) return false;
        offset = start + length;
    }
    return true;
}

std::int64_t countCodePoints(std::string_view text) {
    return std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
    });
}

char32_t nextCodePoint(std::string_view text, std::size_t& offset) {
    const auto byteAt = [&](std::size_t index) -> char32_t {
        return index < text.size() ? static_cast<unsigned char>(text[index]) : 0x80;
    };
    const char32_t lead = byteAt(offset++);
    if (lead < 0xc0) return lead;
    const int nMore = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    char32_t character = lead & (0x3fU >> nMore);
    for (int index = 0; index < nMore; ++index) {
        character = (character << 6) | (byteAt(offset++) & 0x3f);
    }
    return character;
}

std::size_t previousOffset(std::string_view text, std::size_t offset) {
    do {
        --offset;
    } while (offset > 0 && (static_cast<unsigned char>(text[offset]) & 0xc0) == 0x80);
    return offset;
}

void appendCodePoint(std::string& text, char32_t character) {
    const auto push = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (character < 0x80) {
        push(character);
    } else if (character < 0x800) {
        push(0xc0 | (character >> 6));
        push(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        push(0xe0 | (character >> 12));
        push(0x80 | ((character >> 6) & 0x3f));
        push(0x80 | (character & 0x3f));
    } else {
        push(0xf0 | (character >> 18));
        push(0x80 | ((character >> 12) & 0x3f));
        push(0x80 | ((character >> 6) & 0x3f));
        push(0x80 | (character & 0x3f));
    }
}

bool isSpace(char32_t character) { return isWithin(kSpaces, character); }
bool hasProperty(char32_t character, Property property) {
    const PropertyRange* range = findRange(unicodeTables().properties, character);
    return range != nullptr && (range->properties & static_cast<unsigned>(property)) != 0;
}

bool isPrintable(char32_t character) { return !hasProperty(character, Property::Unprintable); }

bool isWordCharacter(char32_t character) {
    return character == '_' || hasProperty(character, Property::Alphabetic) ||
           hasProperty(character, Property::Numeric);
}

int decimalValue(char32_t character) {
    if (character >= '0' && character <= '9') return static_cast<int>(character - '0');
    const PropertyRange* range = findRange(unicodeTables().properties, character);
    const bool isDecimal = range != nullptr && hasProperty(character, Property::Decimal);
    // Every run of them begins with a zero and has whole tens.
    return isDecimal ? static_cast<int>((character - range->first) % 10) : -1;
}

void appendCased(std::string& text, char32_t character, Casing casing) {
    const UnicodeTables tables = unicodeTables();
    const CaseTable& table = tables.cases[static_cast<std::size_t>(casing)];
    const auto longOne = std::lower_bound(
        table.longOnes.begin(), table.longOnes.end(), character,
        [](const LongCase& row, char32_t wanted) { return row.character < wanted; });
    if (longOne != table.longOnes.end() && longOne->character == character) {
        for (const char32_t mapped : longOne->mapped) {
            if (mapped != 0) appendCodePoint(text, mapped);
        }
        return;
    }
    const CaseRange* range = findRange(table.ranges, character);
    const bool isMapped =
        range != nullptr && (character - range->first) % static_cast<char32_t>(range->stride) == 0;
    appendCodePoint(
        text, isMapped ? static_cast<char32_t>(static_cast<std::int32_t>(character) + range->delta)
                       : character);
}

std::size_t findText(std::string_view text, std::string_view needle, std::size_t from) {
    if (needle.size() <= kShortNeedle || from > text.size()) return text.find(needle, from);
    std::size_t found = std::string_view::npos;
    forEachMatch(text.substr(from), needle, [&](std::size_t start) {
        found = from + start;
        return false;
    });
    return found;
}

std::size_t findLastText(std::string_view text, std::string_view needle) {
    if (needle.size() <= kShortNeedle) return text.rfind(needle);
    std::size_t found = std::string_view::npos;
    forEachMatch(text, needle, [&](std::size_t start) {
        found = start;
        return true;
    });
    return found;
}

}  // namespace sotto::jinja
