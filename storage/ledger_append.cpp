#include "storage/api/ledger_append.h"

#include <sqlite3.h>

#include <system_error>

#include "storage/ledger_table.h"
#include "storage/schema/library_schema.h"
#include "storage/sqlite/migrations.h"

namespace sotto::storage {
namespace {

bool isFilled(const std::filesystem::path& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    return !error && size > 0;
}

}  // namespace

Status appendToLedger(const std::filesystem::path& library, std::span<const LedgerRecord> records,
                      int busyTimeoutMs) {
    if (!isFilled(library))
        return fail(ErrorCode::NotFound, "There is no library at '" + library.string() + "'.",
                    library.string());
    std::filesystem::path journal = library;
    journal += "-wal";
    // One that is there belongs to a window, or was left by a kill, which the next start must see.
    const bool hadJournal = isFilled(journal);
    SOTTO_ASSIGN(Connection connection, Connection::open({.path = library,
                                                          .mode = OpenMode::ReadWrite,
                                                          .busyTimeoutMs = busyTimeoutMs}));
    sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, hadJournal ? 1 : 0,
                      nullptr);
    const std::span<const Migration> migrations = libraryMigrations();
    SOTTO_ASSIGN(const int version, checkVersion(connection, {kLibraryApplicationId, migrations}));
    if (version != migrations.back().version)
        return fail(ErrorCode::InvalidArgument,
                    "The library at '" + library.string() +
                        "' is of an older Sotto: start Sotto once, which brings it up to date.",
                    library.string());
    return LedgerTable(connection).append(records);
}

}  // namespace sotto::storage
