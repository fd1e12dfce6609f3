// Text that knows which of its bytes the template wrote and which its caller gave.
//
// Every operation of the language that makes text out of text makes it of these, so that a rendered
// prompt still says which parts are a message's: they never become control tokens. Exact for each
// byte; what a filter makes of a character (its capital, its escape) has the character's origin.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/text_span.h"

namespace sotto::jinja {

enum class Origin : std::uint8_t { Template, Caller };

class OriginText {
public:
    OriginText() = default;
    explicit OriginText(std::string bytes, Origin origin = Origin::Template);

    const std::string& bytes() const { return m_bytes; }
    std::size_t size() const { return m_bytes.size(); }
    bool empty() const { return m_bytes.empty(); }

    // Of the byte at `offset`; at the end that of the last one. Logarithmic.
    Origin originAt(std::size_t offset) const;
    // Caller when any byte is: what an operation adds where it cannot say more.
    Origin origin() const { return m_borders.empty() ? Origin::Template : Origin::Caller; }
    std::vector<TextSpan> callerSpans() const;  // ascending, not empty, not touching

    void append(std::string_view bytes, Origin origin = Origin::Template);
    void append(const OriginText& other) { append(other, other.m_bytes); }
    // `part` is a view into the bytes of `whole`, which is another text than this one.
    void append(const OriginText& whole, std::string_view part);
    // `part` is a view into the bytes of this text.
    OriginText slice(std::string_view part) const;

    std::size_t memoryBytes() const {
        return m_bytes.size() + m_borders.size() * sizeof(std::uint32_t);
    }

    friend bool operator==(const OriginText& text, std::string_view bytes) {
        return text.m_bytes == bytes;
    }

private:
    std::size_t bordersUpTo(std::size_t offset) const;

    std::string m_bytes;  // at most kMaxStringBytes once it is a value
    // Where the origin changes, ascending; the template's before the first.
    std::vector<std::uint32_t> m_borders;
};

}  // namespace sotto::jinja
