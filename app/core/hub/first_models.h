// The models that are offered at the first start: which of a short list fit this computer.
//
// Place: the window's first page, after a person has asked for them. The list holds names alone
// (resources/models.json); sizes, hashes and licences are the hub's answers of that minute.
// offerFirstModels() waits for the network: on a worker.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/core/hub/hub_entries.h"
#include "app/core/model_forecast.h"
#include "base/result.h"
#include "net/api/hub_client.h"

namespace sotto::app {

struct FirstModel {
    std::string repository;
    std::string file;          // a path in it
    std::string architecture;  // as its header says it, to be held against the registry
};

// Errors: InvalidArgument (not the JSON that it should be).
Result<std::vector<FirstModel>> parseFirstModels(std::string_view json);

struct FirstOffer {
    FirstModel model;
    std::string commit;   // that it was looked at; empty where a mirror does not say
    std::string license;  // as the hub spells it; empty: not said
    HubEntry entry;
    ModelForecast forecast;
};

inline constexpr std::size_t kFirstOffers = 3;

// The largest of the list that fit, at most kFirstOffers of them, smallest first; with a card those
// that fit wholly on it. Of models that are clearly too large only the size is asked; those that
// the hub does not have, or not for everybody, are left out. Errors: those of HubClient.
Result<std::vector<FirstOffer>> offerFirstModels(const net::HubClient& client,
                                                 const std::vector<FirstModel>& models,
                                                 const ForecastSetting& setting,
                                                 const std::stop_token& stop);

}  // namespace sotto::app
