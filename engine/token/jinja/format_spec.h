// How one value is written in a width, with a sign, in groups of digits: what "%5.1f" and
// "{:>5.1f}" say between their marks. Source: Python's "Format Specification Mini-Language".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/token/jinja/runtime.h"

namespace sotto::jinja {

struct FormatSpec {
    std::string fill = " ";
    Origin origin = Origin::Template;  // of the format string here: of what fills the width
    char align = '\0';                 // '<', '>', '^', '=' (behind the sign); '\0': by type
    char sign = '\0';                  // '+', '-', ' ': of what is not negative
    bool isPositiveZero = false;       // 'z': a zero has no minus, also one that rounding made
    bool isAlternate = false;          // '#': 0x in front, a point behind whole numbers
    char grouping = '\0';              // ',' or '_'
    std::int64_t width = 0;
    std::int64_t precision = -1;
    char type = '\0';
};

// [[fill]align][sign][z][#][0][width][grouping][.precision][type]
FormatSpec parseFormatSpec(std::string_view text);
// A number in digits at text[at], which is moved behind it; 0 where there is none.
std::int64_t takeWidth(std::string_view text, std::size_t& at);

OriginText formatText(const OriginText& text, const FormatSpec& spec);
OriginText formatNumber(Runtime& runtime, const Value& number, const FormatSpec& spec);

}  // namespace sotto::jinja
