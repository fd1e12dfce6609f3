#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/file_lock.h"
#include "storage/api/prefix_file.h"
#include "storage/clock.h"
#include "storage/prefix/block_tree.h"
#include "storage/prefix/prefix_files.h"
#include "storage/prefix/prefix_schema.h"
#include "storage/sqlite/database_file.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::int64_t kSecondsPerHour = 3600;
// Beside twice a transaction's blocks: the shared memory of the journal, tables and indices.
constexpr std::uint64_t kSideBytes = std::uint64_t{3} << 20;
// Pages that a block takes beside those of its bytes.
constexpr std::int64_t kPagesBeside = 3;

std::uint64_t bytesOf(std::span<const PrefixRow> rows) {
    std::uint64_t bytes = 0;
    for (const PrefixRow& row : rows)
        bytes += row.bytes.size() + std::span(row.tokens).size_bytes();
    return bytes;
}

class SqlitePrefixFile final : public PrefixFile {
public:
    SqlitePrefixFile(std::filesystem::path path, FileLock lock, Connection connection)
        : m_path(std::move(path)),
          m_lock(std::move(lock)),
          m_connection(std::move(connection)),
          m_tree(m_connection) {}

    // What was written last is counted by the next start.
    ~SqlitePrefixFile() override {
        static_cast<void>(
            inTransaction(m_connection, Durability::Synced, [this] { return noteWritten(); }));
    }

    // What a kill left that nobody needs goes, too.
    Status begin(const std::optional<ChainId>& wanted);

    ChainId key() const override { return m_key; }
    Result<std::vector<ChainId>> chains() override;
    Result<std::vector<std::uint64_t>> owners() override;
    Result<std::vector<PrefixShare>> shares() override;
    std::uint64_t bytesOnDisk() const override { return prefixFilesBytes(m_path); }
    Result<std::uint64_t> bytesWrittenSince(std::int64_t unixSeconds) override;
    Result<PrefixChanges> add(std::uint64_t owner, std::span<const PrefixRow> rows,
                              std::uint64_t quota) override;
    Status use(std::uint64_t owner, std::span<const ChainId> chain) override;
    Result<PrefixChanges> drop(const ChainId& chain) override;
    Result<PrefixChanges> forget(std::uint64_t owner) override;
    Result<PrefixChanges> shrink(std::uint64_t quota) override;

private:
    template <typename Body>
    Status change(Body body);
    Status settleJournal();
    Status noteWritten();
    Result<bool> makeRoom(std::int64_t nPages, std::int64_t maxPages,
                          std::span<const BlockTree::BlockId> kept, PrefixChanges& changes);
    Status remove(const BlockTree::Block& block, PrefixChanges& changes);
    Status removeUnneeded(PrefixChanges& changes);

    std::filesystem::path m_path;
    FileLock m_lock;
    Connection m_connection;
    BlockTree m_tree;
    ChainId m_key{};
    std::uint64_t m_nUnnoted = 0;  // bytes that were written and are not in the table yet
};

Status SqlitePrefixFile::begin(const std::optional<ChainId>& wanted) {
    if (wanted)
        SOTTO_TRY(
            m_connection.run("INSERT OR IGNORE INTO properties (name, value) VALUES ('key', ?)",
                             std::span<const std::byte>(*wanted)));
    SOTTO_TRY(m_connection.execute(
        "INSERT OR IGNORE INTO properties (name, value) VALUES ('key', randomblob(16))"));
    SOTTO_ASSIGN(Statement row,
                 m_connection.query("SELECT value FROM properties WHERE name = 'key'"));
    SOTTO_TRY(row.step().map([](bool) {}));
    const std::vector<std::byte> key = row.blob(0);
    if (key.size() != m_key.size())
        return fail(ErrorCode::DatabaseDamaged, "The prefix cache has no key.", m_path.string());
    std::ranges::copy(key, m_key.begin());
    row.reset();
    PrefixChanges changes;
    SOTTO_TRY(settleJournal());
    return removeUnneeded(changes);
}

Result<std::vector<ChainId>> SqlitePrefixFile::chains() {
    SOTTO_ASSIGN(Statement row, m_connection.prepare("SELECT chain FROM blocks"));
    std::vector<ChainId> chains;
    while (true) {
        SOTTO_ASSIGN(const bool isThere, row.step());
        if (!isThere) return chains;
        const std::vector<std::byte> chain = row.blob(0);
        if (chain.size() != sizeof(ChainId)) continue;
        std::ranges::copy(chain, chains.emplace_back().begin());
    }
}

Result<std::vector<std::uint64_t>> SqlitePrefixFile::owners() {
    SOTTO_ASSIGN(Statement row, m_connection.prepare("SELECT DISTINCT owner FROM ends"));
    std::vector<std::uint64_t> owners;
    while (true) {
        SOTTO_ASSIGN(const bool isThere, row.step());
        if (!isThere) return owners;
        owners.push_back(static_cast<std::uint64_t>(row.integer(0)));
    }
}

Result<std::vector<PrefixShare>> SqlitePrefixFile::shares() {
    SOTTO_ASSIGN(Statement row, m_connection.prepare(R"(
        WITH RECURSIVE needed (owner, block) AS (
            SELECT owner, block FROM ends
            UNION
            SELECT owner, parent FROM needed JOIN blocks ON blocks.id = block
            WHERE parent IS NOT NULL),
        others (block, nOwners) AS (SELECT block, count(*) FROM needed GROUP BY block)
        SELECT owner, sum(length(tokens)) / 4, sum(length(content)),
               sum(iif(nOwners > 1, length(tokens), 0)) / 4,
               (SELECT max(used) FROM ends JOIN blocks ON blocks.id = ends.block
                WHERE ends.owner = needed.owner) AS usedAt
        FROM needed JOIN others USING (block) JOIN bodies USING (block)
        GROUP BY owner ORDER BY usedAt DESC)"));
    std::vector<PrefixShare> shares;
    while (true) {
        SOTTO_ASSIGN(const bool isThere, row.step());
        if (!isThere) return shares;
        shares.push_back({.owner = static_cast<std::uint64_t>(row.integer(0)),
                          .nTokens = row.integer(1),
                          .nBytes = row.integer(2),
                          .nSharedTokens = row.integer(3),
                          .usedAt = row.integer(4)});
    }
}

Result<std::uint64_t> SqlitePrefixFile::bytesWrittenSince(std::int64_t unixSeconds) {
    SOTTO_ASSIGN(Statement row,
                 m_connection.query("SELECT coalesce(sum(bytes), 0) FROM written WHERE hour >= ?",
                                    unixSeconds / kSecondsPerHour));
    SOTTO_TRY(row.step().map([](bool) {}));
    return static_cast<std::uint64_t>(row.integer(0)) + m_nUnnoted;
}

// In a transaction; the journal is empty before and behind it.
template <typename Body>
Status SqlitePrefixFile::change(Body body) {
    SOTTO_TRY(settleJournal());
    SOTTO_TRY(inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        SOTTO_TRY(body());
        return noteWritten();
    }));
    int nPages = 0, ignored = 0;
    sqlite3_db_status(m_connection.handle(), SQLITE_DBSTATUS_CACHE_WRITE, &nPages, &ignored, 1);
    m_nUnnoted = 2 * static_cast<std::uint64_t>(nPages) * kPrefixPageBytes;
    // A reader at work hinders it: then the next one waits.
    static_cast<void>(settleJournal());
    return {};
}

// What was written comes into the file itself, and the journal is empty. Errors: Locked (somebody
// reads).
Status SqlitePrefixFile::settleJournal() {
    if (prefixJournalBytes(m_path) == 0) return {};
    SOTTO_ASSIGN(const std::int64_t isBusy,
                 m_connection.queryInteger("PRAGMA wal_checkpoint(TRUNCATE)"));
    if (isBusy == 0) return {};
    return fail(ErrorCode::Locked, "The prefix cache is being read.", m_path.string());
}

// Of the transaction before: what this one takes is known when it is written.
Status SqlitePrefixFile::noteWritten() {
    if (m_nUnnoted == 0) return {};
    SOTTO_TRY(m_connection.run(
        "INSERT INTO written (hour, bytes) VALUES (?, ?) "
        "ON CONFLICT (hour) DO UPDATE SET bytes = bytes + excluded.bytes",
        nowMs() / 1000 / kSecondsPerHour, static_cast<std::int64_t>(std::exchange(m_nUnnoted, 0))));
    return m_connection.run("DELETE FROM written WHERE hour < ?",
                            nowMs() / 1000 / kSecondsPerHour - 48);
}

Result<PrefixChanges> SqlitePrefixFile::add(std::uint64_t owner, std::span<const PrefixRow> rows,
                                            std::uint64_t quota) {
    PrefixChanges changes;
    const std::uint64_t beside = 2 * bytesOf(rows) + kSideBytes;
    if (quota <= beside) return changes;
    const auto maxPages = static_cast<std::int64_t>(quota - beside) / kPrefixPageBytes;
    SOTTO_TRY(change([&]() -> Status {
        SOTTO_ASSIGN(const std::int64_t use, m_tree.nextUse());
        std::vector<BlockTree::BlockId> kept;
        for (const PrefixRow& row : rows) {
            SOTTO_ASSIGN(const BlockTree::Block known, m_tree.find(row.chain));
            if (known.id != 0) continue;
            BlockTree::BlockId parent = 0;
            if (row.parent) {
                SOTTO_ASSIGN(const BlockTree::Block before, m_tree.find(*row.parent));
                if (before.id == 0) continue;
                parent = before.id;
                kept.push_back(parent);
                SOTTO_TRY(m_tree.touch(parent, use));
            }
            const auto nPages =
                static_cast<std::int64_t>(row.bytes.size()) / (kPrefixPageBytes - 4) + kPagesBeside;
            SOTTO_ASSIGN(const bool hasRoom, makeRoom(nPages, maxPages, kept, changes));
            if (!hasRoom) break;
            SOTTO_TRY(m_tree.add(owner, row, parent, use));
            changes.added.push_back(row.chain);
        }
        return {};
    }));
    return changes;
}

// False where all that is left is in use.
Result<bool> SqlitePrefixFile::makeRoom(std::int64_t nPages, std::int64_t maxPages,
                                        std::span<const BlockTree::BlockId> kept,
                                        PrefixChanges& changes) {
    while (true) {
        SOTTO_ASSIGN(const std::int64_t nThere, m_connection.queryInteger("PRAGMA page_count"));
        SOTTO_ASSIGN(const std::int64_t nFree, m_connection.queryInteger("PRAGMA freelist_count"));
        if (nThere - nFree + nPages <= maxPages && nThere <= maxPages) return true;
        SOTTO_ASSIGN(const auto oldest, m_tree.oldestLeaf(kept));
        if (!oldest) return false;
        SOTTO_TRY(remove(*oldest, changes));
    }
}

Status SqlitePrefixFile::remove(const BlockTree::Block& block, PrefixChanges& changes) {
    SOTTO_TRY(m_tree.remove(block));
    changes.removed.push_back(block.chain);
    return {};
}

Status SqlitePrefixFile::use(std::uint64_t owner, std::span<const ChainId> chain) {
    return change([&]() -> Status {
        SOTTO_ASSIGN(const std::int64_t use, m_tree.nextUse());
        BlockTree::BlockId last = 0;
        for (const ChainId& id : chain) {
            SOTTO_ASSIGN(const BlockTree::Block block, m_tree.find(id));
            if (block.id == 0) break;
            SOTTO_TRY(m_tree.touch(block.id, use));
            SOTTO_TRY(m_tree.removeEnd(owner, block.id));
            last = block.id;
        }
        return last == 0 ? Status() : m_tree.addEnd(owner, last);
    });
}

Result<PrefixChanges> SqlitePrefixFile::drop(const ChainId& chain) {
    PrefixChanges changes;
    SOTTO_TRY(change([&]() -> Status {
        SOTTO_ASSIGN(const BlockTree::Block first, m_tree.find(chain));
        if (first.id == 0) return {};
        std::vector<BlockTree::Block> gone{first};
        for (std::size_t next = 0; next < gone.size(); ++next) {
            SOTTO_ASSIGN(const auto children, m_tree.children(gone[next].id));
            gone.insert(gone.end(), children.begin(), children.end());
        }
        for (auto block = gone.rbegin(); block != gone.rend(); ++block)
            SOTTO_TRY(remove(*block, changes));
        return {};
    }));
    return changes;
}

Result<PrefixChanges> SqlitePrefixFile::forget(std::uint64_t owner) {
    PrefixChanges changes;
    SOTTO_TRY(change([&] {
        return m_connection.run("DELETE FROM ends WHERE owner = ?",
                                static_cast<std::int64_t>(owner));
    }));
    SOTTO_TRY(removeUnneeded(changes));
    return changes;
}

// A few in a transaction, so that the journal stays small beside a full file.
Status SqlitePrefixFile::removeUnneeded(PrefixChanges& changes) {
    constexpr std::size_t kAtOnce = 2;
    SOTTO_ASSIGN(const std::vector<BlockTree::Block> unneeded, m_tree.unneeded());
    std::span<const BlockTree::Block> rest(unneeded);
    while (!rest.empty()) {
        const auto slice = rest.first(std::min(kAtOnce, rest.size()));
        rest = rest.subspan(slice.size());
        SOTTO_TRY(change([&]() -> Status {
            for (const BlockTree::Block& block : slice) SOTTO_TRY(remove(block, changes));
            return {};
        }));
    }
    return {};
}

Result<PrefixChanges> SqlitePrefixFile::shrink(std::uint64_t quota) {
    constexpr std::int64_t kPagesAtOnce = 64;
    PrefixChanges changes;
    const std::int64_t maxPages =
        quota <= kSideBytes ? 0 : static_cast<std::int64_t>(quota - kSideBytes) / kPrefixPageBytes;
    while (true) {
        SOTTO_ASSIGN(const std::int64_t nThere, m_connection.queryInteger("PRAGMA page_count"));
        SOTTO_ASSIGN(const std::int64_t nFree, m_connection.queryInteger("PRAGMA freelist_count"));
        if (nThere <= maxPages) break;
        if (nFree >= std::min(kPagesAtOnce, nThere - maxPages)) {
            SOTTO_TRY(
                change([&] { return m_connection.execute("PRAGMA incremental_vacuum(64)"); }));
            continue;
        }
        SOTTO_ASSIGN(const auto oldest, m_tree.oldestLeaf({}));
        if (!oldest) break;
        SOTTO_TRY(change([&] { return remove(*oldest, changes); }));
    }
    return changes;
}

}  // namespace

Result<std::unique_ptr<PrefixFile>> PrefixFile::open(const std::filesystem::path& path,
                                                     const std::optional<ChainId>& key) {
    SOTTO_ASSIGN(std::optional<FileLock> lock, FileLock::tryTake(sideFile(path, ".lock")));
    if (!lock)
        return fail(ErrorCode::Locked, "The prefix cache is open in another window of Sotto.",
                    path.string());
    SOTTO_ASSIGN(Connection connection, openPrefixConnection(path));
    auto file = std::make_unique<SqlitePrefixFile>(path, std::move(*lock), std::move(connection));
    SOTTO_TRY(file->begin(key));
    return file;
}

bool PrefixFile::isOurs(const std::filesystem::path& path) {
    constexpr std::size_t kHeaderBytes = 72, kPlaceOfApplication = 68;  // SQLite's file format
    std::array<unsigned char, kHeaderBytes> header{};
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(header.data()), header.size()))
        return file.is_open() && file.gcount() == 0;
    std::int64_t application = 0;
    for (std::size_t index = kPlaceOfApplication; index < kHeaderBytes; ++index)
        application = application * 256 + header[index];
    return application == kPrefixApplicationId;
}

Status PrefixFile::remove(const std::filesystem::path& path) {
    for (const char* suffix : {"-wal", "-shm", "-journal", ""}) {
        const std::filesystem::path file = sideFile(path, suffix);
        std::error_code error;
        std::filesystem::remove(file, error);
        if (error)
            return fail(ErrorCode::Io,
                        fmt::format("{} cannot be deleted ({}).", file.string(), error.message()),
                        file.string());
    }
    return {};
}

}  // namespace sotto::storage
