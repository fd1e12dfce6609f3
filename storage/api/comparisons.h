// Comparisons: runs of the comparison of models that were kept. Thread rule and common errors: see
// database.h. A row that was saved survives a power cut.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace sotto::storage {

struct ComparisonRecord {
    std::int64_t id = 0;         // 0: a new one
    std::int64_t createdAt = 0;  // ms since 1970 UTC
    std::string prompt;
    std::string models;  // a line about them
    std::string report;  // its writer's own text; empty in list()
};

class Comparisons {
public:
    virtual ~Comparisons() = default;

    // Without their reports, the newest first.
    virtual Result<std::vector<ComparisonRecord>> list() = 0;
    // Errors: NotFound (there is none of this id).
    virtual Result<ComparisonRecord> find(std::int64_t id) = 0;
    // Anew, or with its id: one that was removed comes back under it. Gives the id. Errors:
    // InvalidArgument (no report).
    virtual Result<std::int64_t> save(const ComparisonRecord& comparison) = 0;
    virtual Status remove(std::int64_t id) = 0;  // no error when it is gone
};

}  // namespace sotto::storage
