// ComparisonTable: kept comparisons, keyed by id. Storage thread only.
#pragma once

#include "storage/api/comparisons.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class ComparisonTable : public Comparisons {
public:
    explicit ComparisonTable(Connection& connection) : m_connection(connection) {}

    Result<std::vector<ComparisonRecord>> list() override;
    Result<ComparisonRecord> find(std::int64_t id) override;
    Result<std::int64_t> save(const ComparisonRecord& comparison) override;
    Status remove(std::int64_t id) override;

private:
    Connection& m_connection;
};

// Inserts or replaces by id, in the caller's transaction.
Status saveComparisonRow(Connection& connection, const ComparisonRecord& comparison);

}  // namespace sotto::storage
