#include "storage/prefix/prefix_files.h"

#include <fmt/format.h>
#include <string>

#include "storage/prefix/prefix_schema.h"
#include "storage/sqlite/database_file.h"
#include "storage/sqlite/private_file.h"

namespace sotto::storage {

std::uint64_t prefixFilesBytes(const std::filesystem::path& path) {
    return fileBytes(path) + prefixJournalBytes(path) + fileBytes(sideFile(path, "-shm"));
}

std::uint64_t prefixJournalBytes(const std::filesystem::path& path) {
    return fileBytes(sideFile(path, "-wal"));
}

// Nothing here must survive a power cut, and a damaged file is a new one: no fsync. What is deleted
// is overwritten: it is what somebody said. A block that is read takes its pages once, so that a
// large page cache would only be memory.
Result<Connection> openPrefixConnection(const std::filesystem::path& path) {
    if (holdsForeignBytes(path))
        return fail(
            ErrorCode::DatabaseDamaged,
            fmt::format("{} is not a prefix cache: it was left as it is; choose another file.",
                        path.string()),
            path.string());
    createPrivateFile(path);
    SOTTO_ASSIGN(Connection connection, Connection::open({.path = path, .busyTimeoutMs = 1000}));
    const FileKind kind{kPrefixApplicationId, prefixMigrations()};
    SOTTO_TRY(checkVersion(connection, kind).map([](int) {}));
    makePrivate(path);
    const std::string settings = fmt::format(
        "PRAGMA page_size={}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; "
        "PRAGMA synchronous=OFF; PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0; "
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192",
        kPrefixPageBytes);
    SOTTO_TRY(connection.execute(settings.c_str()));
    SOTTO_TRY(migrate(connection, kind, {}).map([](const MigrationReport&) {}));
    return connection;
}

}  // namespace sotto::storage
