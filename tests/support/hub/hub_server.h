// HubServer: an HTTP server on loopback whose answers a test writes, well-behaved or not.
//
// Place: the hostile hub of the network's tests; a second one is "another host" (its origin
// differs). Boost.Beast reads the requests; answers are written byte by byte as scripted, because a
// library would refuse to lie. A thread per connection. Destroying it ends all connections.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sotto::test {

struct ServedRequest {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;

    std::string header(const std::string& name) const;  // whatever its case; empty: none
    std::string path() const;                           // the target without its query
};

struct Reply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::optional<std::uint64_t> claimedLength;  // Content-Length, when it is a lie
    bool hasLength = true;                       // false: the body ends with the connection
    std::optional<std::size_t> cutAfter;         // the connection breaks behind so much of the body
    std::optional<std::size_t> holdsAfter;  // nothing more comes behind so much, until release()
    bool isEndless = false;                 // the body again and again
    bool hasEndlessHead = false;            // headers again and again
    std::string raw;                        // instead of an answer, as it is

    Reply& with(std::string name, std::string value) {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
};

class HubServer {
public:
    // On a thread of the connection's.
    using Handler = std::function<Reply(const ServedRequest&)>;

    struct Options {
        bool isTls = false;  // with a certificate of its own that nobody knows
        bool isIpv6 = false;
    };

    explicit HubServer(Handler handler) : HubServer(std::move(handler), Options()) {}
    HubServer(Handler handler, Options options);
    ~HubServer();
    HubServer(const HubServer&) = delete;
    HubServer& operator=(const HubServer&) = delete;

    std::string origin() const;  // "http://127.0.0.1:1234"
    std::uint16_t port() const;
    std::string certificate() const;  // PEM, for who shall believe it

    std::vector<ServedRequest> requests() const;
    // Waits until so many requests were read; false after ten seconds.
    bool waitForRequests(std::size_t nRequests) const;
    void release();  // all that is held, and what will be

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace sotto::test
