// The tables behind unicode.h, from the Unicode character database.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace sotto::jinja {

struct PropertyRange {
    char32_t first, last;
    std::uint16_t properties;  // bits of Property
};
// Every `stride`-th character of first..last becomes another one by adding `delta`.
struct CaseRange {
    char32_t first, last;
    std::int32_t stride, delta;
};
// A character that becomes two or three; 0: no third.
struct LongCase {
    char32_t character;
    std::array<char32_t, 3> mapped;
};
struct CaseTable {
    std::span<const CaseRange> ranges;  // ascending, as all of these
    std::span<const LongCase> longOnes;
};
struct UnicodeTables {
    std::span<const PropertyRange> properties;
    std::array<CaseTable, 4> cases;  // by Casing
};
UnicodeTables unicodeTables();

}  // namespace sotto::jinja
