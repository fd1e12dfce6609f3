// LedgerTable: what was sent over a network, newest first. Storage thread only.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "storage/api/ledger.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class LedgerTable : public Ledger {
public:
    explicit LedgerTable(Connection& connection) : m_connection(connection) {}

    Result<std::vector<std::int64_t>> write(std::span<const LedgerRecord> records) override;
    Result<std::vector<LedgerRecord>> list(int limit, const LedgerPlace* after) override;
    Result<std::vector<LedgerHost>> hosts() override;
    Status clear() override;

private:
    Connection& m_connection;
};

// Ended for a name that this version does not know.
LedgerState ledgerStateOfName(std::string_view name);

// With its id, in the caller's transaction; one that is there stays.
Status keepLedgerRow(Connection& connection, const LedgerRecord& record);

// By whoever is sure that no other program writes into it: nobody will tell the end of what is
// open. True: there was something.
Result<bool> hasOpenLedgerRows(Connection& connection);
Status loseOpenLedgerRows(Connection& connection);

// What an OwnerLock is taken on by those who write into the ledger without having the library open.
std::filesystem::path ledgerWritersPath(const std::filesystem::path& library);

}  // namespace sotto::storage
