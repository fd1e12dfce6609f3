// The hub as the command line reaches it: where, with which token, and ended by Ctrl-C.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "app/cli/options.h"
#include "app/core/hub/library_ledger.h"
#include "base/result.h"
#include "net/api/hub_client.h"
#include "net/api/network.h"

namespace sotto::cli {

// REPO, REPO:FILE or REPO:TYPE.
struct HubReference {
    std::string repository;
    std::string file;  // a path, a name or a type; empty: the only one there is
};

HubReference parseHubReference(const std::string& text);

// Whether it names a hub's model, as owner/name with a colon behind it, and nothing of that name is
// here. Without the colon it is a file, also one that is missing: a mistyped path does not leave
// this computer.
bool isHubReference(const std::string& text);

class HubSession {
public:
    // The endpoint of the flag, else HF_ENDPOINT, else huggingface.co; the token of --token-file,
    // else HF_TOKEN; HF_HUB_OFFLINE is obeyed. Errors: those of the token's file, of Network and
    // HubClient.
    static Result<std::unique_ptr<HubSession>> open(const HubCommandOptions& options);
    // What was sent goes into the ledger of the library, where there is one.
    ~HubSession();

    net::Network& network() { return *m_network; }
    net::HubClient& client() { return *m_client; }
    // Stopped by Ctrl-C.
    std::stop_token stop() const { return m_stop.get_token(); }

private:
    // `library`: empty where there is no place for one.
    explicit HubSession(const std::filesystem::path& library) : m_ledger(library) {}

    std::stop_source m_stop;
    app::LibraryLedger m_ledger;  // the network's
    std::unique_ptr<net::Network> m_network;
    std::unique_ptr<net::HubClient> m_client;
    std::jthread m_watcher;  // asks the platform's flag, which a signal sets
};

}  // namespace sotto::cli
