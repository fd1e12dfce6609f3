// DownloadTable: files on their way, keyed by id. Storage thread only.
#pragma once

#include <vector>

#include "storage/api/downloads.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class DownloadTable : public Downloads {
public:
    explicit DownloadTable(Connection& connection) : m_connection(connection) {}

    Result<std::vector<DownloadRecord>> list() override;
    Status saveAll(std::span<const DownloadRecord> downloads) override;
    Status remove(std::int64_t id) override;

private:
    Connection& m_connection;
};

// Inserts or updates by id, in the caller's transaction.
Status saveDownloadRow(Connection& connection, const DownloadRecord& download);

}  // namespace sotto::storage
