#include "engine/token/jinja/unicode.h"

#include <algorithm>
#include <array>
#include <vector>

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

// Control, format, surrogate, private use and separator characters (space itself is printable).
constexpr std::array<Range, 23> kUnprintable{
    {{0x00, 0x1f},       {0x7f, 0xa0},       {0xad, 0xad},       {0x600, 0x605},
     {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x1680, 0x1680},
     {0x180e, 0x180e},   {0x2000, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x206f},
     {0x3000, 0x3000},   {0xd800, 0xf8ff},   {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},
     {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x1bca0, 0x1bca3},
     {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff}, {0xe0000, 0x10ffff}}};

// Upper case `first..last` maps to lower case by adding `offset`; 1 means alternating pairs
// beginning with an upper-case letter at `first`.
struct CaseRange {
    char32_t first, last;
    int offset;
};
constexpr std::array<CaseRange, 26> kCaseRanges{
    {{0x41, 0x5a, 32},    {0xc0, 0xd6, 32},    {0xd8, 0xde, 32},   {0x100, 0x12e, 1},
     {0x132, 0x136, 1},   {0x139, 0x147, 1},   {0x14a, 0x176, 1},  {0x178, 0x178, -121},
     {0x179, 0x17d, 1},   {0x1cd, 0x1db, 1},   {0x1de, 0x1ee, 1},  {0x1f8, 0x21e, 1},
     {0x386, 0x386, 38},  {0x388, 0x38a, 37},  {0x38c, 0x38c, 64}, {0x38e, 0x38f, 63},
     {0x391, 0x3a1, 32},  {0x3a3, 0x3ab, 32},  {0x400, 0x40f, 80}, {0x410, 0x42f, 32},
     {0x460, 0x480, 1},   {0x48a, 0x4be, 1},   {0x4d0, 0x52e, 1},  {0x531, 0x556, 48},
     {0x1e00, 0x1e94, 1}, {0xff21, 0xff3a, 32}}};
constexpr CaseRange kVietnamese{0x1ea0, 0x1efe, 1};
constexpr CaseRange kCyrillicPalochka{0x4c1, 0x4cd, 1};

bool tryLower(const CaseRange& range, char32_t character, char32_t& result) {
    if (character < range.first || character > range.last) return false;
    if (range.offset == 1 && (character - range.first) % 2 != 0) return false;
    result = static_cast<char32_t>(static_cast<int>(character) + range.offset);
    return true;
}

bool tryUpper(const CaseRange& range, char32_t character, char32_t& result) {
    const auto upper = static_cast<char32_t>(static_cast<int>(character) - range.offset);
    char32_t lower = 0;
    if (!tryLower(range, upper, lower) || lower != character) return false;
    result = upper;
    return true;
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
bool isPrintable(char32_t character) { return !isWithin(kUnprintable, character); }

bool isAlphabetic(char32_t character) {
    if (character < 0x80) {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    }
    if (character < 0xc0) return character == 0xaa || character == 0xb5 || character == 0xba;
    const bool isSign = character == 0xd7 || character == 0xf7;
    return !isSign && isPrintable(character) && !(character >= 0x2000 && character <= 0x2bff) &&
           !(character >= 0x3001 && character <= 0x3004) && character < 0x1f000;
}

char32_t lowerOf(char32_t character) {
    char32_t result = character;
    for (const CaseRange& range : kCaseRanges) {
        if (tryLower(range, character, result)) return result;
    }
    if (tryLower(kVietnamese, character, result)) return result;
    tryLower(kCyrillicPalochka, character, result);
    return result;
}

char32_t upperOf(char32_t character) {
    if (character == 0xb5) return 0x39c;   // micro sign: capital mu
    if (character == 0x131) return 'I';    // dotless i
    if (character == 0x17f) return 'S';    // long s
    if (character == 0x3c2) return 0x3a3;  // final sigma
    char32_t result = character;
    for (const CaseRange& range : kCaseRanges) {
        if (tryUpper(range, character, result)) return result;
    }
    if (tryUpper(kVietnamese, character, result)) return result;
    tryUpper(kCyrillicPalochka, character, result);
    return result;
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
