#include "app/core/hub/model_hub.h"

#include <utility>

#include "base/log.h"

namespace sotto::app {

void obeyEnvironment(const Environment& environment, ModelHubOptions& options) {
    const std::string endpoint = environment("HF_ENDPOINT");
    if (net::checkEndpoint(endpoint)) options.hub.endpoint = endpoint;
    if (isOfflineSet(environment)) options.network.isOffline = true;
}

bool isOfflineSet(const Environment& environment) {
    const std::string offline = environment("HF_HUB_OFFLINE");
    for (const char* yes : {"1", "ON", "on", "YES", "yes", "TRUE", "true"})
        if (offline == yes) return true;
    return false;
}

Result<std::unique_ptr<ModelHub>> ModelHub::create(ModelHubOptions options) {
    std::unique_ptr<ModelHub> hub(new ModelHub());
    hub->m_folder = std::move(options.folder);
    SOTTO_ASSIGN(hub->m_network, net::Network::create(std::move(options.network)));
    SOTTO_ASSIGN(hub->m_client, net::HubClient::create(*hub->m_network, std::move(options.hub)));
    auto downloads = net::DownloadQueue::create(*hub->m_network, *hub->m_client, options.downloads);
    if (!downloads && options.downloads.store != nullptr) {
        // Searching goes on without what is stored, and new downloads are of this run only.
        logMessage(LogLevel::Warning,
                   "Unfinished downloads cannot be read: " + downloads.error().message);
        options.downloads.store = nullptr;
        downloads = net::DownloadQueue::create(*hub->m_network, *hub->m_client, options.downloads);
    }
    if (!downloads) return fail(std::move(downloads.error()));
    hub->m_downloads = std::move(*downloads);
    return hub;
}

Status ModelHub::setEndpoint(const std::string& endpoint) {
    SOTTO_TRY(net::checkEndpoint(endpoint));
    const std::lock_guard lock(m_mutex);
    return m_client->setEndpoint(endpoint);
}

Status ModelHub::setToken(const std::string& token) {
    const std::lock_guard lock(m_mutex);
    net::HubOptions options = m_client->options();
    options.token = token;
    return m_client->setOptions(std::move(options));
}

}  // namespace sotto::app
