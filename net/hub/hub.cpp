#include "net/hub/hub.h"

#include <algorithm>
#include <utility>

#include "net/http/backoff.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

// A page of a hundred models with their chat templates has 3 MB.
constexpr std::size_t kMaxBodyBytes = std::size_t{32} << 20;

bool isTriedAgain(int status) { return status == 408 || status == 429 || status >= 500; }

bool contains(const std::string& text, std::string_view wanted) {
    return text.find(wanted) != std::string::npos;
}

}  // namespace

std::string repositoryOf(const std::string& subject) {
    return subject.substr(0, subject.find(':'));
}

Status checkEndpoint(const std::string& endpoint) {
    if (const auto url = Url::parse(endpoint); url && url->isConfidential()) return {};
    return fail(ErrorCode::InvalidArgument,
                "'" + endpoint + "' is no address of a hub: it begins with https://.", endpoint);
}

Result<std::unique_ptr<Hub>> Hub::create(Network& network, HubOptions options) {
    while (!options.endpoint.empty() && options.endpoint.back() == '/') options.endpoint.pop_back();
    SOTTO_ASSIGN(Url endpoint, Url::parse(options.endpoint));
    if (endpoint.target == "/") endpoint.target.clear();
    if (contains(endpoint.target, "?"))
        return fail(ErrorCode::InvalidArgument,
                    "'" + options.endpoint +
                        "' is no address of a hub: leave out what stands "
                        "behind the question mark.",
                    options.endpoint);
    // A line's end in it would be a header of its own.
    const bool isToken =
        std::all_of(options.token.begin(), options.token.end(),
                    [](char character) { return character > ' ' && character < 0x7f; });
    if (!isToken)
        return fail(ErrorCode::InvalidArgument,
                    "The access token has a space or another character in it that no token has: "
                    "enter it again.");
    return std::unique_ptr<Hub>(new Hub(network, std::move(options), std::move(endpoint)));
}

Hub::Hub(Network& network, HubOptions options, Url endpoint)
    : m_options(std::move(options)),
      m_http(network.transport(), std::move(endpoint), m_options.token),
      m_clock(network.clock()) {}

Url Hub::address(const std::string& target) const {
    Url url = m_http.server();
    url.target += target;
    return url;
}

Result<HttpAnswer> Hub::ask(const HttpCall& call, HubWindow window, const std::string& subject,
                            const std::stop_token& stop) const {
    Backoff backoff;
    for (int attempt = 1;; ++attempt) {
        SOTTO_TRY(awaitWindow(window, stop));
        SOTTO_ASSIGN(HttpAnswer answer, m_http.open(call, stop));
        note(window, answer.head);
        const int status = answer.head.status;
        if ((status >= 200 && status < 400) || status == 416) return answer;
        Error error = errorOf(answer, subject);
        if (!isTriedAgain(status) || attempt >= m_options.nAttempts) return fail(std::move(error));
        const auto asked = parseRetryAfter(answer.head.headers.text("Retry-After"));
        const Clock::Span pause =
            asked ? std::chrono::seconds(std::min<std::uint64_t>(*asked, 86400)) : backoff.next();
        if (pause > m_options.longestWait) return fail(std::move(error));
        answer.stream.reset();
        if (!m_clock.wait(pause, stop)) return fail(cancelledError());
    }
}

Result<HttpAnswer> Hub::askOnce(const HttpCall& call, HubWindow window, const std::string& subject,
                                const std::stop_token& stop) const {
    SOTTO_ASSIGN(HttpAnswer answer, m_http.open(call, stop));
    note(window, answer.head);
    const int status = answer.head.status;
    if ((status >= 200 && status < 400) || status == 416) return answer;
    return fail(errorOf(answer, subject));
}

Result<std::string> Hub::bodyOf(HttpAnswer& answer, const std::stop_token& stop) const {
    if (answer.head.status != 200)
        return fail(
            answerError(answer.url.host, "its status is " + std::to_string(answer.head.status)));
    return readBody(answer, kMaxBodyBytes, stop);
}

Status Hub::awaitWindow(HubWindow window, const std::stop_token& stop) const {
    Clock::Time nextAt;
    {
        const std::lock_guard lock(m_mutex);
        nextAt = m_nextAt[static_cast<std::size_t>(window)];
    }
    const Clock::Time now = m_clock.now();
    if (nextAt <= now) return {};
    const Clock::Span pause = nextAt - now;
    if (pause > m_options.longestWait) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(pause).count();
        return fail(rateLimitError(host(), static_cast<std::uint64_t>(seconds)));
    }
    if (!m_clock.wait(pause, stop)) return fail(cancelledError());
    return {};
}

// Only an exhausted window holds anything up: what is left stands on every answer.
void Hub::note(HubWindow window, const HttpHead& head) const {
    const auto limit = parseRateLimit(head.headers.text("RateLimit"));
    if (!limit || limit->remaining > 0) return;
    const auto seconds = std::chrono::seconds(std::min<std::uint64_t>(limit->seconds, 86400));
    const std::lock_guard lock(m_mutex);
    m_nextAt[static_cast<std::size_t>(window)] = m_clock.now() + seconds;
}

void Hub::takeLimitsOf(const Hub& before) {
    if (before.m_http.server().origin() != m_http.server().origin()) return;
    const std::scoped_lock lock(m_mutex, before.m_mutex);
    m_nextAt = before.m_nextAt;
}

Error Hub::errorOf(const HttpAnswer& answer, const std::string& subject) const {
    const HttpHeaders& headers = answer.head.headers;
    const int status = answer.head.status;
    const std::string code = headers.text("X-Error-Code");
    const std::string repository = repositoryOf(subject);
    if (status == 407) return proxyError(answer.url.host, "it wants a name and a password");
    if (status == 429)
        return rateLimitError(answer.url.host,
                              parseRetryAfter(headers.text("Retry-After")).value_or(0));
    if (answer.url.origin() != m_http.server().origin())
        return answerError(answer.url.host, "its status is " + std::to_string(status));
    // A search is about no repository: this address is no hub's.
    if (subject == kSearchSubject && (status == 403 || status == 404))
        return answerError(host(), "its status is " + std::to_string(status));
    if (code == "GatedRepo" || (status == 403 && code.empty() && !m_http.hasToken()))
        return gatedError(repository, m_options.endpoint + "/" + repository);
    // 401 says the same of a wrong token, a private and a missing repository.
    const std::string message = headers.text("X-Error-Message");
    if (status == 401 && (contains(message, "Invalid credentials") ||
                          contains(headers.text("WWW-Authenticate"), "invalid_token")))
        return tokenError(host());
    if (status == 403) return tokenError(host());
    if (code == "RevisionNotFound") return notOnHubError(subject, "This revision of " + repository);
    if (status == 401 || status == 404) return notOnHubError(subject, subject);
    return answerError(host(), "its status is " + std::to_string(status));
}

}  // namespace sotto::net
