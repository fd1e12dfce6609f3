#include "engine/token/thinking_splitter.h"

#include <algorithm>
#include <utility>

namespace sotto {

namespace {

constexpr std::string_view kSpace = " \t\r\n";
// What stands before a marker that a sentence talks about. A model that opens one block in another
// writes it at the beginning of a line or behind the last letter.
constexpr std::string_view kBeforeQuoted = " \t`\"'(";

// OpenAI's harmony format: every message has a channel; only these are for the reader.
constexpr std::string_view kHarmonySilent[] = {"<|start|>assistant", "<|channel|>final<|message|>",
                                               "<|channel|>commentary<|message|>", "<|end|>"};

constexpr ThinkingMarkers kMarkers[] = {
    {"<think>", "</think>"},
    {"<thinking>", "</thinking>"},
    {"<thought>", "</thought>"},
    {"<reasoning>", "</reasoning>"},
    {"<seed:think>", "</seed:think>"},
    {"[THINK]", "[/THINK]"},
    {"<|START_THINKING|>", "<|END_THINKING|>"},
    {"<|channel>thought", "<channel|>"},
    {"\xE2\x97\x81think\xE2\x96\xB7", "\xE2\x97\x81/think\xE2\x96\xB7"},  // Kimi: U+25C1, U+25B7
    {"<|channel|>analysis<|message|>", "<|end|>", true, kHarmonySilent},
};

std::string_view withoutLeadingSpaces(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(kSpace), text.size()));
}

template <typename Markers>
std::vector<std::string> textsOf(const Markers& markers) {
    std::vector<std::string> texts;
    for (const auto& marker : markers) texts.emplace_back(marker.text);
    return texts;
}

void tell(TextKind kind, std::string_view text, std::vector<TextSegment>& out) {
    if (text.empty()) return;
    if (!out.empty() && out.back().kind == kind && !out.back().isTurningBack) {
        out.back().text += text;
    } else {
        out.push_back({kind, std::string(text), false});
    }
}

}  // namespace

std::span<const ThinkingMarkers> thinkingMarkers() { return kMarkers; }

bool isMarkerPart(std::string_view tokenText, std::span<const ThinkingMarkers> markers) {
    if (tokenText.empty()) return false;
    const auto holds = [tokenText](std::string_view marker) {
        return marker.find(tokenText) != std::string_view::npos;
    };
    return std::any_of(markers.begin(), markers.end(), [&](const ThinkingMarkers& block) {
        return holds(block.open) || holds(block.close) ||
               std::any_of(block.silent.begin(), block.silent.end(), holds);
    });
}

std::int32_t openBlockAtEnd(std::string_view prompt, std::span<const ThinkingMarkers> markers) {
    const std::size_t end = prompt.find_last_not_of(kSpace);
    prompt = prompt.substr(0, end == std::string_view::npos ? 0 : end + 1);
    for (std::size_t block = 0; block < markers.size(); ++block) {
        if (prompt.ends_with(markers[block].open)) return static_cast<std::int32_t>(block);
    }
    return -1;
}

std::vector<ThinkingSplitter::Marker> ThinkingSplitter::markersInAnswer(
    std::span<const ThinkingMarkers> markers) {
    std::vector<Marker> found;
    for (std::size_t index = 0; index < markers.size(); ++index) {
        const auto block = static_cast<std::int32_t>(index);
        found.push_back({MarkerKind::Open, block, markers[index].open});
        if (!markers[index].isAnywhere)
            found.push_back({MarkerKind::Close, block, markers[index].close});
        for (const std::string_view silent : markers[index].silent)
            found.push_back({MarkerKind::Silent, block, silent});
    }
    return found;
}

ThinkingSplitter::ThinkingSplitter(std::int32_t block, std::span<const ThinkingMarkers> markers)
    : m_markers(markers), m_marks(markersInAnswer(markers)), m_inAnswer(textsOf(m_marks)) {
    if (block >= 0) openBlock(block);
}

void ThinkingSplitter::openBlock(std::int32_t block) {
    const ThinkingMarkers& markers = m_markers[static_cast<std::size_t>(block)];
    m_state = State::Thinking;
    m_block = block;
    m_hasOpened = true;
    m_hasThinkingText = false;
    m_nInner = 0;
    m_hasQuoted = false;
    m_inBlock = {};
    m_heldSpaces.clear();
    m_close = StreamMatcher({std::string(markers.close), std::string(markers.open)});
}

void ThinkingSplitter::push(std::string_view text, std::vector<TextSegment>& out) {
    while (!text.empty()) {
        switch (m_state) {
            case State::Beginning: text = readBeginning(text, out); break;
            case State::Thinking: text = readThinking(text, out); break;
            case State::Gap:
                text = withoutLeadingSpaces(text);
                if (!text.empty()) m_state = State::Answer;
                break;
            case State::Answer: text = readAnswer(text, out); break;
        }
    }
}

// Byte by byte until the text is a marker, or can no longer become one. At most the longest marker
// and the spaces before it are held.
std::string_view ThinkingSplitter::readBeginning(std::string_view text,
                                                 std::vector<TextSegment>& out) {
    while (!text.empty()) {
        const char byte = text.front();
        m_held += byte;
        text.remove_prefix(1);
        if (m_nHeldSpaces + 1 == m_held.size() && kSpace.find(byte) != std::string_view::npos) {
            ++m_nHeldSpaces;
            continue;
        }
        const std::string_view start = std::string_view(m_held).substr(m_nHeldSpaces);
        bool isPossible = false;
        for (std::size_t block = 0; block < m_markers.size(); ++block) {
            if (m_markers[block].isAnywhere || !m_markers[block].open.starts_with(start)) continue;
            if (m_markers[block].open == start) {
                m_held.clear();
                openBlock(static_cast<std::int32_t>(block));
                return text;
            }
            isPossible = true;
        }
        if (isPossible) continue;
        m_state = State::Answer;
        const std::string held = std::exchange(m_held, {});
        push(held, out);  // one level deep: the state is no longer Beginning
        return text;
    }
    return text;
}

std::string_view ThinkingSplitter::readThinking(std::string_view text,
                                                std::vector<TextSegment>& out) {
    std::string free;
    const auto match = m_close.push(text, free);
    tellThinking(free, out);
    if (match.pattern == 0) m_state = State::Gap;
    if (match.pattern == 1) {
        if (m_inBlock.isQuoting()) {
            m_hasQuoted = true;
        } else {
            ++m_nInner;
        }
        tellThinking(m_close.pattern(1), out);
    }
    return text.substr(match.nRead);
}

void ThinkingSplitter::tellThinking(std::string_view text, std::vector<TextSegment>& out) {
    m_inBlock.advance(text);
    if (!m_hasThinkingText) text = withoutLeadingSpaces(text);
    if (text.empty()) return;
    m_hasThinkingText = true;
    const std::size_t last = text.find_last_not_of(kSpace);
    if (last == std::string_view::npos) {
        m_heldSpaces += text;
        return;
    }
    tell(TextKind::Thinking, m_heldSpaces, out);
    tell(TextKind::Thinking, text.substr(0, last + 1), out);
    m_heldSpaces = text.substr(last + 1);
}

std::string_view ThinkingSplitter::readAnswer(std::string_view text,
                                              std::vector<TextSegment>& out) {
    if (const std::string_view close = std::exchange(m_lateClose, {}); !close.empty()) {
        if (text.front() == '\n' || text.front() == '\r') {
            turnBack(out);
            return text;
        }
        tellAnswer(close, out);
    }
    std::string free;
    const auto match = m_inAnswer.push(text, free);
    tellAnswer(free, out);
    if (match.pattern >= 0) takeMarker(m_marks[static_cast<std::size_t>(match.pattern)], out);
    return text.substr(match.nRead);
}

void ThinkingSplitter::takeMarker(const Marker& marker, std::vector<TextSegment>& out) {
    if (marker.kind == MarkerKind::Silent) return;
    if (marker.kind == MarkerKind::Close) return takeClose(marker, out);
    const bool isAnywhere = m_markers[static_cast<std::size_t>(marker.block)].isAnywhere;
    if (isAnywhere || (m_inText.lineHead.empty() && !m_inText.isInCode))
        return openBlock(marker.block);
    ++m_nMentioned;
    tellAnswer(marker.text, out);
}

// Where a block talked about itself, what ended it may have been talk as well: then its end comes
// on a line of its own.
bool ThinkingSplitter::isClosingBlock(const Marker& marker) const {
    return !m_hasOpened || (m_hasQuoted && marker.block == m_block && m_inText.lineHead.empty());
}

void ThinkingSplitter::takeClose(const Marker& marker, std::vector<TextSegment>& out) {
    const bool isTalkedAbout = m_inText.isInCode || m_inText.lastByte == '`' || m_nMentioned > 0;
    if (!isTalkedAbout && m_nInner > 0 && marker.block == m_block) {
        --m_nInner;
        turnBack(out);
    } else if (!isTalkedAbout && isClosingBlock(marker)) {
        m_lateClose = marker.text;
    } else {
        m_nMentioned = std::max(0, m_nMentioned - 1);
        tellAnswer(marker.text, out);
    }
}

void ThinkingSplitter::turnBack(std::vector<TextSegment>& out) {
    out.push_back({TextKind::Answer, {}, true});
    m_hasOpened = true;
    m_hasQuoted = false;
    m_state = State::Gap;
    m_inText.lineHead.clear();
}

void ThinkingSplitter::tellAnswer(std::string_view text, std::vector<TextSegment>& out) {
    tell(TextKind::Answer, text, out);
    m_inText.advance(text);
}

void ThinkingSplitter::Place::advance(std::string_view text) {
    for (const char byte : text) {
        lastByte = byte;
        if (byte == '\n') {
            lineHead.clear();
        } else if (lineHead.size() < 3 && !(lineHead.empty() && byte == ' ')) {
            lineHead += byte;
            if (lineHead == "```" || lineHead == "~~~") isInCode = !isInCode;
        }
    }
}

bool ThinkingSplitter::Place::isQuoting() const {
    return isInCode ||
           (!lineHead.empty() && kBeforeQuoted.find(lastByte) != std::string_view::npos);
}

void ThinkingSplitter::finish(std::vector<TextSegment>& out) {
    std::string held;
    if (m_state == State::Beginning) {
        tell(TextKind::Answer, std::exchange(m_held, {}), out);
    } else if (m_state == State::Thinking) {
        m_close.flush(held);
        tellThinking(held, out);
    } else if (m_state == State::Answer) {
        m_inAnswer.flush(held);
        tellAnswer(held, out);
        if (!std::exchange(m_lateClose, {}).empty()) turnBack(out);
    }
}

}  // namespace sotto
