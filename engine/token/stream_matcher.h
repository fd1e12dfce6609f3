// Finds any of several strings in text that arrives in pieces, and says early what text belongs to
// none of them.
//
// The base of stop strings and thinking markers. Linear in the text whatever the strings are: an
// Aho-Corasick automaton (Aho and Corasick 1975), whose state is exactly the text to hold back. One
// per stream; not shared between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sotto {

class StreamMatcher {
public:
    struct Match {
        std::int32_t pattern = -1;  // index into the patterns; -1: none, all of the text was read
        std::size_t nRead = 0;      // bytes of the text that were read, up to the match's end
    };

    // Empty patterns never match.
    explicit StreamMatcher(std::vector<std::string> patterns);

    // Reads `text` up to the first place where a pattern ends (the longest of those that end
    // there). Appends to `free` the text before it, or all that can be no beginning of a match.
    Match push(std::string_view text, std::string& free);

    // Gives back what was held and forgets the stream.
    void flush(std::string& free);

    bool isHolding() const { return m_state != 0; }
    const std::string& pattern(std::int32_t index) const {
        return m_patterns[static_cast<std::size_t>(index)];
    }

private:
    struct Node {
        std::vector<std::pair<char, std::int32_t>> children;
        std::int32_t fallback = 0;   // the longest proper ending that is a beginning too
        std::int32_t pattern = 0;    // one that begins with this node's text
        std::int32_t depth = 0;      // length of this node's text
        std::int32_t complete = -1;  // the longest pattern that ends here; -1: none
    };

    void addPattern(std::int32_t index);
    void linkFallbacks();
    std::int32_t childOf(std::int32_t node, char byte) const;
    std::int32_t step(std::int32_t node, char byte) const;
    const Node& nodeAt(std::int32_t node) const { return m_nodes[static_cast<std::size_t>(node)]; }
    std::string_view heldText() const;

    std::vector<std::string> m_patterns;
    std::vector<Node> m_nodes{1};
    std::int32_t m_state = 0;
};

}  // namespace sotto
