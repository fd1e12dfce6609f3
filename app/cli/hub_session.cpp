#include "app/cli/hub_session.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "app/cli/input.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"
#include "app/core/hub/model_hub.h"
#include "app/core/hub/token_store.h"
#include "app/core/paths.h"

namespace sotto::cli {
namespace {

constexpr std::chrono::milliseconds kWatchPause{50};

}  // namespace

HubReference parseHubReference(const std::string& text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    return {text.substr(0, colon), text.substr(std::min(colon + 1, text.size()))};
}

bool isHubReference(const std::string& text) {
    const auto isLetter = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_' || c == '.';
    };
    std::error_code ignored;
    if (std::filesystem::exists(text, ignored)) return false;
    const HubReference reference = parseHubReference(text);
    const std::string& name = reference.repository;
    const std::size_t slash = name.find('/');
    if (slash == 0 || slash == std::string::npos || slash + 1 == name.size()) return false;
    if (text.find(':') == std::string::npos || name.front() == '.') return false;
    return std::count_if(name.begin(), name.end(), [&](char c) { return !isLetter(c); }) ==
           1;  // the slash
}

Result<std::unique_ptr<HubSession>> HubSession::open(const HubCommandOptions& options) {
    const app::Environment environment = app::processEnvironment();
    net::HubOptions hub;
    const std::string endpoint =
        options.endpoint.empty() ? environment("HF_ENDPOINT") : options.endpoint;
    if (!endpoint.empty()) hub.endpoint = endpoint;
    if (options.tokenFile.empty()) {
        hub.token = app::trimmedToken(environment("HF_TOKEN"));
    } else {
        SOTTO_ASSIGN(const std::string text, readFile(options.tokenFile));
        hub.token = app::trimmedToken(text);
        if (app::isOpenToOthers(options.tokenFile))
            printWarning("the access token in '" + options.tokenFile +
                         "' can be read by other users of this computer: chmod 600 '" +
                         options.tokenFile + "'");
    }
    if (!hub.token.empty() && !net::checkEndpoint(hub.endpoint))
        printWarning(
            "the access token is not sent to " + hub.endpoint +
            ", because anybody on the way could read it there; give an address that begins "
            "with https://");
    const auto paths = app::findPaths(environment);
    std::unique_ptr<HubSession> session(
        new HubSession(paths ? paths->database : std::filesystem::path()));
    net::NetworkOptions network;
    network.ledger = &session->m_ledger;
    network.isOffline = app::isOfflineSet(environment);
    SOTTO_ASSIGN(session->m_network, net::Network::create(std::move(network)));
    SOTTO_ASSIGN(session->m_client, net::HubClient::create(*session->m_network, std::move(hub)));
    session->m_watcher = std::jthread([source = session->m_stop](const std::stop_token& end) {
        while (!end.stop_requested()) {
            if (isInterrupted()) {
                static_cast<void>(std::stop_source(source).request_stop());
                return;
            }
            std::this_thread::sleep_for(kWatchPause);
        }
    });
    return session;
}

HubSession::~HubSession() {
    // Behind these two nothing is told any more.
    m_client.reset();
    m_network.reset();
    if (const Status kept = m_ledger.keep(); !kept)
        printWarning("the connections of this call are not in the window's list: " +
                     kept.error().message);
}

}  // namespace sotto::cli
