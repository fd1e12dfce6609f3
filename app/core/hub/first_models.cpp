#include "app/core/hub/first_models.h"

#include <algorithm>

#include "app/core/hub/hub_forecast.h"
#include "app/core/json_entries.h"

namespace sotto::app {
namespace {

constexpr int kFirstFormat = 1;

// What is the model's own affair; anything else concerns all of them.
bool concernsOne(const Error& error) {
    return error.code == ErrorCode::NotOnHub || error.code == ErrorCode::AccessGated ||
           error.code == ErrorCode::NotFound || error.code == ErrorCode::FileDamaged ||
           error.code == ErrorCode::Unsupported || error.code == ErrorCode::InvalidArgument;
}

struct SizedModel {
    FirstModel model;
    HubEntry entry;
};

// Those that the hub has, largest first. Errors: of what concerns all.
Result<std::vector<SizedModel>> sizedModels(const net::HubClient& client,
                                            const std::vector<FirstModel>& models,
                                            const std::stop_token& stop) {
    std::vector<SizedModel> sized;
    for (const FirstModel& model : models) {
        auto files = client.files(model.repository, "", stop);
        if (!files && concernsOne(files.error())) continue;
        if (!files) return fail(files.error());
        auto entry = chooseEntry(hubEntries(std::move(*files)), model.file, model.repository);
        if (entry) sized.push_back({model, std::move(*entry)});
    }
    std::stable_sort(sized.begin(), sized.end(),
                     [](const SizedModel& left, const SizedModel& right) {
                         return left.entry.nBytes > right.entry.nBytes;
                     });
    return sized;
}

// Empty where the hub does not say.
std::string licenseOf(const net::HubClient& client, const std::string& repository,
                      const std::stop_token& stop) {
    const auto page = client.search({.text = repository, .limit = 5}, stop);
    if (!page) return {};
    for (const net::HubModel& model : page->models)
        if (model.repository == repository) return model.license;
    return {};
}

bool isOffered(const ModelForecast& forecast, bool hasCard) {
    const ModelInfo& info = forecast.plan.info;
    return forecast.isFitting() && (!hasCard || info.nGpuLayers == info.nLayers);
}

}  // namespace

Result<std::vector<FirstModel>> parseFirstModels(std::string_view json) {
    const auto wrong = [] {
        return fail(ErrorCode::InvalidArgument,
                    "The list of first models is damaged: install Sotto again.", "models.json");
    };
    const nlohmann::json entries = parseEntries(json, "models", kFirstFormat);
    if (!entries.is_array()) return wrong();
    std::vector<FirstModel> models;
    for (const auto& entry : entries) {
        if (!entry.is_object()) return wrong();
        FirstModel model{textField(entry, "repository"), textField(entry, "file"),
                         textField(entry, "architecture")};
        if (model.repository.empty() || model.file.empty() || model.architecture.empty())
            return wrong();
        models.push_back(std::move(model));
    }
    return models;
}

Result<std::vector<FirstOffer>> offerFirstModels(const net::HubClient& client,
                                                 const std::vector<FirstModel>& models,
                                                 const ForecastSetting& setting,
                                                 const std::stop_token& stop) {
    SOTTO_ASSIGN(std::vector<SizedModel> sized, sizedModels(client, models, stop));
    const PlanSpace space = spaceFor(setting.devices, setting.held, setting.nThreads);
    const bool hasCard = setting.devices.card.has_value();
    const std::uint64_t room = hasCard ? space.cardBytes.value_or(0) : space.processorBytes;
    std::vector<FirstOffer> offers;
    for (SizedModel& candidate : sized) {
        if (offers.size() == kFirstOffers) break;
        // Its weights alone do not fit: its header is not worth the bytes.
        if (candidate.entry.nBytes > room) continue;
        auto headers = readHeaders(client, candidate.model.repository, "", candidate.entry, stop);
        if (!headers && concernsOne(headers.error())) continue;
        if (!headers) return fail(headers.error());
        auto forecast = forecastHeaders(*headers, setting);
        if (!forecast || !isOffered(*forecast, hasCard)) continue;
        std::string license = licenseOf(client, candidate.model.repository, stop);
        offers.push_back({std::move(candidate.model), headers->commit, std::move(license),
                          std::move(candidate.entry), std::move(*forecast)});
    }
    std::reverse(offers.begin(), offers.end());
    return offers;
}

}  // namespace sotto::app
