// UTF-8 by its definition: which bytes form a character, and where a text is broken.
//
// Free functions without state; any thread. Source: Unicode 15, section 3.9, table 3-7
// (well-formed sequences) and "maximal subpart" (what one U+FFFD replaces).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sotto {

enum class Utf8Kind { Complete, Incomplete, Invalid };

struct Utf8Step {
    Utf8Kind kind = Utf8Kind::Invalid;
    // Bytes of the character, of its beginning (Incomplete: the text ends inside it), or of the
    // maximal subpart that is no character (Invalid). At least 1.
    std::size_t length = 1;
    char32_t codePoint = 0;  // Complete only
};

// What `text` begins with. `text` must not be empty.
Utf8Step readUtf8(std::string_view text);

// The offset of the first byte that is not part of well-formed UTF-8; nothing when all is well.
std::optional<std::size_t> findInvalidUtf8(std::string_view text);

void appendUtf8(std::string& out, char32_t codePoint);

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace sotto
