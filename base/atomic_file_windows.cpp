#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/abandoned_files.h"
#include "base/atomic_file.h"

namespace sotto {
namespace {

namespace fs = std::filesystem;

constexpr int kNameAttempts = 100;
constexpr std::size_t kMaxWriteBytes = std::size_t{1} << 30;

tl::unexpected<Error> writeFailure(DWORD reason, const fs::path& target) {
    const std::string name = target.string();
    const std::string text = std::system_category().message(static_cast<int>(reason));
    switch (reason) {
        case ERROR_DISK_FULL:
        case ERROR_HANDLE_DISK_FULL:
        case ERROR_DISK_QUOTA_EXCEEDED:
        case ERROR_FILE_TOO_LARGE:
            return fail(ErrorCode::DiskFull,
                        "there is no room to write '" + name + "' (" + text +
                            "): free some space or choose another folder",
                        name);
        case ERROR_PATH_NOT_FOUND:
        case ERROR_FILE_NOT_FOUND:
            return fail(ErrorCode::FileNotFound,
                        "'" + name +
                            "' cannot be written because its folder does not exist: create it or "
                            "choose another",
                        name);
        case ERROR_ACCESS_DENIED:
        case ERROR_WRITE_PROTECT:
        case ERROR_SHARING_VIOLATION:
            return fail(ErrorCode::ReadOnly,
                        "'" + name + "' may not be written (" + text +
                            "): check the permissions of the file and its folder, or choose "
                            "another",
                        name);
        case ERROR_BROKEN_PIPE:
        case ERROR_NO_DATA:
            return fail(ErrorCode::Io, "nobody reads from '" + name + "' any more", name);
        default:
            return fail(ErrorCode::Io,
                        "'" + name + "' cannot be written (" + text +
                            "): check the disk or choose another folder",
                        name);
    }
}

HANDLE asHandle(std::intptr_t value) { return reinterpret_cast<HANDLE>(value); }

}  // namespace

// NUL, CON, COM1, \\.\pipe\name: what opens but is no file on a disk.
Status AtomicFile::openDirectly() {
    const HANDLE handle =
        ::CreateFileW(m_target.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                      OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle == INVALID_HANDLE_VALUE) {
        // Not there yet; or a file that refuses, which openBeside() tells.
        return {};
    }
    if (const DWORD type = ::GetFileType(handle); type == FILE_TYPE_DISK) {
        ::CloseHandle(handle);
        return {};
    }
    m_handle = reinterpret_cast<std::intptr_t>(handle);
    return {};
}

Status AtomicFile::openBeside(const fs::path& real, bool) {
    if (const DWORD attributes = ::GetFileAttributesW(real.c_str());
        attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_READONLY) != 0)
        return writeFailure(ERROR_ACCESS_DENIED, m_target);
    const std::wstring name = real.filename().wstring().substr(0, kMaxTemporaryBeginning);
    for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
        fs::path temporary =
            real.parent_path() / (name + L"." + std::to_wstring(::GetCurrentProcessId()) + L"-" +
                                  std::to_wstring(attempt) + L".part");
        const HANDLE handle = ::CreateFileW(temporary.c_str(), GENERIC_WRITE, 0, nullptr,
                                            CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
        if (handle != INVALID_HANDLE_VALUE) {
            m_handle = reinterpret_cast<std::intptr_t>(handle);
            m_temporary = std::move(temporary);
            m_real = real;
            return {};
        }
        if (const DWORD reason = ::GetLastError(); reason != ERROR_FILE_EXISTS)
            return writeFailure(reason, m_target);
    }
    return writeFailure(ERROR_FILE_EXISTS, m_target);
}

// One that is being written is open without sharing, and cannot be deleted.
bool removeIfAbandoned(const fs::path& temporary) { return ::DeleteFileW(temporary.c_str()) != 0; }

Status AtomicFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto wanted = static_cast<DWORD>(std::min(bytes.size(), kMaxWriteBytes));
        DWORD written = 0;
        if (!::WriteFile(asHandle(m_handle), bytes.data(), wanted, &written, nullptr))
            return writeFailure(::GetLastError(), m_target);
        bytes = bytes.subspan(written);
    }
    return {};
}

Status AtomicFile::commit() {
    const bool isDirect = m_temporary.empty();
    // The contents must be on the disk before the name is. Devices have nothing to flush.
    DWORD reason = 0;
    if (!::FlushFileBuffers(asHandle(m_handle)) && !isDirect) reason = ::GetLastError();
    if (!::CloseHandle(asHandle(m_handle)) && reason == 0) reason = ::GetLastError();
    m_handle = -1;
    if (reason == 0 && !isDirect) {
        // ReplaceFile hands the older file's rights and attributes on; it needs an older file.
        const bool isReplaced = !m_isNew && ::ReplaceFileW(m_real.c_str(), m_temporary.c_str(),
                                                           nullptr, 0, nullptr, nullptr) != 0;
        if (!isReplaced &&
            !::MoveFileExW(m_temporary.c_str(), m_real.c_str(),
                           (m_isNew ? 0 : MOVEFILE_REPLACE_EXISTING) | MOVEFILE_WRITE_THROUGH))
            reason = ::GetLastError();
    }
    if (reason != 0) {
        discard();
        if (m_isNew && (reason == ERROR_ALREADY_EXISTS || reason == ERROR_FILE_EXISTS))
            return fail(nameIsTaken(m_target));
        return writeFailure(reason, m_target);
    }
    m_temporary.clear();
    return {};
}

void AtomicFile::discard() {
    if (m_handle != -1) ::CloseHandle(asHandle(m_handle));
    m_handle = -1;
    if (!m_temporary.empty()) ::DeleteFileW(m_temporary.c_str());
    m_temporary.clear();
}

}  // namespace sotto
