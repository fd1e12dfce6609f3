#include "net/api/network.h"

#include <utility>

#include "net/http/transport.h"

namespace sotto::net {

std::string_view purposeName(Purpose purpose) {
    switch (purpose) {
        case Purpose::Search: return "search";
        case Purpose::Files: return "files";
        case Purpose::Resolve: return "resolve";
        case Purpose::Header: return "header";
        case Purpose::Download: return "download";
        case Purpose::Card: return "card";
    }
    return "search";
}

Result<std::unique_ptr<Network>> Network::create(NetworkOptions options) {
    std::unique_ptr<Network> network(new Network(options.clock));
    auto transport = Transport::create(options, *network->m_clock);
    if (!transport) return fail(transport.error());
    network->m_transport = std::move(*transport);
    return network;
}

Network::Network(Clock* clock) : m_clock(clock != nullptr ? clock : &m_systemClock) {}
Network::~Network() = default;

void Network::setOffline(bool isOffline) { m_transport->setOffline(isOffline); }
bool Network::isOffline() const { return m_transport->isOffline(); }
int Network::nOpen() const { return m_transport->nOpen(); }
void Network::setListener(std::function<void()> listener) {
    m_transport->setListener(std::move(listener));
}
std::uint64_t Network::sentBytes() const { return m_transport->sentBytes(); }
std::uint64_t Network::receivedBytes() const { return m_transport->receivedBytes(); }
Clock& Network::clock() { return *m_clock; }

}  // namespace sotto::net
