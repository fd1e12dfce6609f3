#include "engine/token/stream_matcher.h"

namespace sotto {

StreamMatcher::StreamMatcher(std::vector<std::string> patterns) : m_patterns(std::move(patterns)) {
    for (std::size_t index = 0; index < m_patterns.size(); ++index) {
        addPattern(static_cast<std::int32_t>(index));
    }
    linkFallbacks();
}

std::int32_t StreamMatcher::childOf(std::int32_t node, char byte) const {
    for (const auto& [edge, child] : nodeAt(node).children) {
        if (edge == byte) return child;
    }
    return -1;
}

void StreamMatcher::addPattern(std::int32_t index) {
    std::int32_t node = 0;
    for (const char byte : pattern(index)) {
        std::int32_t child = childOf(node, byte);
        if (child < 0) {
            child = static_cast<std::int32_t>(m_nodes.size());
            Node fresh;
            fresh.pattern = index;
            fresh.depth = nodeAt(node).depth + 1;
            m_nodes.push_back(std::move(fresh));
            m_nodes[static_cast<std::size_t>(node)].children.emplace_back(byte, child);
        }
        node = child;
    }
    Node& end = m_nodes[static_cast<std::size_t>(node)];
    if (node != 0 && end.complete < 0) end.complete = index;
}

// Breadth first: a node's fallback is shallower than the node, so it is ready when needed.
void StreamMatcher::linkFallbacks() {
    std::vector<std::int32_t> queue{0};
    for (std::size_t next = 0; next < queue.size(); ++next) {
        const std::int32_t parent = queue[next];
        for (const auto& [byte, child] : nodeAt(parent).children) {
            Node& node = m_nodes[static_cast<std::size_t>(child)];
            node.fallback = parent == 0 ? 0 : step(nodeAt(parent).fallback, byte);
            if (node.complete < 0) node.complete = nodeAt(node.fallback).complete;
            queue.push_back(child);
        }
    }
}

std::int32_t StreamMatcher::step(std::int32_t node, char byte) const {
    while (true) {
        const std::int32_t child = childOf(node, byte);
        if (child >= 0) return child;
        if (node == 0) return 0;
        node = nodeAt(node).fallback;
    }
}

std::string_view StreamMatcher::heldText() const {
    const Node& node = nodeAt(m_state);
    return std::string_view(pattern(node.pattern)).substr(0, static_cast<std::size_t>(node.depth));
}

StreamMatcher::Match StreamMatcher::push(std::string_view text, std::string& free) {
    if (m_patterns.empty()) {
        free += text;
        return {-1, text.size()};
    }
    for (std::size_t offset = 0; offset < text.size(); ++offset) {
        const std::string_view held = heldText();
        const std::int32_t next = step(m_state, text[offset]);
        const Node& node = nodeAt(next);
        // Of the held text and the new byte, the new state covers the last `kept`; on a match
        // everything before the pattern is free as well.
        std::size_t nKept = static_cast<std::size_t>(node.depth);
        if (node.complete >= 0) nKept = pattern(node.complete).size();
        const std::size_t nFree = held.size() + 1 - nKept;
        free += held.substr(0, nFree);
        if (nFree > held.size()) free += text[offset];
        m_state = next;
        if (node.complete >= 0) {
            m_state = 0;
            return {node.complete, offset + 1};
        }
    }
    return {-1, text.size()};
}

void StreamMatcher::flush(std::string& free) {
    if (m_state != 0) free += heldText();
    m_state = 0;
}

}  // namespace sotto
