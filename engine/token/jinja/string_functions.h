// Python's string operations on UTF-8 text, free of the interpreter. Linear time, pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/token/jinja/origin_text.h"

namespace sotto::jinja {

// Without `hasCharacters` white space goes, else any character in `characters`.
std::string_view stripText(std::string_view text, std::string_view characters, bool hasCharacters,
                           bool isLeft, bool isRight);
// maxSplits -1: no limit. The views point into `text`. Raises above kMaxParts.
std::vector<std::string_view> splitText(std::string_view text, std::string_view separator,
                                        std::int64_t maxSplits);
std::vector<std::string_view> splitFromRight(std::string_view text, std::string_view separator,
                                             std::int64_t maxSplits);
std::vector<std::string_view> splitAtSpaces(std::string_view text, std::int64_t maxSplits);
std::vector<std::string_view> splitAtSpacesFromRight(std::string_view text, std::int64_t maxSplits);
std::vector<std::string_view> splitLines(std::string_view text, bool isKeepingEnds);
// Raises when the result would exceed kMaxStringBytes. maxCount -1: all.
OriginText replaceText(const OriginText& text, std::string_view part, const OriginText& with,
                       std::int64_t maxCount);

OriginText toUpper(const OriginText& text);
OriginText toLower(const OriginText& text);
OriginText toFolded(const OriginText& text);  // str.casefold
OriginText toTitle(const OriginText& text);   // str.title
OriginText capitalize(const OriginText& text);
OriginText swapCase(const OriginText& text);

bool isAlpha(std::string_view text);
bool isDecimals(std::string_view text);
bool isDigits(std::string_view text);
bool isNumeric(std::string_view text);
bool isAlphaNumeric(std::string_view text);
bool isAllSpace(std::string_view text);
bool isAllPrintable(std::string_view text);
bool isUpper(std::string_view text);
bool isLower(std::string_view text);
bool isTitle(std::string_view text);
bool isAscii(std::string_view text);
bool isIdentifier(std::string_view text);

}  // namespace sotto::jinja
