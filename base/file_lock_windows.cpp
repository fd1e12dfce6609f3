#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <system_error>

#include "base/file_lock.h"

namespace sotto {

Result<std::optional<FileLock>> FileLock::tryTake(const std::filesystem::path& path) {
    // Nobody else may write to it meanwhile; reading the number is allowed.
    const HANDLE handle = ::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ,
                                        nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle == INVALID_HANDLE_VALUE) {
        const DWORD reason = ::GetLastError();
        if (reason == ERROR_SHARING_VIOLATION || reason == ERROR_LOCK_VIOLATION)
            return std::nullopt;
        const ErrorCode code = reason == ERROR_PATH_NOT_FOUND  ? ErrorCode::FileNotFound
                               : reason == ERROR_ACCESS_DENIED ? ErrorCode::ReadOnly
                               : reason == ERROR_DISK_FULL     ? ErrorCode::DiskFull
                                                               : ErrorCode::Io;
        return fail(code,
                    "'" + path.string() + "' cannot be locked (" +
                        std::system_category().message(static_cast<int>(reason)) +
                        "): check the permissions of its folder",
                    path.string());
    }
    const std::string number = std::to_string(::GetCurrentProcessId()) + "\r\n";
    DWORD written = 0;
    ::SetEndOfFile(handle);  // opened at its beginning: empties it
    ::WriteFile(handle, number.data(), static_cast<DWORD>(number.size()), &written, nullptr);
    return FileLock(reinterpret_cast<std::intptr_t>(handle));
}

FileLock::~FileLock() {
    if (m_handle != -1) ::CloseHandle(reinterpret_cast<HANDLE>(m_handle));
}

}  // namespace sotto
