// UTF-8 and the Unicode properties that Python's string methods need.
//
// Source: the Unicode character database, as Python answers it (unicode_tables.h). Pure functions.
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

// The bits in the order of the tables' generator, scripts/make_unicode_tables.py.
enum class Property : std::uint16_t {
    Alphabetic = 1 << 0,   // str.isalpha
    Decimal = 1 << 1,      // str.isdecimal
    Digit = 1 << 2,        // str.isdigit
    Numeric = 1 << 3,      // str.isnumeric
    Unprintable = 1 << 4,  // not str.isprintable
    Upper = 1 << 5,
    Lower = 1 << 6,
    Title = 1 << 7,  // a capital and a small letter in one: the middle one of a triple
    Cased = 1 << 8,
    CaseIgnorable = 1 << 9,  // looked over on the search for the end of a word
    NameStart = 1 << 10,     // of an identifier, '_' aside
    NamePart = 1 << 11
};
bool hasProperty(char32_t character, Property property);
bool isSpace(char32_t character);          // str.isspace
bool isPrintable(char32_t character);      // str.isprintable
bool isWordCharacter(char32_t character);  // \w of Python's expressions
int decimalValue(char32_t character);      // -1: it is no decimal digit

enum class Casing : std::uint8_t { Upper, Lower, Title, Fold };
// What becomes of one character for itself; 1 to 3 of them.
void appendCased(std::string& text, char32_t character, Casing casing);

// Linear-time search, also for needles made to be slow; npos when absent.
std::size_t findText(std::string_view text, std::string_view needle, std::size_t from = 0);
std::size_t findLastText(std::string_view text, std::string_view needle);

}  // namespace sotto::jinja
