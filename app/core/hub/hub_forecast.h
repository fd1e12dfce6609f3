// The forecast of a model that is still on a hub: the plan is the allocator's own, made from the
// file's own header, which is read by Range.
//
// Place: the window's Discover page and `sotto-cli forecast REPO:FILE`. Reading waits for the
// network (HubClient), so it is done on a worker; forecasts of what was read are pure and may be
// made again for another context or device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "app/core/hub/hub_entries.h"
#include "app/core/model_forecast.h"
#include "base/result.h"
#include "net/api/hub_client.h"

namespace sotto::app {

// Of one model, all parts in order: most of it the vocabulary, up to 20 MB.
struct HubHeaders {
    std::string name;          // of the file, as it stands in sentences
    std::string commit;        // that they were read at; empty where a mirror does not say
    std::uint64_t nBytes = 0;  // of the whole files
    std::vector<std::vector<std::byte>> parts;
};

// `revision`: a branch, a tag or a commit; empty: the hub's default branch. The parts are read at
// one commit. Errors: those of HubClient::resolve() and header(); NotFound (the hub lacks some
// parts), FileDamaged (a file that is none, or whose header has no end).
Result<HubHeaders> readHeaders(const net::HubClient& client, const std::string& repository,
                               const std::string& revision, const HubEntry& entry,
                               const std::stop_token& stop);

// Errors: those of planHeaders().
Result<ModelForecast> forecastHeaders(const HubHeaders& headers, const ForecastSetting& setting);

// Both.
Result<ModelForecast> forecastEntry(const net::HubClient& client, const std::string& repository,
                                    const std::string& revision, const HubEntry& entry,
                                    const ForecastSetting& setting, const std::stop_token& stop);

}  // namespace sotto::app
