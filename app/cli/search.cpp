#include <fmt/format.h>

#include "app/cli/hub_session.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/core/hub/hub_entries.h"

namespace sotto::cli {

namespace {

const char* gateName(net::HubGate gate) {
    switch (gate) {
        case net::HubGate::Open: return "open";
        case net::HubGate::Auto: return "auto";
        case net::HubGate::Manual: return "manual";
    }
    return "open";
}

Json toJson(const app::HubEntry& entry) {
    return {{"name", entry.name},
            {"bytes", entry.nBytes},
            {"sha256", entry.parts.size() == 1 ? Json(entry.parts.front().sha256) : Json()},
            {"type", entry.type},
            {"parts", entry.nParts}};
}

struct FoundModel {
    net::HubModel model;
    std::vector<app::HubEntry> entries;
};

Json toJson(const FoundModel& found) {
    Json files = Json::array();
    for (const app::HubEntry& entry : found.entries)
        if (entry.kind == app::HubEntryKind::Model) files.push_back(toJson(entry));
    const net::HubModel& model = found.model;
    return {{"repo", model.repository},
            {"downloads", model.nDownloads},
            {"likes", model.nLikes},
            {"licence", model.license},
            {"gated", gateName(model.gate)},
            {"architecture", model.architecture},
            {"parameters", model.nParameters},
            {"context_length", model.contextLength},
            {"last_modified", model.lastModified},
            {"files", std::move(files)}};
}

void printText(const FoundModel& found) {
    const net::HubModel& model = found.model;
    print(fmt::format(
        "{}\n  {} downloads{}{}{}\n", model.repository, model.nDownloads,
        model.license.empty() ? "" : ", licence " + model.license,
        model.nParameters > 0 ? ", " + countText(model.nParameters) + " parameters" : std::string(),
        model.gate == net::HubGate::Open ? "" : ", behind terms to accept"));
    for (const app::HubEntry& entry : found.entries)
        if (entry.kind == app::HubEntryKind::Model)
            print(fmt::format("  {:<10} {:>10}  {}\n", entry.type.empty() ? "?" : entry.type,
                              bytesText(entry.nBytes), entry.name));
}

Result<std::vector<FoundModel>> search(const SearchOptions& options) {
    SOTTO_ASSIGN(const std::unique_ptr<HubSession> session, HubSession::open(options.hub));
    net::HubQuery query;
    query.text = options.query;
    query.limit = options.limit;
    SOTTO_ASSIGN(net::HubPage page, session->client().search(query, session->stop()));
    std::vector<FoundModel> models;
    for (net::HubModel& model : page.models) {
        if (models.size() == static_cast<std::size_t>(options.limit)) break;
        FoundModel found{std::move(model), {}};
        auto files = session->client().files(found.model.repository, "", session->stop());
        // Closed behind terms or gone since: the list goes on without its files.
        if (!files && files.error().code != ErrorCode::AccessGated &&
            files.error().code != ErrorCode::NotOnHub)
            return fail(std::move(files.error()));
        if (files) found.entries = app::hubEntries(std::move(*files));
        models.push_back(std::move(found));
    }
    return models;
}

}  // namespace

int runSearch(const CommonOptions& common, const SearchOptions& options) {
    const auto models = search(options);
    if (!models) return printError(models.error(), common.isJson);
    if (common.isJson) {
        Json list = Json::array();
        for (const FoundModel& found : *models) list.push_back(toJson(found));
        printJson({{"models", std::move(list)}});
    } else if (models->empty()) {
        print(fmt::format("No GGUF model is found for '{}'.\n", options.query));
    } else {
        for (const FoundModel& found : *models) printText(found);
    }
    return finishOutput();
}

}  // namespace sotto::cli
