// TransportLoop: the network's thread, and what the others hand to it.
//
// Place: behind Transport and its streams. Commands come in under a lock and wake the thread out
// of libcurl's poll; only that thread touches libcurl.
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "net/http/curl_request.h"
#include "net/http/transfer.h"

namespace sotto::net {

class TransportLoop {
public:
    static Result<std::shared_ptr<TransportLoop>> create(const NetworkOptions& options,
                                                         Clock& clock);
    ~TransportLoop();
    TransportLoop(const TransportLoop&) = delete;
    TransportLoop& operator=(const TransportLoop&) = delete;

    void start();
    // Ends all transfers with Closed and joins.
    void close();

    // From any thread.
    void begin(std::shared_ptr<Transfer> transfer);
    void cancel(std::shared_ptr<Transfer> transfer);
    void unpause(std::shared_ptr<Transfer> transfer);
    void setOffline(bool isOffline);
    bool isOffline() const { return m_isOffline.load(); }
    int nOpen() const { return m_nOpen.load(); }
    void setListener(std::function<void()> listener);
    std::uint64_t sentBytes() const { return m_sentBytes.load(); }
    std::uint64_t receivedBytes() const { return m_receivedBytes.load(); }

private:
    struct Command {
        enum class Kind { Begin, Cancel, Unpause } kind;
        std::shared_ptr<Transfer> transfer;
    };

    TransportLoop(const NetworkOptions& options, Clock& clock);
    void run();
    void obey();
    void add(std::shared_ptr<Transfer> transfer);
    void give(Command command);
    void takeMessages();
    void checkStalls();
    void noteOpen();
    void count(CurlRequest& request, const LedgerEntry& entry);
    void endAll(const Error& error);
    void end(std::size_t index, const Status& status);
    std::size_t indexOf(const Transfer& transfer) const;
    static void settle(Transfer& transfer, const Status& status);

    const CurlSettings m_settings;
    const std::chrono::milliseconds m_stallSpan;
    const std::uint64_t m_stallBytes;
    LedgerSink* const m_ledger;
    Clock& m_clock;
    CURLM* m_multi = nullptr;
    std::atomic<bool> m_isOffline;
    std::atomic<int> m_nOpen = 0;
    std::mutex m_listenerMutex;  // held while it is told: afterwards nobody is in the old one
    std::function<void()> m_listener;
    std::atomic<std::uint64_t> m_sentBytes{0};
    std::atomic<std::uint64_t> m_receivedBytes{0};
    std::mutex m_mutex;
    std::vector<Command> m_commands;                       // guarded by m_mutex
    bool m_isClosing = false;                              // guarded by m_mutex
    std::vector<std::unique_ptr<CurlRequest>> m_requests;  // the network's thread only
    std::uint64_t m_lastLedgerId = 0;                      // the network's thread only
    std::thread m_thread;
};

}  // namespace sotto::net
