// One libcurl request: its options, its callbacks into a Transfer, and what its end means.
//
// Place: made and run by transport_loop.cpp on the network's thread.
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "net/http/transfer.h"

namespace sotto::net {

// What is the same for all requests of a network.
struct CurlSettings {
    std::string userAgent;
    std::optional<std::string> proxy;
    std::string authorities;  // a file; empty: the system's
};

class CurlRequest {
public:
    // `isOffline` is asked before each socket is made, and must outlive it.
    static Result<std::unique_ptr<CurlRequest>> create(std::shared_ptr<Transfer> transfer,
                                                       const CurlSettings& settings,
                                                       const std::atomic<bool>& isOffline);
    ~CurlRequest();
    CurlRequest(const CurlRequest&) = delete;
    CurlRequest& operator=(const CurlRequest&) = delete;

    CURL* handle() const { return m_handle; }
    Transfer& transfer() const { return *m_transfer; }

    // What libcurl's `code` means for the reader.
    Status statusOf(CURLcode code) const;
    // What it moved until now.
    LedgerEntry entry(const Status& status) const;
    // Of that, what the loop has counted already.
    std::uint64_t countedSentBytes = 0;
    std::uint64_t countedReceivedBytes = 0;

private:
    CurlRequest(std::shared_ptr<Transfer> transfer, const std::atomic<bool>& isOffline);
    void setOptions(const CurlSettings& settings);

    static std::size_t onHeader(char* data, std::size_t size, std::size_t count, void* request);
    static std::size_t onBody(char* data, std::size_t size, std::size_t count, void* request);
    static curl_socket_t onSocket(void* request, curlsocktype purpose, curl_sockaddr* address);

    std::shared_ptr<Transfer> m_transfer;  // with its stream
    const std::atomic<bool>& m_isOffline;
    CURL* m_handle = nullptr;
    curl_slist* m_headers = nullptr;
};

}  // namespace sotto::net
