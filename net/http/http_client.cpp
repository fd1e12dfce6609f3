#include "net/http/http_client.h"

#include <utility>

#include "net/net_error.h"

namespace sotto::net {
namespace {

// Hubs need three at most.
constexpr std::size_t kMaxRedirects = 8;

bool isRedirect(const HttpHead& head) {
    const bool leads = head.status == 301 || head.status == 302 || head.status == 303 ||
                       head.status == 307 || head.status == 308;
    return leads && head.headers.find("Location").has_value();
}

}  // namespace

std::string HttpAnswer::header(std::string_view name) const {
    if (const auto found = head.headers.find(name)) return std::string(*found);
    for (std::size_t index = passed.size(); index-- > 0;)
        if (const auto found = passed[index].headers.find(name)) return std::string(*found);
    return {};
}

HttpClient::HttpClient(Transport& transport, Url server, std::string token)
    : m_transport(transport), m_server(std::move(server)), m_token(std::move(token)) {}

Result<HttpAnswer> HttpClient::open(const HttpCall& call, const std::stop_token& stop) const {
    HttpAnswer answer{.url = call.url};
    while (true) {
        HttpRequest request{.method = call.method,
                            .url = answer.url,
                            .headers = call.headers,
                            .purpose = call.purpose};
        const bool isServer = answer.url.origin() == m_server.origin();
        if (hasToken() && isServer && answer.url.isConfidential())
            request.headers.push_back("Authorization: Bearer " + m_token);
        answer.stream = m_transport.open(std::move(request));
        SOTTO_ASSIGN(answer.head, answer.stream->head(stop));
        if (!isRedirect(answer.head)) return answer;

        const std::string& host = answer.url.host;
        auto next = answer.url.resolve(answer.head.headers.text("Location"));
        if (!next)
            return fail(answerError(
                host, "it leads to a place that is no address (" + next.error().context + ")"));
        const bool isElsewhere = next->origin() != answer.url.origin();
        if (isElsewhere && call.isEnough && call.isEnough(answer.head)) return answer;
        if (answer.url.scheme == "https" && next->scheme == "http")
            return fail(answerError(host, "it leads from https to http"));
        if (answer.passed.size() == kMaxRedirects)
            return fail(answerError(
                host, "it leads on more than " + std::to_string(kMaxRedirects) + " times"));
        answer.passed.push_back(std::move(answer.head));
        answer.url = std::move(*next);
    }
}

Result<std::string> readBody(HttpAnswer& answer, std::size_t maxBytes,
                             const std::stop_token& stop) {
    std::string body;
    while (true) {
        const auto bytes = answer.stream->next(stop);
        if (!bytes) return fail(bytes.error());
        if (bytes->empty()) return body;
        if (body.size() + bytes->size() > maxBytes)
            return fail(answerError(answer.url.host,
                                    "it has more than " + std::to_string(maxBytes) + " bytes"));
        body.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    }
}

}  // namespace sotto::net
