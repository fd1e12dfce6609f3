#include "app/chat/cjk_flanking.h"

#include <QChar>
#include <algorithm>
#include <array>

namespace sotto::app {
namespace {

struct CharRange {
    char32_t first;
    char32_t last;
};

// East Asian Width W, F or H without the characters that are emoji by default, and Hangul.
constexpr std::array<CharRange, 34> kCjk{
    {{0x1100, 0x11FF},   {0x20A9, 0x20A9},   {0x2329, 0x232A},   {0x2630, 0x2637},
     {0x268A, 0x268F},   {0x2E80, 0x2FD5},   {0x2FF0, 0x303E},   {0x3041, 0x3247},
     {0x3250, 0xA4C6},   {0xA960, 0xA97C},   {0xAC00, 0xD7FB},   {0xF900, 0xFAFF},
     {0xFE10, 0xFE19},   {0xFE30, 0xFE6B},   {0xFF01, 0xFFBE},   {0xFFC2, 0xFFC7},
     {0xFFCA, 0xFFCF},   {0xFFD2, 0xFFD7},   {0xFFDA, 0xFFDC},   {0xFFE0, 0xFFE6},
     {0xFFE8, 0xFFEE},   {0x16FE0, 0x18DFF}, {0x1AFF0, 0x1B2FF}, {0x1D300, 0x1D376},
     {0x1F200, 0x1F200}, {0x1F202, 0x1F202}, {0x1F210, 0x1F219}, {0x1F21B, 0x1F22E},
     {0x1F230, 0x1F231}, {0x1F237, 0x1F237}, {0x1F23B, 0x1F23B}, {0x1F240, 0x1F248},
     {0x1F260, 0x1F265}, {0x20000, 0x3FFFD}}};

bool isCjk(char32_t character) {
    const auto* range = std::lower_bound(kCjk.begin(), kCjk.end(), character,
                                         [](const CharRange& r, char32_t c) { return r.last < c; });
    return range != kCjk.end() && range->first <= character;
}

bool isVariation(char32_t character) { return character >= 0xFE00 && character <= 0xFE0E; }
bool isIdeographicVariation(char32_t character) {
    return character >= 0xE0100 && character <= 0xE01EF;
}

bool isPunctuation(char32_t character) {
    if (QChar::isPunct(character)) return true;
    return character < 128 && QChar::isSymbol(character);
}

// Neither blank nor punctuation nor symbol to any reading of the two words.
bool isLetterLike(char32_t character) {
    return character != 0 && !QChar::isSpace(character) && !QChar::isPunct(character) &&
           !QChar::isSymbol(character);
}

char32_t decode(const QByteArray& utf8, qsizetype at) {
    const auto byte = [&](qsizetype offset) {
        return at + offset < utf8.size() ? static_cast<unsigned char>(utf8[at + offset]) & 0x3FU
                                         : 0U;
    };
    if (at < 0 || at >= utf8.size()) return 0;
    const auto first = static_cast<unsigned char>(utf8[at]);
    if (first < 0x80) return first;
    if (first < 0xE0) return ((first & 0x1FU) << 6U) | byte(1);
    if (first < 0xF0) return ((first & 0x0FU) << 12U) | (byte(1) << 6U) | byte(2);
    return ((first & 0x07U) << 18U) | (byte(1) << 12U) | (byte(2) << 6U) | byte(3);
}

// Where the character before `at` begins; -1: there is none.
qsizetype before(const QByteArray& utf8, qsizetype at) {
    if (at <= 0) return -1;
    --at;
    while (at > 0 && (static_cast<unsigned char>(utf8[at]) & 0xC0U) == 0x80) --at;
    return at;
}

// What stands before a run, its variation selector set aside.
struct Previous {
    char32_t character = 0;
    bool isCjk = false;
};

Previous previousOf(const QByteArray& utf8, qsizetype run) {
    qsizetype at = before(utf8, run);
    const char32_t last = decode(utf8, at);
    if (isIdeographicVariation(last)) return {last, true};
    if (!isVariation(last)) return {last, isCjk(last)};
    at = before(utf8, at);
    const char32_t base = decode(utf8, at);
    // Quotation marks that are asked to be wide.
    const bool isWideQuote =
        last == 0xFE01 && (base == 0x2018 || base == 0x2019 || base == 0x201C || base == 0x201D);
    return {base, isWideQuote || isCjk(base)};
}

}  // namespace

std::vector<qsizetype> cjkJoins(const QByteArray& utf8) {
    std::vector<qsizetype> joins;
    for (qsizetype at = utf8.indexOf('*'); at >= 0; at = utf8.indexOf('*', at)) {
        qsizetype end = at;
        while (end < utf8.size() && utf8[end] == '*') ++end;
        qsizetype nEscapes = 0;
        while (nEscapes < at && utf8[at - 1 - nEscapes] == '\\') ++nEscapes;
        at += nEscapes % 2;
        if (at == end) continue;  // it was an escaped one
        const Previous previous = previousOf(utf8, at);
        const char32_t next = decode(utf8, end);
        const bool isNextCjk = isCjk(next);
        if (isPunctuation(previous.character) && isLetterLike(next)) {
            if (previous.isCjk || isNextCjk) joins.push_back(at);
        } else if (isLetterLike(previous.character) && isPunctuation(next)) {
            if (previous.isCjk || isNextCjk) joins.push_back(end);
        }
        at = end;
    }
    return joins;
}

}  // namespace sotto::app
