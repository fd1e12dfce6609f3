// Ends an answer at the first stop string, and never shows the beginning of one.
//
// Flow: Utf8Stream -> ThinkingSplitter -> StopMatcher (answer text) -> AnswerText. Holds back only
// what may be the beginning of a stop string. Linear in the text. One per request; engine thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/token/stream_matcher.h"

namespace sotto {

class StopMatcher {
public:
    explicit StopMatcher(std::vector<std::string> stops) : m_matcher(std::move(stops)) {}

    // The text that may be shown now. After a stop nothing comes any more.
    std::string push(std::string_view text) {
        std::string free;
        if (isStopped()) return free;
        const auto match = m_matcher.push(text, free);
        m_stopIndex = match.pattern;
        return free;
    }

    // The end of the answer: what was held back after all.
    std::string flush() {
        std::string free;
        if (!isStopped()) m_matcher.flush(free);
        return free;
    }

    bool isStopped() const { return m_stopIndex >= 0; }
    // The stop string that matched; empty when none did.
    std::string stopString() const { return isStopped() ? m_matcher.pattern(m_stopIndex) : ""; }

private:
    StreamMatcher m_matcher;
    int m_stopIndex = -1;
};

}  // namespace sotto
