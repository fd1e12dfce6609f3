// LedgerTable: what was sent over a network, newest first. Storage thread only.
#pragma once

#include <vector>

#include "storage/api/ledger.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class LedgerTable : public Ledger {
public:
    explicit LedgerTable(Connection& connection) : m_connection(connection) {}

    Status append(std::span<const LedgerRecord> records) override;
    Result<std::vector<LedgerRecord>> list(int limit, const LedgerPlace* after) override;
    Result<std::vector<LedgerHost>> hosts() override;
    Status clear() override;

private:
    Connection& m_connection;
};

// With its id, in the caller's transaction; one that is there stays.
Status keepLedgerRow(Connection& connection, const LedgerRecord& record);

}  // namespace sotto::storage
