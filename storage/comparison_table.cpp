#include "storage/comparison_table.h"

#include "storage/sqlite/transaction.h"

namespace sotto::storage {

Status saveComparisonRow(Connection& connection, const ComparisonRecord& comparison) {
    return connection.run(
        "INSERT OR REPLACE INTO comparisons (id, created_at, prompt, models, report)"
        " VALUES (?, ?, ?, ?, ?)",
        comparison.id, comparison.createdAt, comparison.prompt, comparison.models,
        comparison.report);
}

Result<std::vector<ComparisonRecord>> ComparisonTable::list() {
    SOTTO_ASSIGN(Statement row,
                 m_connection.prepare("SELECT id, created_at, prompt, models FROM comparisons"
                                      " ORDER BY created_at DESC, id DESC"));
    std::vector<ComparisonRecord> comparisons;
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return comparisons;
        comparisons.push_back({row.integer(0), row.integer(1), row.text(2), row.text(3), {}});
    }
}

Result<ComparisonRecord> ComparisonTable::find(std::int64_t id) {
    SOTTO_ASSIGN(Statement row, m_connection.prepare("SELECT id, created_at, prompt, models, report"
                                                     " FROM comparisons WHERE id = ?"));
    row.bindAll(id);
    SOTTO_ASSIGN(const bool hasRow, row.step());
    if (!hasRow) return fail(ErrorCode::NotFound, "This comparison is not there any more.");
    return ComparisonRecord{row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4)};
}

Result<std::int64_t> ComparisonTable::save(const ComparisonRecord& comparison) {
    if (comparison.report.empty())
        return fail(ErrorCode::InvalidArgument, "A comparison needs a report.");
    std::int64_t id = comparison.id;
    SOTTO_TRY(inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        if (id == 0) {
            SOTTO_ASSIGN(
                id, m_connection.queryInteger("SELECT coalesce(max(id), 0) + 1 FROM comparisons"));
        }
        ComparisonRecord row = comparison;
        row.id = id;
        return saveComparisonRow(m_connection, row);
    }));
    return id;
}

Status ComparisonTable::remove(std::int64_t id) {
    return inTransaction(m_connection, Durability::Synced, [&] {
        return m_connection.run("DELETE FROM comparisons WHERE id = ?", id);
    });
}

}  // namespace sotto::storage
