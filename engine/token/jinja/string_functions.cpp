#include "engine/token/jinja/string_functions.h"

#include <algorithm>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/unicode.h"
#include "engine/token/jinja/value.h"

namespace sotto::jinja {

namespace {

std::u32string decode(std::string_view text) {
    std::u32string characters;
    for (std::size_t offset = 0; offset < text.size();) {
        characters.push_back(nextCodePoint(text, offset));
    }
    return characters;
}

bool isCased(char32_t character) { return hasProperty(character, Property::Cased); }

template <typename Predicate>
bool isAll(std::string_view text, Predicate predicate) {
    for (std::size_t offset = 0; offset < text.size();) {
        if (!predicate(nextCodePoint(text, offset))) return false;
    }
    return !text.empty();
}

template <Property property>
bool isAllOf(std::string_view text) {
    return isAll(text, [](char32_t character) { return hasProperty(character, property); });
}

// As str.splitlines: also the separators that other systems use.
bool isLineBreak(char32_t character) {
    return (character >= 0x0a && character <= 0x0d) || (character >= 0x1c && character <= 0x1e) ||
           character == 0x85 || character == 0x2028 || character == 0x2029;
}

void addPart(std::vector<std::string_view>& parts, std::string_view part) {
    if (parts.size() >= kMaxParts) raise("the template splits a text into too many parts");
    parts.push_back(part);
}

// `append(out, character, offset)` writes what becomes of each character: of its origin.
template <typename Append>
OriginText mapCharacters(const OriginText& text, Append append) {
    OriginText result;
    std::string mapped;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const Origin origin = text.originAt(start);
        mapped.clear();
        append(mapped, nextCodePoint(text.bytes(), offset), start);
        result.append(mapped, origin);
    }
    return result;
}

constexpr char32_t kCapitalSigma = 0x3a3, kSmallSigma = 0x3c3, kFinalSigma = 0x3c2;

bool isCaseIgnorable(char32_t character) { return hasProperty(character, Property::CaseIgnorable); }

// Whether the capital sigma at `at` ends a word: a cased letter before it and none behind, case
// ignorable ones looked over.
bool isFinalSigma(std::string_view text, std::size_t at) {
    bool isBehindLetter = false;
    for (std::size_t before = at; before > 0;) {
        before = previousOffset(text, before);
        std::size_t next = before;
        const char32_t character = nextCodePoint(text, next);
        if (isCaseIgnorable(character)) continue;
        isBehindLetter = isCased(character);
        break;
    }
    if (!isBehindLetter) return false;
    nextCodePoint(text, at);
    while (at < text.size()) {
        const char32_t character = nextCodePoint(text, at);
        if (!isCaseIgnorable(character)) return !isCased(character);
    }
    return true;
}

void appendLower(std::string& out, char32_t character, std::string_view whole, std::size_t at) {
    if (character == kCapitalSigma) {
        appendCodePoint(out, isFinalSigma(whole, at) ? kFinalSigma : kSmallSigma);
    } else {
        appendCased(out, character, Casing::Lower);
    }
}

}  // namespace

std::string_view stripText(std::string_view text, std::string_view characters, bool hasCharacters,
                           bool isLeft, bool isRight) {
    std::u32string set = decode(characters);
    std::sort(set.begin(), set.end());  // hostile sets may be long
    const auto isStripped = [&](char32_t character) {
        return hasCharacters ? std::binary_search(set.begin(), set.end(), character)
                             : isSpace(character);
    };
    std::size_t start = 0;
    while (isLeft && start < text.size()) {
        std::size_t next = start;
        if (!isStripped(nextCodePoint(text, next))) break;
        start = next;
    }
    std::size_t end = text.size();
    while (isRight && end > start) {
        const std::size_t previous = previousOffset(text, end);
        std::size_t next = previous;
        if (!isStripped(nextCodePoint(text, next))) break;
        end = previous;
    }
    return text.substr(start, end - start);
}

std::vector<std::string_view> splitText(std::string_view text, std::string_view separator,
                                        std::int64_t maxSplits) {
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    while (maxSplits < 0 || static_cast<std::int64_t>(parts.size()) < maxSplits) {
        const std::size_t at = findText(text, separator, start);
        if (at == std::string_view::npos) break;
        addPart(parts, text.substr(start, at - start));
        start = at + separator.size();
    }
    addPart(parts, text.substr(start));
    return parts;
}

std::vector<std::string_view> splitFromRight(std::string_view text, std::string_view separator,
                                             std::int64_t maxSplits) {
    // Searching the reversed text from the left finds what Python finds from the right.
    const std::string reversedText(text.rbegin(), text.rend());
    const std::string reversedSeparator(separator.rbegin(), separator.rend());
    std::vector<std::string_view> parts;
    for (const std::string_view part : splitText(reversedText, reversedSeparator, maxSplits)) {
        const auto fromEnd = static_cast<std::size_t>(part.data() - reversedText.data());
        addPart(parts, text.substr(text.size() - fromEnd - part.size(), part.size()));
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
}

std::vector<std::string_view> splitAtSpaces(std::string_view text, std::int64_t maxSplits) {
    std::vector<std::string_view> parts;
    std::string_view rest = stripText(text, {}, false, true, false);
    while (!rest.empty()) {
        if (maxSplits >= 0 && static_cast<std::int64_t>(parts.size()) >= maxSplits) {
            addPart(parts, rest);
            break;
        }
        std::size_t end = 0;
        while (end < rest.size()) {
            std::size_t next = end;
            if (isSpace(nextCodePoint(rest, next))) break;
            end = next;
        }
        addPart(parts, rest.substr(0, end));
        rest = stripText(rest.substr(end), {}, false, true, false);
    }
    return parts;
}

std::vector<std::string_view> splitAtSpacesFromRight(std::string_view text,
                                                     std::int64_t maxSplits) {
    std::vector<std::string_view> parts;
    std::string_view rest = stripText(text, {}, false, false, true);
    while (!rest.empty()) {
        if (maxSplits >= 0 && static_cast<std::int64_t>(parts.size()) >= maxSplits) {
            addPart(parts, rest);  // Python keeps the white space on its left
            break;
        }
        std::size_t start = rest.size();
        while (start > 0) {
            const std::size_t previous = previousOffset(rest, start);
            std::size_t next = previous;
            if (isSpace(nextCodePoint(rest, next))) break;
            start = previous;
        }
        addPart(parts, rest.substr(start));
        rest = stripText(rest.substr(0, start), {}, false, false, true);
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
}

std::vector<std::string_view> splitLines(std::string_view text, bool isKeepingEnds) {
    std::vector<std::string_view> lines;
    std::size_t start = 0;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t end = offset;
        const char32_t character = nextCodePoint(text, offset);
        if (!isLineBreak(character)) continue;
        if (character == '\r' && offset < text.size() && text[offset] == '\n') ++offset;
        addPart(lines, text.substr(start, (isKeepingEnds ? offset : end) - start));
        start = offset;
    }
    if (start < text.size()) addPart(lines, text.substr(start));
    return lines;
}

OriginText replaceText(const OriginText& whole, std::string_view part, const OriginText& with,
                       std::int64_t maxCount) {
    const std::string_view text = whole.bytes();
    OriginText result;
    std::int64_t done = 0;
    const auto add = [&result](const OriginText& source, std::string_view piece) {
        checkTextSize(result.size() + piece.size());
        result.append(source, piece);
    };
    std::size_t start = 0;
    while (maxCount < 0 || done < maxCount) {
        std::size_t at = part.empty() ? start : findText(text, part, start);
        if (at == std::string_view::npos) break;
        if (part.empty()) {
            // Between all characters, and at both ends.
            add(with, with.bytes());
            ++done;
            if (start >= text.size()) return result;
            nextCodePoint(text, at);
            add(whole, text.substr(start, at - start));
            start = at;
            continue;
        }
        add(whole, text.substr(start, at - start));
        add(with, with.bytes());
        start = at + part.size();
        ++done;
    }
    add(whole, text.substr(std::min(start, text.size())));
    return result;
}

OriginText toUpper(const OriginText& text) {
    return mapCharacters(text, [](std::string& out, char32_t character, std::size_t) {
        appendCased(out, character, Casing::Upper);
    });
}

OriginText toFolded(const OriginText& text) {
    return mapCharacters(text, [](std::string& out, char32_t character, std::size_t) {
        appendCased(out, character, Casing::Fold);
    });
}

OriginText toLower(const OriginText& text) {
    return mapCharacters(text, [&text](std::string& out, char32_t character, std::size_t at) {
        appendLower(out, character, text.bytes(), at);
    });
}

OriginText toTitle(const OriginText& text) {
    bool isInWord = false;
    return mapCharacters(text, [&](std::string& out, char32_t character, std::size_t at) {
        isInWord ? appendLower(out, character, text.bytes(), at)
                 : appendCased(out, character, Casing::Title);
        isInWord = isCased(character);
    });
}

OriginText capitalize(const OriginText& text) {
    return mapCharacters(text, [&text](std::string& out, char32_t character, std::size_t at) {
        at == 0 ? appendCased(out, character, Casing::Title)
                : appendLower(out, character, text.bytes(), at);
    });
}

OriginText swapCase(const OriginText& text) {
    return mapCharacters(text, [&text](std::string& out, char32_t character, std::size_t at) {
        if (hasProperty(character, Property::Upper)) {
            appendLower(out, character, text.bytes(), at);
        } else if (hasProperty(character, Property::Lower)) {
            appendCased(out, character, Casing::Upper);
        } else {
            appendCodePoint(out, character);
        }
    });
}

bool isAlpha(std::string_view text) { return isAllOf<Property::Alphabetic>(text); }
bool isDecimals(std::string_view text) { return isAllOf<Property::Decimal>(text); }
bool isDigits(std::string_view text) { return isAllOf<Property::Digit>(text); }
bool isNumeric(std::string_view text) { return isAllOf<Property::Numeric>(text); }
bool isAllSpace(std::string_view text) { return isAll(text, isSpace); }
bool isAllPrintable(std::string_view text) { return text.empty() || isAll(text, isPrintable); }
bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}
bool isAlphaNumeric(std::string_view text) {
    return isAll(text,
                 [](char32_t character) { return character != '_' && isWordCharacter(character); });
}
bool isIdentifier(std::string_view text) {
    bool isFirst = true;
    return isAll(text, [&isFirst](char32_t character) {
        const Property needed = isFirst ? Property::NameStart : Property::NamePart;
        isFirst = false;
        return character == '_' || hasProperty(character, needed);
    });
}

// Some letter is of `wanted` case and none of the other one or of title case.
static bool isOneCase(std::string_view text, Property wanted, Property other) {
    bool isThere = false;
    for (std::size_t offset = 0; offset < text.size();) {
        const char32_t character = nextCodePoint(text, offset);
        if (hasProperty(character, other) || hasProperty(character, Property::Title)) return false;
        isThere = isThere || hasProperty(character, wanted);
    }
    return isThere;
}

bool isUpper(std::string_view text) { return isOneCase(text, Property::Upper, Property::Lower); }
bool isLower(std::string_view text) { return isOneCase(text, Property::Lower, Property::Upper); }

bool isTitle(std::string_view text) {
    bool isInWord = false, isThere = false;
    for (std::size_t offset = 0; offset < text.size();) {
        const char32_t character = nextCodePoint(text, offset);
        const bool isCapital =
            hasProperty(character, Property::Upper) || hasProperty(character, Property::Title);
        const bool isSmall = !isCapital && hasProperty(character, Property::Lower);
        if ((isCapital && isInWord) || (isSmall && !isInWord)) return false;
        isInWord = isCapital || isSmall;
        isThere = isThere || isInWord;
    }
    return isThere;
}

}  // namespace sotto::jinja
