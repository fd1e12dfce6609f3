// HttpClient: requests to one server and to wherever it leads, with its token and for nobody else.
//
// Place: between Transport, which makes one request, and the hub's client and downloads. Redirects
// are followed here: a token goes to the server that it is for and nowhere else, https never
// becomes http, and no chain is endless. Any thread; several calls at once.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "net/http/transport.h"

namespace sotto::net {

struct HttpCall {
    HttpMethod method = HttpMethod::Get;
    Url url;
    std::vector<std::string> headers;  // "Name: value"; never Authorization
    Purpose purpose = Purpose::Search;
    // A redirect to another server that says this much is an answer and not followed; empty: all
    // are followed.
    std::function<bool(const HttpHead&)> isEnough;
};

struct HttpAnswer {
    Url url;  // of the request that it is the answer to
    HttpHead head;
    std::vector<HttpHead> passed;  // the redirects before it
    std::unique_ptr<HttpStream> stream;

    // Of the answer, or else of the redirects before it, the last first.
    std::string header(std::string_view name) const;
};

class HttpClient {
public:
    // `server`: what the token is for. A token leaves this machine over https only.
    HttpClient(Transport& transport, Url server, std::string token);

    // The answer behind all redirects, whatever its status. Errors: those of HttpStream::head();
    // HubFailed (a loop, a step from https to http, a place that is no address).
    Result<HttpAnswer> open(const HttpCall& call, const std::stop_token& stop) const;

    const Url& server() const { return m_server; }
    bool hasToken() const { return !m_token.empty(); }

private:
    Transport& m_transport;
    const Url m_server;
    const std::string m_token;
};

// The rest of an answer's body. Errors: those of HttpStream::next(); HubFailed (more than
// `maxBytes`: a body without an end).
Result<std::string> readBody(HttpAnswer& answer, std::size_t maxBytes, const std::stop_token& stop);

}  // namespace sotto::net
