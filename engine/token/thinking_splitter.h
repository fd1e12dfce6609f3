// Keeps a model's thinking apart from its answer, whatever markers it writes around it.
//
// Flow: token id -> pieceBytes (control tokens shown where isMarkerPart() says so) -> Utf8Stream ->
// ThinkingSplitter -> StopMatcher. Markers themselves are never shown. Most markers count only at
// the beginning of an answer, because an answer may talk about "<think>"; those made of control
// tokens count everywhere. Empty lines between thinking and answer belong to neither. One per
// request; engine thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/engine_event.h"
#include "engine/token/stream_matcher.h"

namespace sotto {

struct ThinkingMarkers {
    std::string_view open;
    std::string_view close;
    bool isAnywhere = false;                        // otherwise at the beginning of an answer only
    std::span<const std::string_view> silent = {};  // not shown either; isAnywhere only
};

// The markers of known models.
std::span<const ThinkingMarkers> thinkingMarkers();

// Whether a control token's text is part of a marker: such a token must reach the splitter.
bool isMarkerPart(std::string_view tokenText,
                  std::span<const ThinkingMarkers> markers = thinkingMarkers());

// The index in `markers` of the block that a rendered prompt leaves open ("…<think>\n"); -1: none.
std::int32_t openBlockAtEnd(std::string_view prompt,
                            std::span<const ThinkingMarkers> markers = thinkingMarkers());

struct TextSegment {
    TextKind kind = TextKind::Answer;
    std::string text;
};

class ThinkingSplitter {
public:
    // `openBlock` as openBlockAtEnd() found it. `markers` must outlive the splitter.
    explicit ThinkingSplitter(std::int32_t openBlock = -1,
                              std::span<const ThinkingMarkers> markers = thinkingMarkers());

    // Appends what is certain now, never empty segments.
    void push(std::string_view text, std::vector<TextSegment>& out);
    void finish(std::vector<TextSegment>& out);

private:
    enum class State { Beginning, Thinking, Gap, Answer };

    void openBlock(std::int32_t block);
    std::string_view readBeginning(std::string_view text, std::vector<TextSegment>& out);
    std::string_view readThinking(std::string_view text, std::vector<TextSegment>& out);
    std::string_view readAnswer(std::string_view text, std::vector<TextSegment>& out);
    void tellThinking(std::string_view text, std::vector<TextSegment>& out);

    struct Anywhere {
        std::vector<std::string> patterns;
        std::vector<std::int32_t> blocks;  // what each opens; -1: silent
    };
    static Anywhere anywherePatterns(std::span<const ThinkingMarkers> markers);

    std::span<const ThinkingMarkers> m_markers;
    State m_state = State::Beginning;
    std::string m_held;             // Beginning: spaces and perhaps the start of a marker
    std::size_t m_nHeldSpaces = 0;  // how many of them are the spaces
    std::string m_heldSpaces;       // Thinking: told only when more thinking follows
    bool m_hasThinkingText = false;
    std::vector<std::int32_t> m_anywhereBlocks;
    StreamMatcher m_anywhere;
    StreamMatcher m_close;
};

}  // namespace sotto
