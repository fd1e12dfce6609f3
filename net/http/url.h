// Url: an http or https address in its parts, and what it is in relation to another.
//
// Place: redirects are followed by this program itself, so that it knows at each of them whether
// the address is still one of the server that a token is for. Plain values; parsing is libcurl's.
// Source: RFC 3986; origin as in RFC 6454.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sotto::net {

struct Url {
    std::string scheme;  // "http" or "https"
    std::string host;    // lower case; IPv6 in brackets
    std::uint16_t port = 0;
    std::string target;  // path and query, begins with '/'

    // Errors: InvalidArgument (another scheme, a user or password in it, no host, control
    // characters).
    static Result<Url> parse(std::string_view text);
    // What a Location header means that stands in the answer for this address. Errors as parse().
    Result<Url> resolve(std::string_view location) const;

    std::string text() const;
    // "scheme://host:port": the same for two addresses of one server.
    std::string origin() const;
    // The host is this machine.
    bool isLoopback() const;
    // Nobody on the way reads along: what a token may be sent to.
    bool isConfidential() const { return scheme == "https" || isLoopback(); }
};

// Of one component: all but letters, digits and "-._~" as %XX. `keep`: more that stays ("/").
std::string percentEncoded(std::string_view text, std::string_view keep = {});

}  // namespace sotto::net
