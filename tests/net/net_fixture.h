// What the network's tests begin with: a network with a ledger and a clock of their own.
#pragma once

#include <QTest>
#include <memory>
#include <stop_token>
#include <string>

#include "net/api/network.h"
#include "net/http/http_client.h"
#include "tests/support/hub/manual_clock.h"
#include "tests/support/hub/recorded_ledger.h"

// Both evaluate what they look at once: it may be a request.
#define VERIFY_OK(result)                                                  \
    do {                                                                   \
        const auto& outcome = (result);                                    \
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str()); \
    } while (false)
#define COMPARE_ERROR(result, expected)                                                \
    do {                                                                               \
        const auto& outcome = (result);                                                \
        QVERIFY2(!outcome, "it went well");                                            \
        QVERIFY2(outcome.error().code == (expected), outcome.error().message.c_str()); \
    } while (false)

namespace sotto::test {

struct NetFixture {
    RecordedLedger ledger;
    ManualClock clock;
    std::unique_ptr<net::Network> network;
    std::stop_token never;

    explicit NetFixture(net::NetworkOptions options = {}) {
        options.ledger = &ledger;
        options.clock = &clock;
        // The tests' servers are on this machine, whatever the system's proxy.
        if (!options.proxy) options.proxy = "";
        if (auto made = net::Network::create(std::move(options))) network = std::move(*made);
    }

    net::Transport& transport() { return network->transport(); }

    net::HttpClient client(const std::string& origin, std::string token = {}) {
        return {transport(), *net::Url::parse(origin), std::move(token)};
    }
};

// The whole answer for an address.
inline Result<std::string> bodyOf(NetFixture& fixture, const std::string& address) {
    const net::HttpClient client = fixture.client(address);
    auto answer = client.open({.url = client.server()}, fixture.never);
    if (!answer) return fail(answer.error());
    return net::readBody(*answer, std::size_t{1} << 24, fixture.never);
}

}  // namespace sotto::test
