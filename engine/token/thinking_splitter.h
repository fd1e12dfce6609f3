// Keeps a model's thinking apart from its answer, whatever markers it writes around it.
//
// Flow: token id -> pieceBytes (control tokens shown where isMarkerPart() says so) -> Utf8Stream ->
// ThinkingSplitter -> StopMatcher. Markers themselves are never shown. An answer may talk about
// "<think>", so most markers open a block only at the beginning of the answer or of one of its
// lines outside of code; those made of control tokens count everywhere. Thinking that talks about
// "<think>" is told from thinking that opens an inner block by what stands before it. Where a
// block's beginning was never written (the prompt or the template lost it), or an inner block was
// closed before the outer one, its end says that the answer so far was thinking. Empty lines
// between thinking and answer belong to neither. One per request; engine thread.
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
    bool isAnywhere = false;                        // otherwise at the beginning of lines only
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
    bool isTurningBack = false;  // has no text: the answer before it was thinking
};

class ThinkingSplitter {
public:
    // `openBlock` as openBlockAtEnd() found it. `markers` must outlive the splitter.
    explicit ThinkingSplitter(std::int32_t openBlock = -1,
                              std::span<const ThinkingMarkers> markers = thinkingMarkers());

    // Appends what is certain now, never empty segments but those that turn back.
    void push(std::string_view text, std::vector<TextSegment>& out);
    void finish(std::vector<TextSegment>& out);

    // Inside a block, as far as it was read.
    bool isThinking() const { return m_state == State::Thinking; }

private:
    enum class State { Beginning, Thinking, Gap, Answer };

    void openBlock(std::int32_t block);
    std::string_view readBeginning(std::string_view text, std::vector<TextSegment>& out);
    std::string_view readThinking(std::string_view text, std::vector<TextSegment>& out);
    std::string_view readAnswer(std::string_view text, std::vector<TextSegment>& out);
    void tellThinking(std::string_view text, std::vector<TextSegment>& out);

    // Where in its text a stream is: whether a marker that comes now is meant or talked about.
    struct Place {
        std::string lineHead;  // its first three characters, without spaces before them
        char lastByte = 0;
        bool isInCode = false;  // between fences
        void advance(std::string_view text);
        bool isQuoting() const;
    };

    enum class MarkerKind { Open, Close, Silent };
    struct Marker {
        MarkerKind kind = MarkerKind::Silent;
        std::int32_t block = 0;
        std::string_view text;
    };
    static std::vector<Marker> markersInAnswer(std::span<const ThinkingMarkers> markers);
    bool isClosingBlock(const Marker& marker) const;
    void takeMarker(const Marker& marker, std::vector<TextSegment>& out);
    void takeClose(const Marker& marker, std::vector<TextSegment>& out);
    void turnBack(std::vector<TextSegment>& out);
    void tellAnswer(std::string_view text, std::vector<TextSegment>& out);

    std::span<const ThinkingMarkers> m_markers;
    State m_state = State::Beginning;
    std::string m_held;             // Beginning: spaces and perhaps the start of a marker
    std::size_t m_nHeldSpaces = 0;  // how many of them are the spaces
    std::string m_heldSpaces;       // Thinking: told only when more thinking follows
    bool m_hasThinkingText = false;
    std::int32_t m_block = -1;  // the last one opened, in the prompt or here
    bool m_hasOpened = false;   // or closed late
    int m_nInner = 0;           // openings inside the block that were not closed
    bool m_hasQuoted = false;   // the block talks about its own opening
    Place m_inBlock;
    StreamMatcher m_close{{}};     // of the block: its end, and its beginning once more
    std::vector<Marker> m_marks;   // that count in an answer
    StreamMatcher m_inAnswer;      // their texts
    int m_nMentioned = 0;          // openings that the answer talks about
    std::string_view m_lateClose;  // the end of a block, if the line ends behind it
    Place m_inText;                // of the answer
};

}  // namespace sotto
