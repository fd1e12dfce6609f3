// Bytes of tokens in, whole UTF-8 characters out: never half a character reaches the window.
//
// Flow: token id -> pieceBytes -> Utf8Stream -> stop matcher. Holds at most 3 bytes back. Bytes
// that can never become a character turn into one U+FFFD per maximal subpart, as decoders define
// (Unicode 15, section 3.9). One per request; not shared between threads.
#pragma once

#include <string>
#include <string_view>

namespace sotto {

class Utf8Stream {
public:
    // The characters that are whole now.
    std::string push(std::string_view bytes);

    // The end of the stream: an unfinished character becomes U+FFFD. Ready for a new stream after.
    std::string flush();

    bool isHoldingBack() const { return !m_pending.empty(); }

private:
    std::string m_pending;  // the beginning of a character, 0 to 3 bytes
};

}  // namespace sotto
