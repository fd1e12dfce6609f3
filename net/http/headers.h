// The headers of an answer, and what those mean that a hub answers with.
//
// Bytes from outside: nothing here fails but by saying that there is no such header. Source: RFC
// 9110 (Content-Range, ETag, Retry-After), RFC 8288 (Link), the draft of RateLimit headers in the
// form that hubs send.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::net {

class HttpHeaders {
public:
    // A line without its end, "Name: value"; what is no header is left out.
    void add(std::string_view line);
    // The first of this name, whatever its case.
    std::optional<std::string_view> find(std::string_view name) const;
    std::string text(std::string_view name) const;  // empty when there is none
    void clear() { m_headers.clear(); }

private:
    struct Header {
        std::string name;
        std::string value;
    };
    std::vector<Header> m_headers;
};

bool isSameIgnoringCase(std::string_view left, std::string_view right);

// Decimal digits and nothing else, at most UINT64_MAX.
std::optional<std::uint64_t> parseCount(std::string_view text);

// "bytes 100-199/1000"
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;  // nothing: "*"
};
std::optional<ContentRange> parseContentRange(std::string_view text);

// The address with rel="next" of a Link header; empty when there is none.
std::string nextLink(std::string_view text);

// An ETag without "W/" and quotes.
std::string bareEtag(std::string_view text);

// "api";r=0;t=55: of the window `name` are `remaining` requests left, for `seconds`.
struct RateWindow {
    std::string name;
    std::uint64_t remaining = 0;
    std::uint64_t seconds = 0;
};
std::optional<RateWindow> parseRateLimit(std::string_view text);

// Seconds; a date is none, because the clocks of two machines differ.
std::optional<std::uint64_t> parseRetryAfter(std::string_view text);

}  // namespace sotto::net
