// LedgerSink: the port that every connection of the program is written to, for its user to read.
//
// Place: the transport tells each request before it begins and as it ends, also of those that
// failed or were cancelled; a redirect is a request of its own. Implemented over the storage and by
// tests. Called on the network's thread: short, never blocking, not calling back into the network.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sotto::net {

// Why a connection was made, in the words of the person who started it.
enum class Purpose : std::uint8_t { Search, Files, Resolve, Header, Download, Card };

// In lowerCamelCase, as it is stored ("search").
std::string_view purposeName(Purpose purpose);

struct LedgerEntry {
    std::uint64_t id = 0;          // of this request, among those of its network
    std::int64_t startedAtMs = 0;  // since 1970
    std::string host;              // lower case, without port
    std::uint16_t port = 0;
    Purpose purpose = Purpose::Search;
    // Of HTTP's requests and answers, heads included; what TLS and TCP add is not counted.
    std::uint64_t sentBytes = 0;
    std::uint64_t receivedBytes = 0;
    int httpStatus = 0;   // 0: no answer came
    std::string problem;  // one sentence; empty: the answer came whole
};

class LedgerSink {
public:
    virtual ~LedgerSink() = default;
    // Before its first byte leaves: nothing has moved, no answer came.
    virtual void begin(const LedgerEntry& entry) = 0;
    // Once for each that began.
    virtual void end(const LedgerEntry& entry) = 0;
};

}  // namespace sotto::net
