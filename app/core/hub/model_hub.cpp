#include "app/core/hub/model_hub.h"

#include <string_view>
#include <utility>

namespace sotto::app {
namespace {

// Behind the host there is nothing, a port or a path.
bool isOnThisMachine(std::string_view address) {
    for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
        if (!address.starts_with(host)) continue;
        const std::string_view rest = address.substr(host.size());
        return rest.empty() || rest.front() == ':' || rest.front() == '/';
    }
    return false;
}

}  // namespace

Status checkEndpoint(const std::string& endpoint) {
    constexpr std::string_view kEncrypted = "https://";
    if (endpoint.starts_with(kEncrypted) && endpoint.size() > kEncrypted.size()) return {};
    if (isOnThisMachine(endpoint)) return {};
    return fail(ErrorCode::InvalidArgument,
                "'" + endpoint + "' is no address of a hub: it begins with https://.", endpoint);
}

Result<std::unique_ptr<ModelHub>> ModelHub::create(ModelHubOptions options) {
    std::unique_ptr<ModelHub> hub(new ModelHub());
    hub->m_folder = std::move(options.folder);
    SOTTO_ASSIGN(hub->m_network, net::Network::create(std::move(options.network)));
    SOTTO_ASSIGN(hub->m_client, net::HubClient::create(*hub->m_network, std::move(options.hub)));
    SOTTO_ASSIGN(hub->m_downloads,
                 net::DownloadQueue::create(*hub->m_network, *hub->m_client, options.downloads));
    return hub;
}

Status ModelHub::setEndpoint(const std::string& endpoint) {
    SOTTO_TRY(checkEndpoint(endpoint));
    const std::lock_guard lock(m_mutex);
    net::HubOptions options = m_client->options();
    options.endpoint = endpoint;
    return m_client->setOptions(std::move(options));
}

Status ModelHub::setToken(const std::string& token) {
    const std::lock_guard lock(m_mutex);
    net::HubOptions options = m_client->options();
    options.token = token;
    return m_client->setOptions(std::move(options));
}

}  // namespace sotto::app
