// Transport: HTTP requests and their answers, on one thread for all of them.
//
// Place: below Network (its switch, ledger and clock come from there) and above libcurl's multi
// interface, which only transport*.cpp knows. An answer is a stream that its reader pulls: what is
// not read fills a buffer of a megabyte and then stays in the connection, so a slow disk slows the
// sender and takes no memory.
// Owns: the thread. Streams may outlive it: theirs ends with Closed then.
// Rules that hold for every request: certificates are verified; nothing is unpacked (Range would
// mean other bytes); redirects are answers, http_client.h follows them; heads have a limit; a
// stall is measured in bytes; nothing connects while the switch is on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/api/ledger.h"
#include "net/api/network.h"
#include "net/http/headers.h"
#include "net/http/url.h"

namespace sotto::net {

enum class HttpMethod : std::uint8_t { Get, Head };

struct HttpRequest {
    HttpMethod method = HttpMethod::Get;
    Url url;
    std::vector<std::string> headers;  // "Name: value"
    Purpose purpose = Purpose::Search;
};

struct HttpHead {
    int status = 0;
    HttpHeaders headers;
};

// Of an answer's head, all lines together. Signed addresses and policies take a few KiB.
inline constexpr std::size_t kMaxHeadBytes = std::size_t{64} << 10;

struct Transfer;
class TransportLoop;

// One answer. Used by one thread; destroying it ends the request.
class HttpStream {
public:
    explicit HttpStream(std::shared_ptr<Transfer> transfer, std::weak_ptr<TransportLoop> loop);
    ~HttpStream();
    HttpStream(const HttpStream&) = delete;
    HttpStream& operator=(const HttpStream&) = delete;

    // Waits for the head. Errors: Offline, Unreachable, ProxyFailed, CertificateRefused, HubFailed
    // (a head without an end, no HTTP), Cancelled (`stop`), Closed.
    Result<HttpHead> head(const std::stop_token& stop);
    // Waits for the next bytes of the body; empty at its end. Errors as head(), also for a body
    // that ends before its Content-Length.
    Result<std::vector<std::byte>> next(const std::stop_token& stop);

private:
    std::shared_ptr<Transfer> m_transfer;  // with the network's thread, until the answer ended
    std::weak_ptr<TransportLoop> m_loop;
};

class Transport {
public:
    static Result<std::unique_ptr<Transport>> create(const NetworkOptions& options, Clock& clock);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    // Begins at once; what goes wrong is told by the stream.
    std::unique_ptr<HttpStream> open(HttpRequest request);

    void setOffline(bool isOffline);
    bool isOffline() const;
    int nOpen() const;
    void setListener(std::function<void()> listener);
    std::uint64_t sentBytes() const;
    std::uint64_t receivedBytes() const;

private:
    explicit Transport(std::shared_ptr<TransportLoop> loop);

    std::shared_ptr<TransportLoop> m_loop;  // with the streams that may still wake it
};

}  // namespace sotto::net
