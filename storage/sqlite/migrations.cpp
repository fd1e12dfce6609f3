#include "storage/sqlite/migrations.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <memory>
#include <string>
#include <system_error>

#include "storage/sqlite/file_time.h"
#include "storage/sqlite/private_file.h"
#include "storage/sqlite/sqlite_error.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

struct BackupCloser {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

Status copyPages(Connection& source, Connection& target) {
    std::unique_ptr<sqlite3_backup, BackupCloser> backup(
        sqlite3_backup_init(target.handle(), "main", source.handle(), "main"));
    if (!backup) return fail(target.error(sqlite3_errcode(target.handle())));
    const int resultCode = sqlite3_backup_step(backup.get(), -1);
    if (resultCode != SQLITE_DONE) return fail(target.error(resultCode));
    return {};
}

Status runSteps(Connection& connection, const FileKind& kind) {
    SOTTO_ASSIGN(const int fromVersion, checkVersion(connection, kind));
    if (fromVersion == kind.migrations.back().version) return {};
    for (const Migration& migration : kind.migrations) {
        if (migration.version <= fromVersion) continue;
        const std::string sql(migration.sql);
        Status status = connection.execute(sql.c_str());
        if (!status) {
            status.error().context += fmt::format(" (migration {})", migration.name);
            return status;
        }
        SOTTO_TRY(
            connection.execute(fmt::format("PRAGMA user_version={}", migration.version).c_str()));
    }
    SOTTO_TRY(
        connection.execute(fmt::format("PRAGMA application_id={}", kind.applicationId).c_str()));
    SOTTO_ASSIGN(Statement check, connection.prepare("PRAGMA foreign_key_check"));
    SOTTO_ASSIGN(const bool hasViolation, check.step());
    if (hasViolation) {
        return fail(ErrorCode::Internal,
                    fmt::format("Bringing {} to the new version would break its references: it was "
                                "left as it is; please report this.",
                                connection.file()),
                    check.text(0));
    }
    return {};
}

}  // namespace

Result<int> checkVersion(Connection& connection, const FileKind& kind) {
    SOTTO_ASSIGN(const std::int64_t version, connection.queryInteger("PRAGMA user_version"));
    SOTTO_ASSIGN(const std::int64_t application, connection.queryInteger("PRAGMA application_id"));
    SOTTO_ASSIGN(const std::int64_t nObjects,
                 connection.queryInteger("SELECT count(*) FROM sqlite_schema"));
    if (nObjects == 0 && version == 0) return 0;
    if (application != kind.applicationId || version < 1) {
        return fail(ErrorCode::DatabaseDamaged,
                    fmt::format("{} is a database of another program: it was left as it is; choose "
                                "another folder with SOTTO_HOME.",
                                connection.file()),
                    connection.file());
    }
    const int newest = kind.migrations.back().version;
    if (version > newest) {
        return fail(ErrorCode::NewerVersion,
                    fmt::format("{} was written by a newer Sotto (version {}, this one knows {}): "
                                "it was left as it is; start the newer Sotto.",
                                connection.file(), version, newest),
                    connection.file());
    }
    return static_cast<int>(version);
}

Status backupDatabase(Connection& source, const std::filesystem::path& target) {
    std::filesystem::path partial = target;
    partial += ".part";
    std::error_code ignored;
    Status status = [&]() -> Status {
        createPrivateFile(partial);
        SOTTO_ASSIGN(Connection copy, Connection::open({.path = partial}));
        SOTTO_TRY(copyPages(source, copy));
        // Out of WAL mode: the copy then is one file, and this commit syncs it.
        return copy.execute("PRAGMA journal_mode=DELETE");
    }();
    if (status) {
        std::error_code renameError;
        std::filesystem::rename(partial, target, renameError);
        if (!renameError) return {};
        status = fail(ErrorCode::Io,
                      fmt::format("The backup {} cannot be put in its place ({}).", target.string(),
                                  renameError.message()),
                      target.string());
    }
    std::filesystem::remove(partial, ignored);
    return status;
}

Result<MigrationReport> migrate(Connection& connection, const FileKind& kind,
                                const std::filesystem::path& backupFolder) {
    SOTTO_ASSIGN(const int fromVersion, checkVersion(connection, kind));
    MigrationReport report{.fromVersion = fromVersion, .backup = {}};
    if (fromVersion == kind.migrations.back().version) return report;
    if (fromVersion > 0 && !backupFolder.empty()) {
        const std::filesystem::path file(connection.file());
        report.backup = backupFolder / fmt::format("{}.backup-v{}-{}.db", file.stem().string(),
                                                   fromVersion, fileTimestamp());
        SOTTO_TRY(backupDatabase(connection, report.backup));
    }
    SOTTO_TRY(connection.execute("PRAGMA foreign_keys=OFF"));
    Status status =
        inTransaction(connection, Durability::Synced, [&] { return runSteps(connection, kind); });
    SOTTO_TRY(connection.execute("PRAGMA foreign_keys=ON"));
    if (!status) return fail(std::move(status.error()));
    return report;
}

}  // namespace sotto::storage
