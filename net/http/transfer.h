// Transfer: one request under way, between the network's thread, which fills it, and the thread
// that reads its stream.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/http/transport.h"

namespace sotto::net {

struct Transfer {
    const HttpRequest request;

    explicit Transfer(HttpRequest wanted) : request(std::move(wanted)) {}

    std::mutex mutex;
    std::condition_variable_any changed;
    // Guarded by `mutex`.
    std::optional<HttpHead> head;
    std::vector<std::byte> body;   // what has come and was not read
    std::optional<Status> result;  // the request is over
    bool isPaused = false;         // the body was full; libcurl holds the rest

    // The network's thread only.
    HttpHead nextHead;          // of the answer whose lines are coming
    std::size_t headBytes = 0;  // of all heads, those of 1xx answers included
    bool isHeadTooLong = false;
    std::uint64_t nBodyBytes = 0;  // received, for the stall
    std::uint64_t markedBytes = 0;
    Clock::Time markedAt{};
    std::int64_t startedAtMs = 0;
    std::uint64_t ledgerId = 0;
    char reason[256] = {};  // CURL_ERROR_SIZE
};

}  // namespace sotto::net
