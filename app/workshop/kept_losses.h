// What comparisons that were kept have measured of models against their source, on the built-in
// text: keptReports() reads them, which is the library's thread's, keptLosses() understands them,
// which any other can.
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

// As they are kept, the newest first, not all of very many. One that is gone by then is left out.
// Errors: those of the list.
Result<std::vector<std::string>> keptReports(storage::Database& database);

// Of each model the newest. Reports that cannot be read are passed over.
std::vector<KeptLoss> keptLosses(const std::vector<std::string>& reports,
                                 const std::string& source);

}  // namespace sotto::app
