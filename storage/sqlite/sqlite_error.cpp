#include "storage/sqlite/sqlite_error.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace sotto::storage {
namespace {

bool isNoSpace(int systemError) {
#ifdef EDQUOT
    if (systemError == EDQUOT) return true;
#endif
    // EFBIG: a limit on the size of files (ulimit -f, or FAT's 4 GiB), which is the same to people.
    return systemError == ENOSPC || systemError == EFBIG;
}

// The system's error behind a failed read or write. sqlite3_system_errno often holds a later one;
// each file remembers its own.
int systemErrorOf(sqlite3* handle) {
    for (const int whichFile : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
        sqlite3_file* file = nullptr;
        int lastError = 0;
        if (sqlite3_file_control(handle, "main", whichFile, &file) != SQLITE_OK) continue;
        if (!file || !file->pMethods) continue;
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &lastError);
        if (isNoSpace(lastError)) return lastError;
    }
    return sqlite3_system_errno(handle);
}

bool hasFolder(std::string_view file) {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    return folder.empty() || std::filesystem::is_directory(folder, error);
}

ErrorCode codeOf(int resultCode, int systemError, std::string_view file) {
    switch (resultCode & 0xff) {
        case SQLITE_FULL: return ErrorCode::DiskFull;
        case SQLITE_READONLY:
        case SQLITE_PERM: return ErrorCode::ReadOnly;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return ErrorCode::Locked;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return ErrorCode::DatabaseDamaged;
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG: return ErrorCode::InvalidArgument;
        case SQLITE_IOERR: return isNoSpace(systemError) ? ErrorCode::DiskFull : ErrorCode::Io;
        case SQLITE_CANTOPEN:
            // A file that may not be created is opened for reading next, which then finds none: in
            // a folder that is there, ENOENT means that it cannot be written.
            if (systemError == ENOENT || systemError == ENOTDIR) {
                return hasFolder(file) ? ErrorCode::ReadOnly : ErrorCode::NotFound;
            }
            if (systemError == EACCES || systemError == EROFS || systemError == EPERM) {
                return ErrorCode::ReadOnly;
            }
            return isNoSpace(systemError) ? ErrorCode::DiskFull : ErrorCode::Io;
        default: return ErrorCode::Internal;
    }
}

std::string sentenceOf(ErrorCode code, std::string_view file, std::string_view detail) {
    switch (code) {
        case ErrorCode::DiskFull:
            return fmt::format(
                "The disk that holds {} is full: free some space; what was saved before is whole.",
                file);
        case ErrorCode::ReadOnly:
            return fmt::format(
                "{} or its folder cannot be written: allow writing there or choose another folder "
                "with SOTTO_HOME.",
                file);
        case ErrorCode::Locked:
            return fmt::format("{} is in use by another program: close that program and try again.",
                               file);
        case ErrorCode::DatabaseDamaged:
            return fmt::format(
                "{} is damaged or not a Sotto database ({}): it was left as it is; set it aside or "
                "bring back a backup.",
                file, detail);
        case ErrorCode::NotFound:
            return fmt::format("The folder of {} does not exist: create it or choose another.",
                               file);
        case ErrorCode::InvalidArgument:
            return fmt::format("The change breaks a rule of the database ({}).", detail);
        case ErrorCode::Io:
            return fmt::format("Reading or writing {} failed ({}): check the disk and try again.",
                               file, detail);
        default: return fmt::format("The database {} reports: {}.", file, detail);
    }
}

}  // namespace

Error sqliteError(sqlite3* handle, int resultCode, std::string_view file) {
    int systemError = handle ? sqlite3_system_errno(handle) : 0;
    if (handle && (resultCode & 0xff) == SQLITE_IOERR) systemError = systemErrorOf(handle);
    const ErrorCode code = codeOf(resultCode, systemError, file);
    const std::string detail = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(resultCode);
    return Error{code, sentenceOf(code, file, detail), fmt::format("{}: {}", file, detail)};
}

}  // namespace sotto::storage
