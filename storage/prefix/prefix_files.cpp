#include "storage/prefix/prefix_files.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "storage/prefix/prefix_schema.h"
#include "storage/sqlite/private_file.h"
#include "storage/sqlite/sqlite_error.h"

namespace sotto::storage {
namespace {

std::uint64_t sizeBeside(std::filesystem::path path, const char* suffix) {
    path += suffix;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

// SQLite takes a file that is shorter than a page for an empty database and writes over it.
Status refuseOtherBytes(const std::filesystem::path& path) {
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    if (sizeBeside(path, "") == 0) return {};
    std::string magic(kMagic.size(), ' ');
    std::ifstream file(path, std::ios::binary);
    // Who may not read it is told so by SQLite.
    if (!file.is_open()) return {};
    file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
    if (magic == kMagic && sizeBeside(path, "") >= 512) return {};
    return fail(ErrorCode::DatabaseDamaged,
                fmt::format("{} is not a prefix cache: it was left as it is; choose another file.",
                            path.string()),
                path.string());
}

}  // namespace

std::uint64_t prefixFilesBytes(const std::filesystem::path& path) {
    return sizeBeside(path, "") + sizeBeside(path, "-wal") + sizeBeside(path, "-shm");
}

std::uint64_t prefixJournalBytes(const std::filesystem::path& path) {
    return sizeBeside(path, "-wal");
}

// Nothing here must survive a power cut, and a damaged file is a new one: no fsync. What is deleted
// is overwritten: it is what somebody said. A block that is read takes its pages once, so that a
// large page cache would only be memory.
Result<Connection> openPrefixConnection(const std::filesystem::path& path) {
    SOTTO_TRY(refuseOtherBytes(path));
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
