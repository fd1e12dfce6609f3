#include "storage/open_library.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <string>
#include <system_error>
#include <vector>

#include "storage/answer_writer.h"
#include "storage/index_move.h"
#include "storage/ledger_table.h"
#include "storage/sqlite/database_file.h"
#include "storage/sqlite/file_time.h"
#include "storage/sqlite/private_file.h"
#include "storage/sqlite/sqlite_error.h"

namespace sotto::storage {
namespace {

constexpr const char* kMemoryPath = ":memory:";

// What is not ours must stay.
Status refuseForeignBytes(const std::filesystem::path& path) {
    if (!holdsForeignBytes(path)) return {};
    return fail(ErrorCode::DatabaseDamaged,
                fmt::format("{} is not a database: it was left as it is; set it aside or bring "
                            "back a backup.",
                            path.string()),
                path.string());
}

// Closing the last connection would copy the WAL into the file; a file that is refused must stay
// byte for byte what it was.
void setCheckpointOnClose(Connection& connection, bool isOn) {
    sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isOn ? 0 : 1, nullptr);
}

// The library, what SQLite keeps beside it, and copies made before migrations, which an older
// program or a copying person may have left readable for everyone.
void makeLibraryPrivate(const std::filesystem::path& path) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock"}) {
        makePrivate(sideFile(path, suffix));
    }
    const std::string backups = path.stem().string() + ".backup-v";
    std::error_code error;
    std::filesystem::directory_iterator entry(path.parent_path(), error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        if (entry->path().filename().string().starts_with(backups)) makePrivate(entry->path());
    }
}

// WAL: readers never wait for the writer, and a commit is one append. The journal file is kept
// below 16 MiB after a checkpoint; a long answer alone stays far below that.
Status configure(Connection& connection, bool isInMemory) {
    SOTTO_ASSIGN(Statement mode, connection.prepare("PRAGMA journal_mode=WAL"));
    SOTTO_ASSIGN(const bool hasRow, mode.step());
    if (!isInMemory && (!hasRow || mode.text(0) != "wal")) {
        return fail(ErrorCode::Io,
                    fmt::format("The file system of {} does not support the journal that Sotto "
                                "needs: choose another folder with SOTTO_HOME.",
                                connection.file()),
                    connection.file());
    }
    SOTTO_TRY(mode.run());
    return connection.execute(
        "PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY");
}

Status refuseReadOnly(Connection& connection) {
    if (!connection.isReadOnly()) return {};
    return fail(sqliteError(nullptr, SQLITE_READONLY, connection.file()));
}

// What a kill left open in the ledger. A command line at work beside this program has its own
// there.
void settleLedger(Connection& connection, const std::filesystem::path& path) {
    if (!hasOpenLedgerRows(connection).value_or(false)) return;
    // Held until it is written: who begins meanwhile waits for it.
    const OwnerLock lock = OwnerLock::take(ledgerWritersPath(path));
    if (!lock.isSole()) return;
    // A failure (a full disk) keeps nothing shut: the next start does it.
    static_cast<void>(loseOpenLedgerRows(connection));
}

}  // namespace

Result<OpenedLibrary> openLibrary(const StorageOptions& options,
                                  std::span<const Migration> migrations) {
    const bool isInMemory = options.path == kMemoryPath;
    const FileKind kind{kLibraryApplicationId, migrations};
    OpenReport report;
    report.isNew = isInMemory || fileBytes(options.path) == 0;
    // The last one to close a database removes its WAL; one that is there was left by a kill, or
    // belongs to another process that is running.
    const bool hasWal = !isInMemory && fileBytes(sideFile(options.path, "-wal")) > 0;

    if (!isInMemory) SOTTO_TRY(refuseForeignBytes(options.path));
    if (report.isNew && !isInMemory) createPrivateFile(options.path);
    SOTTO_ASSIGN(Connection connection, Connection::open({.path = options.path,
                                                          .mode = OpenMode::ReadWriteCreate,
                                                          .busyTimeoutMs = options.busyTimeoutMs,
                                                          .vfs = options.vfs}));
    setCheckpointOnClose(connection, false);
    SOTTO_TRY(refuseReadOnly(connection));
    SOTTO_TRY(checkVersion(connection, kind).map([](int) {}));
    // Waits here while another process, which started a moment before, makes or migrates the file.
    OwnerLock lock = isInMemory ? OwnerLock() : OwnerLock::take(options.path);
    report.wasUncleanClose = hasWal && lock.isSole();
    if (!isInMemory) makeLibraryPrivate(options.path);
    SOTTO_TRY(configure(connection, isInMemory));
    SOTTO_ASSIGN(MigrationReport migration,
                 migrate(connection, kind,
                         isInMemory ? std::filesystem::path() : options.path.parent_path()));
    // What is empty is born with the present index only.
    if (report.isNew) {
        IndexMove move(connection);
        while (move.next().value_or(false)) continue;
    }
    const int version = migration.fromVersion;
    if (version > 0 && version != migrations.back().version) report.migratedFrom = version;
    report.backup = std::move(migration.backup);
    // A failure here (a full disk) does not keep the library shut: reading puts such answers
    // together as well.
    if (lock.isSole()) report.recoveredAnswers = recoverAnswers(connection);
    if (lock.isSole() && !isInMemory) settleLedger(connection, options.path);
    lock.share();
    setCheckpointOnClose(connection, true);
    return OpenedLibrary{std::move(connection), std::move(lock), std::move(report)};
}

std::int64_t libraryBytes(const std::filesystem::path& path) {
    if (path == kMemoryPath) return 0;
    return static_cast<std::int64_t>(fileBytes(path) + fileBytes(sideFile(path, "-wal")));
}

StorageOptions StorageOptions::inMemory() {
    StorageOptions options;
    options.path = kMemoryPath;
    return options;
}

Result<std::filesystem::path> setDatabaseAside(const std::filesystem::path& path) {
    const std::string stem = ".damaged-" + fileTimestamp();
    std::filesystem::path target = path;
    target += stem;
    std::error_code ignored;
    for (int copy = 2; std::filesystem::exists(target, ignored); ++copy) {
        target = path;
        target += fmt::format("{}-{}", stem, copy);
    }
    // The side files belong to this database: a new one must not find them.
    std::vector<const char*> moved;
    for (const char* suffix : {"-wal", "-shm", "-journal", ""}) {
        const std::filesystem::path from = sideFile(path, suffix);
        std::error_code error;
        if (!std::filesystem::exists(from, error)) continue;
        makePrivate(from);
        std::filesystem::rename(from, sideFile(target, suffix), error);
        if (!error) {
            moved.push_back(suffix);
            continue;
        }
        // All or none: without its journal a database lacks its last changes.
        for (const char* back : moved)
            std::filesystem::rename(sideFile(target, back), sideFile(path, back), ignored);
        return fail(ErrorCode::Io,
                    fmt::format("{} cannot be set aside ({}): nothing was deleted.", from.string(),
                                error.message()),
                    from.string());
    }
    return target;
}

}  // namespace sotto::storage
