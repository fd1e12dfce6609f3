// Kinds of database files, and the way of each from an empty file to its present schema.
//
// A kind is an application_id and a list of steps; the library of chats is one
// (storage/schema/library_schema.h), and other files of Sotto are others. A file of another kind or
// of another program is refused untouched. A released step is never changed; a new one is added.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "storage/sqlite/connection.h"

namespace sotto::storage {

struct Migration {
    int version = 0;  // what user_version becomes
    std::string_view name;
    std::string_view sql;
};

struct FileKind {
    std::int64_t applicationId = 0;         // written into every file; 32 bits, not 0
    std::span<const Migration> migrations;  // ascending, at least one
};

// Errors: NewerVersion (user_version above the last migration), DatabaseDamaged (a database of
// another program or another kind). Changes nothing. Returns the file's version, 0 for an empty
// one.
Result<int> checkVersion(Connection& connection, const FileKind& kind);

struct MigrationReport {
    int fromVersion = 0;           // 0: the file was empty
    std::filesystem::path backup;  // empty: none was needed
};

// Brings the file to the last version in one transaction: it is wholly old or wholly new. A file
// that holds data is copied to `backupFolder` before (empty: no backup, for databases in memory).
// With foreign keys off and checked at the end, so that tables can be rebuilt. Another process may
// do the same at this moment: which steps are left is decided inside the transaction.
// Errors: those of checkVersion, of the backup (nothing was changed then) and of the steps.
Result<MigrationReport> migrate(Connection& connection, const FileKind& kind,
                                const std::filesystem::path& backupFolder);

// A page by page copy of an open database into a new file, synced and renamed when whole.
Status backupDatabase(Connection& source, const std::filesystem::path& target);

}  // namespace sotto::storage
