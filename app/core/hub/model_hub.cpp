#include "app/core/hub/model_hub.h"

#include <utility>

namespace sotto::app {

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
