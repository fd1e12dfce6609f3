// Unicode's normalisation form C, which some models' tokenizers apply before anything else.
//
// Source: Unicode Standard Annex #15 and section 3.12 (Hangul) of the standard. Pure; linear in the
// text but for the sorting of long runs of combining marks.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sotto {

struct CombiningRange {
    char32_t first, last;
    int combiningClass;
};
struct Decomposition {
    char32_t composed, first, second;  // second 0: there is only one
};
struct NfcTables {
    std::span<const CombiningRange> combining;  // ascending
    std::span<const Decomposition> pairs;       // ascending by what is composed
    std::span<const Decomposition> oneWay;      // as `pairs`, but never composed again
};
NfcTables nfcTables();

// Immutable after construction; any thread.
class NfcNormalizer {
public:
    NfcNormalizer();

    // `text` must be valid UTF-8.
    std::string normalize(std::string_view text) const;
    // Whether normalize() certainly changes nothing: no character from U+0300 on.
    static bool isPlain(std::string_view text);

private:
    int combiningClass(char32_t character) const;
    void decompose(char32_t character, std::u32string& out) const;
    void compose(std::u32string& characters) const;
    char32_t composed(char32_t first, char32_t second) const;  // 0: they stay two

    NfcTables m_tables;
    std::vector<Decomposition> m_byParts;  // the pairs, ascending by their parts
};

}  // namespace sotto
