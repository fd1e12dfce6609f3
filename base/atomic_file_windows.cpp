#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/atomic_file.h"

namespace sotto {
namespace {

constexpr int kNameAttempts = 100;
constexpr std::size_t kMaxWriteBytes = std::size_t{1} << 30;

tl::unexpected<Error> writeFailure(DWORD reason, const std::filesystem::path& target) {
    const std::string name = target.string();
    const std::string text = std::system_category().message(static_cast<int>(reason));
    if (reason == ERROR_DISK_FULL || reason == ERROR_HANDLE_DISK_FULL ||
        reason == ERROR_DISK_QUOTA_EXCEEDED || reason == ERROR_FILE_TOO_LARGE)
        return fail(ErrorCode::DiskFull,
                    "there is no room to write '" + name + "' (" + text +
                        "): free some space or choose another folder",
                    name);
    if (reason == ERROR_PATH_NOT_FOUND || reason == ERROR_FILE_NOT_FOUND)
        return fail(ErrorCode::FileNotFound,
                    "'" + name +
                        "' cannot be written because its folder does not exist: create "
                        "it or choose another",
                    name);
    return fail(ErrorCode::FileUnreadable,
                "'" + name + "' cannot be written (" + text +
                    "): check the folder's permissions or choose another",
                name);
}

HANDLE asHandle(std::intptr_t value) { return reinterpret_cast<HANDLE>(value); }

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& target) {
    if (std::error_code ignored; std::filesystem::is_directory(target, ignored))
        return writeFailure(ERROR_ACCESS_DENIED, target);
    AtomicFile file;
    file.m_target = target;
    for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
        std::filesystem::path temporary = target;
        temporary +=
            "." + std::to_string(::GetCurrentProcessId()) + "-" + std::to_string(attempt) + ".part";
        const HANDLE handle = ::CreateFileW(temporary.c_str(), GENERIC_WRITE, 0, nullptr,
                                            CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
        if (handle != INVALID_HANDLE_VALUE) {
            file.m_handle = reinterpret_cast<std::intptr_t>(handle);
            file.m_temporary = std::move(temporary);
            return file;
        }
        if (::GetLastError() != ERROR_FILE_EXISTS) break;
    }
    return writeFailure(::GetLastError(), target);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : m_target(std::move(other.m_target)),
      m_temporary(std::exchange(other.m_temporary, {})),
      m_handle(std::exchange(other.m_handle, -1)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
    std::swap(m_target, other.m_target);
    std::swap(m_temporary, other.m_temporary);
    std::swap(m_handle, other.m_handle);
    return *this;
}

AtomicFile::~AtomicFile() { discard(); }

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
    // The contents must be on the disk before the name is.
    DWORD reason = ::FlushFileBuffers(asHandle(m_handle)) ? 0 : ::GetLastError();
    if (!::CloseHandle(asHandle(m_handle)) && reason == 0) reason = ::GetLastError();
    m_handle = -1;
    if (reason == 0 && !::MoveFileExW(m_temporary.c_str(), m_target.c_str(),
                                      MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
        reason = ::GetLastError();
    if (reason != 0) {
        discard();
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
