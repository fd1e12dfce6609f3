// Hub: one hub's addresses, limits and errors. What HubClient and downloads ask with.
//
// Place: above HttpClient. It tries again what may go well later (408, 429, 5xx), waits where the
// hub says that it must, and makes one sentence of every answer that is none. Any thread.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "net/api/hub_client.h"
#include "net/http/http_client.h"

namespace sotto::net {

// Hubs count what they answer by kind, each kind in a window of its own.
enum class HubWindow : std::uint8_t { Api, Resolve };

class Hub {
public:
    static Result<std::unique_ptr<Hub>> create(Network& network, HubOptions options);

    // An address on the hub: `target` is its path and query.
    Url address(const std::string& target) const;

    // The answer with a status below 400, or 416. `subject`: what is asked for, "owner/name" or
    // "owner/name: file"; errors name it.
    Result<HttpAnswer> ask(const HttpCall& call, HubWindow window, const std::string& subject,
                           const std::stop_token& stop) const;
    // As ask(), once, without waiting for anything: for who has attempts of its own.
    Result<HttpAnswer> askOnce(const HttpCall& call, HubWindow window, const std::string& subject,
                               const std::stop_token& stop) const;
    // The body of an answer that must be 200. Errors: HubFailed (another status, more than 32 MiB).
    Result<std::string> bodyOf(HttpAnswer& answer, const std::stop_token& stop) const;

    // What a hub under the same address has said of its limits, which are its user's and outlive a
    // change of options. Before the first question.
    void takeLimitsOf(const Hub& before);

    const HubOptions& options() const { return m_options; }
    const std::string& host() const { return m_http.server().host; }
    Clock& clock() const { return m_clock; }

private:
    Hub(Network& network, HubOptions options, Url endpoint);
    Status awaitWindow(HubWindow window, const std::stop_token& stop) const;
    void note(HubWindow window, const HttpHead& head) const;
    Error errorOf(const HttpAnswer& answer, const std::string& subject) const;

    const HubOptions m_options;
    const HttpClient m_http;
    Clock& m_clock;
    mutable std::mutex m_mutex;
    // When the next request of a window may be sent; guarded by m_mutex.
    mutable std::array<Clock::Time, 2> m_nextAt{};
};

// The subject of what is about no repository.
inline constexpr const char* kSearchSubject = "The search";

// "owner/name" and, behind a colon, a file.
std::string repositoryOf(const std::string& subject);

}  // namespace sotto::net
