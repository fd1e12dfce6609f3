#include "storage/ledger_table.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/clock.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kInsertEntry =
    "INSERT INTO network_ledger (started_at, host, port, purpose, sent_bytes, received_bytes,"
    " http_status, problem, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
// Ids are used again once the list was cleared: the row must be of the same request.
constexpr std::string_view kFinishEntry =
    "UPDATE network_ledger SET sent_bytes = ?, received_bytes = ?, http_status = ?, problem = ?,"
    " state = ? WHERE id = ? AND started_at = ? AND host = ? AND port = ? AND purpose = ?"
    " AND state <> 'ended'";
constexpr std::string_view kSelectEntries =
    "SELECT id, started_at, host, port, purpose, sent_bytes, received_bytes, http_status, problem,"
    " state FROM network_ledger WHERE (started_at, id) < (?, ?)"
    " ORDER BY started_at DESC, id DESC LIMIT ?";
constexpr std::string_view kDropTooMany =
    "DELETE FROM network_ledger WHERE id IN (SELECT id FROM network_ledger"
    " ORDER BY started_at DESC, id DESC LIMIT -1 OFFSET ?)";

constexpr std::pair<LedgerState, std::string_view> kStateNames[] = {
    {LedgerState::Ended, "ended"}, {LedgerState::Open, "open"}, {LedgerState::Lost, "lost"}};

std::string_view nameOf(LedgerState state) {
    return kStateNames[static_cast<std::size_t>(state)].second;
}

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
    entry.state = ledgerStateOfName(row.text(9));
    return entry;
}

Status insertEntry(Statement& insert, const LedgerRecord& entry) {
    insert.bindAll(entry.startedAt, entry.host, entry.port, entry.purpose, entry.sentBytes,
                   entry.receivedBytes, entry.httpStatus, entry.problem, nameOf(entry.state));
    SOTTO_TRY(insert.run());
    insert.reset();
    return {};
}

}  // namespace

LedgerState ledgerStateOfName(std::string_view name) {
    for (const auto& [state, known] : kStateNames)
        if (known == name) return state;
    return LedgerState::Ended;
}

Status keepLedgerRow(Connection& connection, const LedgerRecord& record) {
    return connection.run(
        "INSERT OR IGNORE INTO network_ledger (id, started_at, host, port, purpose, sent_bytes,"
        " received_bytes, http_status, problem, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record.id, record.startedAt, record.host, record.port, record.purpose, record.sentBytes,
        record.receivedBytes, record.httpStatus, record.problem, nameOf(record.state));
}

Result<bool> hasOpenLedgerRows(Connection& connection) {
    return connection.queryInteger("SELECT count(*) FROM network_ledger WHERE state = 'open'")
        .map([](std::int64_t nRows) { return nRows > 0; });
}

std::filesystem::path ledgerWritersPath(const std::filesystem::path& library) {
    std::filesystem::path path = library;
    path += ".ledger";
    return path;
}

Status loseOpenLedgerRows(Connection& connection) {
    return inTransaction(connection, Durability::Buffered, [&] {
        return connection.run("UPDATE network_ledger SET state = 'lost' WHERE state = 'open'");
    });
}

Result<std::vector<std::int64_t>> LedgerTable::write(std::span<const LedgerRecord> records) {
    std::vector<std::int64_t> ids;
    if (records.empty()) return ids;
    SOTTO_TRY(inTransaction(m_connection, Durability::Buffered, [&]() -> Status {
        SOTTO_ASSIGN(Statement insert, m_connection.prepare(kInsertEntry));
        for (const LedgerRecord& entry : records) {
            ids.push_back(entry.id);
            if (entry.id != 0) {
                SOTTO_TRY(m_connection.run(kFinishEntry, entry.sentBytes, entry.receivedBytes,
                                           entry.httpStatus, entry.problem, nameOf(entry.state),
                                           entry.id, entry.startedAt, entry.host, entry.port,
                                           entry.purpose));
                if (m_connection.changes() > 0) continue;
            }
            SOTTO_TRY(insertEntry(insert, entry));
            ids.back() = sqlite3_last_insert_rowid(m_connection.handle());
        }
        SOTTO_TRY(m_connection.run("DELETE FROM network_ledger WHERE started_at < ?",
                                   nowMs() - kMaxLedgerAgeMs));
        return m_connection.run(kDropTooMany, kMaxLedgerRows);
    }));
    return ids;
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
