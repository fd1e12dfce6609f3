#include <algorithm>
#include <cstring>
#include <future>
#include <mutex>

#include "base/guarded.h"
#include "storage/api/prefix_file.h"
#include "storage/prefix/row_checksum.h"
#include "storage/sqlite/blob.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

// One waits for the drive while another checks what it has.
constexpr std::size_t kConnections = 2;

struct FoundBody {
    std::int64_t block = 0;
    RowChecksum checksum{};
};

// All of a row but its bytes, and its parent, which who asks for a chain knows.
Result<std::optional<FoundBody>> findBody(Connection& connection, PrefixRow& row) {
    SOTTO_ASSIGN(
        Statement statement,
        connection.query("SELECT bodies.block, checksum, tokens FROM bodies JOIN blocks ON "
                         "blocks.id = bodies.block WHERE chain = ?",
                         std::span<const std::byte>(row.chain)));
    SOTTO_ASSIGN(const bool isThere, statement.step());
    if (!isThere) return std::nullopt;
    FoundBody found{.block = statement.integer(0)};
    const std::vector<std::byte> checksum = statement.blob(1);
    if (checksum.size() == found.checksum.size())
        std::ranges::copy(checksum, found.checksum.begin());
    const std::vector<std::byte> tokens = statement.blob(2);
    row.tokens.resize(tokens.size() / sizeof(std::int32_t));
    std::memcpy(row.tokens.data(), tokens.data(), std::span(row.tokens).size_bytes());
    return found;
}

enum class RowState : std::uint8_t { Whole, Missing, Damaged };

Result<RowState> readRow(Connection& connection, PrefixRow& row) {
    SOTTO_ASSIGN(const std::optional<FoundBody> found, findBody(connection, row));
    if (!found) return RowState::Missing;
    SOTTO_ASSIGN(Blob content,
                 Blob::open(connection, {"bodies", "content", found->block}, Blob::Mode::Read));
    row.bytes.resize(static_cast<std::size_t>(content.size()));
    SOTTO_TRY(content.read(0, row.bytes));
    return checksumOf(row) == found->checksum ? RowState::Whole : RowState::Damaged;
}

// The rows of a chain, handed out in its order to whoever has read its last one, so that a drive
// with a head is read nearly from front to back.
class ChainReading {
public:
    ChainReading(std::span<const ChainId> chain, std::vector<std::vector<std::byte>> memory)
        : m_rows(chain.size()), m_nWhole(chain.size()) {
        for (std::size_t index = 0; index < chain.size(); ++index) {
            m_rows[index].chain = chain[index];
            if (index < memory.size()) m_rows[index].bytes = std::move(memory[index]);
        }
    }

    // Until nobody has one left to read. One state of the file; the writer goes on beside it.
    Status take(Connection& connection) {
        SOTTO_ASSIGN(const Transaction reading, Transaction::beginReading(connection));
        while (const auto index = next()) {
            SOTTO_ASSIGN(const RowState state, readRow(connection, m_rows[*index]));
            if (state != RowState::Whole) endBefore(*index, state);
        }
        return {};
    }
    // When all that took part are done.
    PrefixReader::Rows rows() {
        PrefixReader::Rows read;
        if (m_end == RowState::Damaged) read.damaged = m_rows[m_nWhole].chain;
        m_rows.resize(m_nWhole);
        read.rows = std::move(m_rows);
        return read;
    }

private:
    std::optional<std::size_t> next() {
        const std::lock_guard lock(m_mutex);
        return m_next < m_nWhole ? std::optional(m_next++) : std::nullopt;
    }
    void endBefore(std::size_t index, RowState state) {
        const std::lock_guard lock(m_mutex);
        if (index >= m_nWhole) return;
        m_nWhole = index;
        m_end = state;
    }

    std::vector<PrefixRow> m_rows;  // each of whom next() gave it
    std::mutex m_mutex;
    // Guarded by m_mutex.
    std::size_t m_next = 0;
    std::size_t m_nWhole;              // of the rows, from the first on
    RowState m_end = RowState::Whole;  // of the one behind them, if there is one
};

class SqlitePrefixReader final : public PrefixReader {
public:
    explicit SqlitePrefixReader(std::vector<Connection> connections)
        : m_connections(std::move(connections)) {}

    Result<Rows> read(std::span<const ChainId> chain,
                      std::vector<std::vector<std::byte>> memory) override;

private:
    std::vector<Connection> m_connections;
};

Result<PrefixReader::Rows> SqlitePrefixReader::read(std::span<const ChainId> chain,
                                                    std::vector<std::vector<std::byte>> memory) {
    ChainReading reading(chain, std::move(memory));
    std::vector<std::future<Status>> others;  // each is waited for, whatever happens here
    for (std::size_t index = 1; index < std::min(m_connections.size(), chain.size()); ++index)
        others.push_back(std::async(std::launch::async, [&, index] {
            return guarded([&] { return reading.take(m_connections[index]); });
        }));
    Status done = reading.take(m_connections.front());
    for (std::future<Status>& other : others)
        if (Status part = other.get(); done) done = std::move(part);
    if (!done) return fail(done.error());
    return reading.rows();
}

}  // namespace

Result<std::unique_ptr<PrefixReader>> PrefixReader::open(const std::filesystem::path& path) {
    std::vector<Connection> connections;
    while (connections.size() < kConnections) {
        SOTTO_ASSIGN(
            Connection connection,
            Connection::open({.path = path, .mode = OpenMode::ReadOnly, .busyTimeoutMs = 1000}));
        SOTTO_TRY(connection.execute("PRAGMA cache_size=-4096"));
        connections.push_back(std::move(connection));
    }
    return std::make_unique<SqlitePrefixReader>(std::move(connections));
}

}  // namespace sotto::storage
