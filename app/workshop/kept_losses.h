// keptLosses(): what comparisons that were kept have measured of models against their source, on
// the built-in text.
//
// Reads the library; for the storage thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/api/database.h"

namespace sotto::app {

struct KeptLoss {
    std::string path;  // of the model
    std::uint64_t fileBytes = 0;
    double klMean = 0;  // from the source, nats per token
};

// Of each model the newest. Reports that cannot be read are passed over. Errors: those of the list.
Result<std::vector<KeptLoss>> keptLosses(storage::Database& database, const std::string& source);

}  // namespace sotto::app
