#include "engine/token/special_splitter.h"

#include <algorithm>

namespace sotto {

SpecialSplitter::SpecialSplitter(const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
        if (entry.text.empty()) continue;
        std::int32_t node = 0;
        for (const char character : entry.text) {
            const auto byte = static_cast<unsigned char>(character);
            std::int32_t child = childOf(node, byte);
            if (child < 0) {
                child = static_cast<std::int32_t>(m_nodes.size());
                m_nodes.emplace_back();
                m_nodes[static_cast<std::size_t>(node)].children.emplace_back(byte, child);
            }
            node = child;
        }
        Node& end = m_nodes[static_cast<std::size_t>(node)];
        if (end.token >= 0) continue;
        end.token = entry.token;
        end.isAlwaysParsed = entry.isAlwaysParsed;
    }
    for (const auto& [byte, child] : m_nodes[0].children) m_roots[byte] = child;
}

std::int32_t SpecialSplitter::childOf(std::int32_t node, unsigned char byte) const {
    for (const auto& [edge, child] : m_nodes[static_cast<std::size_t>(node)].children) {
        if (edge == byte) return child;
    }
    return -1;
}

SpecialSplitter::Match SpecialSplitter::longestMatch(std::string_view text,
                                                     std::size_t nParsed) const {
    Match best;
    std::int32_t node = m_roots[static_cast<unsigned char>(text[0])];
    if (node == 0) return best;
    for (std::size_t length = 1; node >= 0; ++length) {
        const Node& current = m_nodes[static_cast<std::size_t>(node)];
        if (current.token >= 0 && (length <= nParsed || current.isAlwaysParsed)) {
            best = {current.token, length};
        }
        if (length == text.size()) break;
        node = childOf(node, static_cast<unsigned char>(text[length]));
    }
    return best;
}

std::vector<SpecialSplitter::Fragment> SpecialSplitter::split(
    std::string_view text, bool isParsingSpecial, std::span<const TextSpan> callerSpans) const {
    std::vector<Fragment> fragments;
    std::size_t textStart = 0;
    std::size_t offset = 0;
    while (offset < text.size()) {
        while (!callerSpans.empty() && callerSpans.front().end <= offset) {
            callerSpans = callerSpans.subspan(1);
        }
        const std::size_t parsedEnd =
            callerSpans.empty() ? text.size() : std::max(callerSpans.front().begin, offset);
        const Match match =
            longestMatch(text.substr(offset), isParsingSpecial ? parsedEnd - offset : 0);
        if (match.token < 0) {
            ++offset;
            continue;
        }
        if (offset > textStart) {
            fragments.push_back({-1, text.substr(textStart, offset - textStart)});
        }
        fragments.push_back({match.token, text.substr(offset, match.length)});
        offset += match.length;
        textStart = offset;
    }
    if (textStart < text.size()) fragments.push_back({-1, text.substr(textStart)});
    return fragments;
}

}  // namespace sotto
