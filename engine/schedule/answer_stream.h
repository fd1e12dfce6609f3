// AnswerStream: sampled tokens → what the reader sees: whole characters, thinking apart, stop
// strings cut off.
//
// Flow: token id → pieceBytes → Utf8Stream → ThinkingSplitter → StopMatcher → AnswerText. Stop
// strings count in the answer, not in the thinking. One per request; engine thread. The tokenizer
// must outlive it (null: a model without a vocabulary, whose tokens have no text).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/api/tokenizer.h"
#include "engine/token/stop_matcher.h"
#include "engine/token/thinking_splitter.h"
#include "engine/token/utf8_stream.h"

namespace sotto {

class AnswerStream {
public:
    // `openBlock`: the thinking block that the prompt leaves open (openBlockAtEnd); -1: none.
    AnswerStream(const Tokenizer* tokenizer, std::vector<std::string> stop, std::int32_t openBlock);

    // Whether this token ends the answer by itself and is none of its own: an end of generation, a
    // special token that a stop string names, or the beginning of somebody's turn in the middle of
    // the answer.
    std::optional<StopReason> endBy(std::int32_t token);
    // The text that became certain with this token, in order; empty while something is held back.
    std::vector<TextSegment> push(std::int32_t token);
    // The end: what was held back.
    std::vector<TextSegment> finish();

    // Of the answer's text that came out so far, without thinking.
    std::size_t nAnswerBytes() const { return m_nAnswerBytes; }

    // The stop string that matched; empty: none. Nothing comes out after it.
    std::string stopString() const {
        return m_stopToken.empty() ? m_stop.stopString() : m_stopToken;
    }

private:
    std::vector<TextSegment> throughStop(std::vector<TextSegment> segments);
    void count(const std::vector<TextSegment>& told);

    const Tokenizer* m_tokenizer;
    Utf8Stream m_utf8;
    ThinkingSplitter m_splitter;
    std::vector<std::string> m_stopTexts;
    StopMatcher m_stop;
    std::string m_stopToken;  // the text of the special token that was a stop
    std::size_t m_nAnswerBytes = 0;
    bool m_isBegun = false;
};

}  // namespace sotto
