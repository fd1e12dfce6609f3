// Cuts a text at the special tokens written in it ("<|im_end|>"), longest match at each place.
//
// Flow: first step of every encode; the text between goes to the model's own algorithm. Immutable
// after construction; any thread. Linear in the text for any vocabulary: a trie over the bytes
// bounds each attempt by the longest special token.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/api/text_span.h"

namespace sotto {

class SpecialSplitter {
public:
    struct Entry {
        std::string text;  // empty ones are ignored; of equal texts the first counts
        std::int32_t token = -1;
        bool isAlwaysParsed = false;  // user-defined tokens: even when special parsing is off
    };

    // Either a special token, or (token -1) ordinary text; never an empty one. `text` is a view
    // into the text given.
    struct Fragment {
        std::int32_t token = -1;
        std::string_view text;
    };

    explicit SpecialSplitter(const std::vector<Entry>& entries);

    // Where `isParsingSpecial`, no token but those always parsed takes a byte of `callerSpans`
    // (ascending, not overlapping).
    std::vector<Fragment> split(std::string_view text, bool isParsingSpecial,
                                std::span<const TextSpan> callerSpans = {}) const;

private:
    struct Node {
        std::int32_t token = -1;
        bool isAlwaysParsed = false;
        std::vector<std::pair<unsigned char, std::int32_t>> children;
    };
    struct Match {
        std::int32_t token = -1;
        std::size_t length = 0;
    };

    std::int32_t childOf(std::int32_t node, unsigned char byte) const;
    // Tokens of the first `nParsed` bytes, and longer ones that are always parsed.
    Match longestMatch(std::string_view text, std::size_t nParsed) const;

    std::vector<Node> m_nodes{1};
    std::array<std::int32_t, 256> m_roots{};  // node after the first byte; 0: none
};

}  // namespace sotto
