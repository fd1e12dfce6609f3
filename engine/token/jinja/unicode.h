// UTF-8 and the few Unicode properties that Python's string methods need.
//
// Case mapping covers the scripts with regular pairs (Latin, Greek, Cyrillic, Armenian, full
// width); other characters keep their case. Source: the Unicode character database. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sotto::jinja {

bool isValidUtf8(std::string_view text);
std::int64_t countCodePoints(std::string_view text);  // of valid UTF-8
// The character at `offset`, which is moved behind it. Valid UTF-8 only.
char32_t nextCodePoint(std::string_view text, std::size_t& offset);
// The byte offset where the character before `offset` begins.
std::size_t previousOffset(std::string_view text, std::size_t offset);
void appendCodePoint(std::string& text, char32_t character);

bool isSpace(char32_t character);       // str.isspace
bool isPrintable(char32_t character);   // str.isprintable, unassigned characters aside
bool isAlphabetic(char32_t character);  // letters of the scripts above; others from U+00AA on too
char32_t lowerOf(char32_t character);
char32_t upperOf(char32_t character);

// Linear-time search, also for needles made to be slow; npos when absent.
std::size_t findText(std::string_view text, std::string_view needle, std::size_t from = 0);
std::size_t findLastText(std::string_view text, std::string_view needle);

}  // namespace sotto::jinja
