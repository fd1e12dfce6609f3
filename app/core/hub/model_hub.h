// ModelHub: the program's way to the hub: one network, one client, one queue of downloads.
//
// Place: made by AppCore and handed to the window; the pages of models search and download through
// it. Making it opens no connection. What Sotto sends is in the ledger that it is made with.
// Owns all three. Ledger, store, disk and clock of the options must outlive it.
// Threads: every method may be called from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "app/core/paths.h"
#include "base/result.h"
#include "net/api/download_queue.h"
#include "net/api/hub_client.h"
#include "net/api/network.h"

namespace sotto::app {

struct ModelHubOptions {
    net::NetworkOptions network;     // the ledger, the switch
    net::HubOptions hub;             // endpoint and token
    net::DownloadOptions downloads;  // the store, how many at once, how fast
    std::filesystem::path folder;    // where downloads go; empty: there is none
};

// HF_ENDPOINT and HF_HUB_OFFLINE, as the hub's own client reads them.
void obeyEnvironment(const Environment& environment, ModelHubOptions& options);
bool isOfflineSet(const Environment& environment);  // HF_HUB_OFFLINE alone

class ModelHub {
public:
    // Downloads that the store holds go on by themselves. Errors: of Network::create(),
    // HubClient::create() and DownloadQueue::create().
    static Result<std::unique_ptr<ModelHub>> create(ModelHubOptions options);

    ModelHub(const ModelHub&) = delete;
    ModelHub& operator=(const ModelHub&) = delete;

    net::Network& network() { return *m_network; }
    const net::HubClient& client() const { return *m_client; }
    net::DownloadQueue& downloads() { return *m_downloads; }
    const std::filesystem::path& folder() const { return m_folder; }

    // On: everything under way ends with Offline, and nothing can begin.
    void setOffline(bool isOffline) { m_network->setOffline(isOffline); }
    // For what begins afterwards; downloads stay with the hub that they were begun at. A token is
    // for one origin: another one does not get it, and it is forgotten here. Errors: as
    // net::checkEndpoint() and HubClient::setOptions().
    Status setEndpoint(const std::string& endpoint);
    Status setToken(const std::string& token);  // empty: none

private:
    ModelHub() = default;

    std::filesystem::path m_folder;
    std::mutex m_mutex;  // one change of the client's options at a time
    std::unique_ptr<net::Network> m_network;
    std::unique_ptr<net::HubClient> m_client;
    std::unique_ptr<net::DownloadQueue> m_downloads;  // last: it works with both
};

}  // namespace sotto::app
