#include "storage/api/ledger_writer.h"

#include <sqlite3.h>

#include <system_error>
#include <utility>

#include "storage/ledger_table.h"
#include "storage/schema/library_schema.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/owner_lock.h"

namespace sotto::storage {
namespace {

bool isFilled(const std::filesystem::path& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    return !error && size > 0;
}

}  // namespace

LedgerWriter::LedgerWriter(std::filesystem::path library) : m_library(std::move(library)) {}
LedgerWriter::~LedgerWriter() = default;

Result<std::vector<std::int64_t>> LedgerWriter::write(std::span<const LedgerRecord> records,
                                                      int busyTimeoutMs) {
    if (!isFilled(m_library))
        return fail(ErrorCode::NotFound, "There is no library at '" + m_library.string() + "'.",
                    m_library.string());
    std::filesystem::path journal = m_library;
    journal += "-wal";
    // One that is there belongs to a window, or was left by a kill, which the next start must see.
    const bool hadJournal = isFilled(journal);
    SOTTO_ASSIGN(Connection connection, Connection::open({.path = m_library,
                                                          .mode = OpenMode::ReadWrite,
                                                          .busyTimeoutMs = busyTimeoutMs}));
    sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, hadJournal ? 1 : 0,
                      nullptr);
    const std::span<const Migration> migrations = libraryMigrations();
    SOTTO_ASSIGN(const int version, checkVersion(connection, {kLibraryApplicationId, migrations}));
    if (version != migrations.back().version)
        return fail(ErrorCode::InvalidArgument,
                    "The library at '" + m_library.string() +
                        "' is of an older Sotto: start Sotto once, which brings it up to date.",
                    m_library.string());
    // Before anybody can find an open entry of this program.
    if (m_lock == nullptr) {
        m_lock = std::make_unique<OwnerLock>(OwnerLock::take(ledgerWritersPath(m_library)));
        m_lock->share();
    }
    return LedgerTable(connection).write(records);
}

}  // namespace sotto::storage
