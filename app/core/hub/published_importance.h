// Importance matrices that others have published on a hub: for which model one would be looked for,
// and which there are.
//
// Place: the quantize dialog, after a person has asked for it. Names are all that tells whose they
// are: each is checked against the model when it is used (engine/api/quantize.h). Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/model_origin.h"
#include "net/api/hub_client.h"

namespace sotto::app {

// The model that a file or folder is of: "Qwen/Qwen3-8B" where its repository is known, else
// "Qwen3-8B". A guess, for a person to correct.
std::string modelLookedFor(const ModelOrigin& origin, const std::filesystem::path& source);

struct PublishedImportance {
    std::string repository;
    std::string commit;  // that it was listed at; empty: the hub did not say
    net::HubFile file;
    std::uint64_t nDownloads = 0;  // of the repository
    bool isGated = false;
};

// Those in repositories of GGUF files whose base model is `model` ("Qwen/Qwen3-8B" or "Qwen3-8B";
// of a name any owner's), the best first: what anybody may load, of exactly that repository, and
// most downloaded. Sends the name of the model. Repositories that cannot be listed are left out.
// Errors: those of HubClient but for these.
Result<std::vector<PublishedImportance>> findPublishedImportance(const net::HubClient& client,
                                                                 const std::string& model,
                                                                 const std::stop_token& stop);

}  // namespace sotto::app
