#include "storage/ledger_table.h"

#include <algorithm>
#include <limits>

#include "storage/clock.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kInsertEntry =
    "INSERT INTO network_ledger (started_at, host, port, purpose, sent_bytes, received_bytes,"
    " http_status, problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kSelectEntries =
    "SELECT id, started_at, host, port, purpose, sent_bytes, received_bytes, http_status, problem"
    " FROM network_ledger WHERE (started_at, id) < (?, ?)"
    " ORDER BY started_at DESC, id DESC LIMIT ?";
constexpr std::string_view kDropTooMany =
    "DELETE FROM network_ledger WHERE id IN (SELECT id FROM network_ledger"
    " ORDER BY started_at DESC, id DESC LIMIT -1 OFFSET ?)";

LedgerRecord readEntry(const Statement& row) {
    LedgerRecord entry;
    entry.id = row.integer(0);
    entry.startedAt = row.integer(1);
    entry.host = row.text(2);
    entry.port = static_cast<int>(row.integer(3));
    entry.purpose = row.text(4);
    entry.sentBytes = row.integer(5);
    entry.receivedBytes = row.integer(6);
    entry.httpStatus = static_cast<int>(row.integer(7));
    entry.problem = row.text(8);
    return entry;
}

}  // namespace

Status keepLedgerRow(Connection& connection, const LedgerRecord& record) {
    return connection.run(
        "INSERT OR IGNORE INTO network_ledger (id, started_at, host, port, purpose, sent_bytes,"
        " received_bytes, http_status, problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record.id, record.startedAt, record.host, record.port, record.purpose, record.sentBytes,
        record.receivedBytes, record.httpStatus, record.problem);
}

Status LedgerTable::append(std::span<const LedgerRecord> records) {
    if (records.empty()) return {};
    return inTransaction(m_connection, Durability::Buffered, [&]() -> Status {
        SOTTO_ASSIGN(Statement insert, m_connection.prepare(kInsertEntry));
        for (const LedgerRecord& entry : records) {
            insert.bindAll(entry.startedAt, entry.host, entry.port, entry.purpose, entry.sentBytes,
                           entry.receivedBytes, entry.httpStatus, entry.problem);
            SOTTO_TRY(insert.run());
            insert.reset();
        }
        SOTTO_TRY(m_connection.run("DELETE FROM network_ledger WHERE started_at < ?",
                                   nowMs() - kMaxLedgerAgeMs));
        return m_connection.run(kDropTooMany, kMaxLedgerRows);
    });
}

Result<std::vector<LedgerRecord>> LedgerTable::list(int limit, const LedgerPlace* after) {
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
    const LedgerPlace place = after != nullptr ? *after : LedgerPlace{kEnd, kEnd};
    SOTTO_ASSIGN(Statement row,
                 m_connection.query(kSelectEntries, place.startedAt, place.id, std::max(limit, 0)));
    std::vector<LedgerRecord> entries;
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return entries;
        entries.push_back(readEntry(row));
    }
}

Result<std::vector<LedgerHost>> LedgerTable::hosts() {
    SOTTO_ASSIGN(Statement row,
                 m_connection.prepare("SELECT host, count(*), sum(sent_bytes), sum(received_bytes),"
                                      " max(started_at) FROM network_ledger GROUP BY host"
                                      " ORDER BY sum(sent_bytes) DESC, host"));
    std::vector<LedgerHost> hosts;
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return hosts;
        hosts.push_back(
            {row.text(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)});
    }
}

Status LedgerTable::clear() {
    return inTransaction(m_connection, Durability::Synced,
                         [&] { return m_connection.run("DELETE FROM network_ledger"); });
}

}  // namespace sotto::storage
