#include <algorithm>
#include <cstring>

#include "storage/api/prefix_file.h"
#include "storage/prefix/row_checksum.h"
#include "storage/sqlite/blob.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

class SqlitePrefixReader final : public PrefixReader {
public:
    explicit SqlitePrefixReader(Connection connection) : m_connection(std::move(connection)) {}

    Result<Rows> read(std::span<const ChainId> chain) override;

private:
    struct Found {
        std::int64_t block = 0;
        RowChecksum checksum{};
    };
    Result<std::optional<Found>> find(PrefixRow& row);

    Connection m_connection;
};

Result<PrefixReader::Rows> SqlitePrefixReader::read(std::span<const ChainId> chain) {
    // One state of the file; the writer goes on beside it.
    SOTTO_ASSIGN(const Transaction reading, Transaction::beginReading(m_connection));
    Rows rows;
    for (const ChainId& wanted : chain) {
        PrefixRow row{.chain = wanted};
        SOTTO_ASSIGN(const std::optional<Found> found, find(row));
        if (!found) break;
        SOTTO_ASSIGN(Blob content, Blob::open(m_connection, {"bodies", "content", found->block},
                                              Blob::Mode::Read));
        row.bytes.resize(static_cast<std::size_t>(content.size()));
        SOTTO_TRY(content.read(0, row.bytes));
        if (checksumOf(row) != found->checksum) {
            rows.damaged = wanted;
            break;
        }
        rows.rows.push_back(std::move(row));
    }
    return rows;
}

// All of a row but its bytes, and its parent, which who asks for a chain knows.
Result<std::optional<SqlitePrefixReader::Found>> SqlitePrefixReader::find(PrefixRow& row) {
    SOTTO_ASSIGN(
        Statement statement,
        m_connection.query("SELECT bodies.block, checksum, tokens FROM bodies JOIN blocks ON "
                           "blocks.id = bodies.block WHERE chain = ?",
                           std::span<const std::byte>(row.chain)));
    SOTTO_ASSIGN(const bool isThere, statement.step());
    if (!isThere) return std::nullopt;
    Found found{.block = statement.integer(0)};
    const std::vector<std::byte> checksum = statement.blob(1);
    if (checksum.size() == found.checksum.size())
        std::ranges::copy(checksum, found.checksum.begin());
    const std::vector<std::byte> tokens = statement.blob(2);
    row.tokens.resize(tokens.size() / sizeof(std::int32_t));
    std::memcpy(row.tokens.data(), tokens.data(), std::span(row.tokens).size_bytes());
    return found;
}

}  // namespace

Result<std::unique_ptr<PrefixReader>> PrefixReader::open(const std::filesystem::path& path) {
    SOTTO_ASSIGN(
        Connection connection,
        Connection::open({.path = path, .mode = OpenMode::ReadOnly, .busyTimeoutMs = 1000}));
    SOTTO_TRY(connection.execute("PRAGMA cache_size=-8192"));
    return std::make_unique<SqlitePrefixReader>(std::move(connection));
}

}  // namespace sotto::storage
