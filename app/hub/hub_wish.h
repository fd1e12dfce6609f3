// HubWish: what a person looks for on a hub, as the question that is sent and as what of the answer
// is shown. Plain functions; any thread.
#pragma once

#include <QString>
#include <cstdint>

#include "net/api/hub_types.h"

namespace sotto::app {

// An empty text is no condition.
struct HubWish {
    QString text;
    QString sort = QStringLiteral("downloads");  // also "trending" and "updated"
    QString licence;                             // as the hub spells it: "apache-2.0"
    QString size;            // of parameters, as the hub takes it: "min:3B,max:9B"
    QString family;          // general.architecture: "qwen3"
    QString type;            // "Q4_K_M": some file of it is of that type
    bool isChat = true;      // answers questions: no embeddings, no plain continuation
    bool isFitting = false;  // some type of it fits here, see isHubModelWanted()

    bool operator==(const HubWish&) const = default;
};

net::HubQuery hubQueryOf(const HubWish& wish);

// What the hub cannot be asked for. `largestFile`: bytes that a load has room for; 0: not known,
// nothing is left out for it. Before its files are listed a model fits when four bits and a half
// per parameter do, which is what its usual smallest type takes; one that does not tell its
// parameters stays.
bool isHubModelWanted(const HubWish& wish, const net::HubModel& model, double largestFile);

}  // namespace sotto::app
