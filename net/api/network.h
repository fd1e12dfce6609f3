// Network: the one way out of the program. Every connection passes here: the switch, the ledger,
// the limits.
//
// Owns: the network's thread (libcurl's multi interface). The ledger and the clock must outlive it.
// HubClient and DownloadQueue work through it, and it must outlive them.
// Threads: every method may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/api/clock.h"
#include "net/api/ledger.h"

namespace sotto::net {

struct NetworkOptions {
    LedgerSink* ledger = nullptr;  // null: nothing is written down (tests)
    Clock* clock = nullptr;        // null: the machine's
    std::string userAgent = "sotto";
    // As curl writes proxies ("http://host:port"); nothing: the system's (http_proxy, https_proxy,
    // all_proxy, no_proxy); empty: none.
    std::optional<std::string> proxy;
    // Authorities to believe instead of the system's, in PEM (a company's). Certificates are always
    // verified.
    std::filesystem::path authorities;
    bool isOffline = false;
    // A transfer that gets less than `stallBytes` in `stallSpan` has stalled, however long it runs.
    std::chrono::milliseconds stallSpan{30'000};
    std::uint64_t stallBytes = 1024;
};

class Transport;

class Network {
public:
    // Errors: Internal (libcurl refuses to start), OutOfMemory.
    static Result<std::unique_ptr<Network>> create(NetworkOptions options);

    // Ends what runs, with Closed, and joins.
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    // On: everything under way ends with Offline, and nothing can begin.
    void setOffline(bool isOffline);
    bool isOffline() const;

    // Requests that have begun and not ended.
    int nOpen() const;
    // Told on the network's thread when one begins and when one ends; must be short and must not
    // call the network but for what it says of itself. Once this returns, the one before is not
    // called any more.
    void setListener(std::function<void()> listener);

    // Since the start; as the ledger counts.
    std::uint64_t sentBytes() const;
    std::uint64_t receivedBytes() const;

    Clock& clock();
    // For the rest of net.
    Transport& transport() { return *m_transport; }

private:
    explicit Network(Clock* clock);

    SystemClock m_systemClock;
    Clock* m_clock;
    std::unique_ptr<Transport> m_transport;
};

}  // namespace sotto::net
