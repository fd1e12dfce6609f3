#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "net/download/download_disk.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCallBytes = std::size_t{1} << 30;

tl::unexpected<Error> failure(DWORD reason, const fs::path& path) {
    const std::string name = path.string();
    const std::string text = std::system_category().message(static_cast<int>(reason));
    switch (reason) {
        case ERROR_DISK_FULL:
        case ERROR_HANDLE_DISK_FULL:
        case ERROR_FILE_TOO_LARGE:
            return fail(ErrorCode::DiskFull,
                        "There is no room to write '" + name + "' (" + text +
                            "): free some space or choose another folder; what is there is kept.",
                        name);
        case ERROR_SHARING_VIOLATION:
        case ERROR_LOCK_VIOLATION:
            return fail(ErrorCode::Busy,
                        "'" + name +
                            "' is being used by another program already: stop it there "
                            "first.",
                        name);
        case ERROR_ACCESS_DENIED:
        case ERROR_WRITE_PROTECT:
            return fail(ErrorCode::ReadOnly,
                        "'" + name + "' may not be written (" + text +
                            "): check the permissions of its folder, or choose another.",
                        name);
        case ERROR_ALREADY_EXISTS:
        case ERROR_FILE_EXISTS: return fail(takenError(path));
        default:
            return fail(ErrorCode::Io,
                        "'" + name + "' cannot be written (" + text +
                            "): check the disk or choose another folder.",
                        name);
    }
}

OVERLAPPED placeOf(std::uint64_t offset) {
    OVERLAPPED place{};
    place.Offset = static_cast<DWORD>(offset);
    place.OffsetHigh = static_cast<DWORD>(offset >> 32);
    return place;
}

class WindowsPart final : public PartFile {
public:
    WindowsPart(HANDLE handle, fs::path path) : m_handle(handle), m_path(std::move(path)) {}
    WindowsPart(const WindowsPart&) = delete;
    WindowsPart& operator=(const WindowsPart&) = delete;
    ~WindowsPart() override { ::CloseHandle(m_handle); }

    Result<std::uint64_t> size() override {
        LARGE_INTEGER size{};
        if (!::GetFileSizeEx(m_handle, &size)) return failure(::GetLastError(), m_path);
        return static_cast<std::uint64_t>(size.QuadPart);
    }

    Status truncate(std::uint64_t nBytes) override {
        LARGE_INTEGER place{};
        place.QuadPart = static_cast<LONGLONG>(nBytes);
        if (!::SetFilePointerEx(m_handle, place, nullptr, FILE_BEGIN) || !::SetEndOfFile(m_handle))
            return failure(::GetLastError(), m_path);
        m_end = nBytes;
        return {};
    }

    Status append(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            OVERLAPPED place = placeOf(m_end);
            DWORD written = 0;
            const auto wanted = static_cast<DWORD>(std::min(bytes.size(), kMaxCallBytes));
            if (!::WriteFile(m_handle, bytes.data(), wanted, &written, &place))
                return failure(::GetLastError(), m_path);
            m_end += written;
            bytes = bytes.subspan(written);
        }
        return {};
    }

    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> bytes) override {
        std::size_t nRead = 0;
        while (nRead < bytes.size()) {
            OVERLAPPED place = placeOf(offset + nRead);
            DWORD got = 0;
            const auto wanted = static_cast<DWORD>(std::min(bytes.size() - nRead, kMaxCallBytes));
            if (!::ReadFile(m_handle, bytes.data() + nRead, wanted, &got, &place)) {
                if (::GetLastError() == ERROR_HANDLE_EOF) break;
                return failure(::GetLastError(), m_path);
            }
            if (got == 0) break;
            nRead += got;
        }
        return nRead;
    }

    Status sync() override {
        if (!::FlushFileBuffers(m_handle)) return failure(::GetLastError(), m_path);
        return {};
    }

private:
    const HANDLE m_handle;
    const fs::path m_path;
    std::uint64_t m_end = 0;
};

}  // namespace

Result<std::unique_ptr<PartFile>> SystemDisk::openPart(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return failure(static_cast<DWORD>(error.value()), path.parent_path());
    // Renamed while it is open, but written by nobody else.
    const HANDLE handle = ::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE,
                                        FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr, OPEN_ALWAYS,
                                        FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle == INVALID_HANDLE_VALUE) return failure(::GetLastError(), path);
    return std::make_unique<WindowsPart>(handle, path);
}

Result<std::uint64_t> SystemDisk::freeBytes(const fs::path& folder) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error) return failure(static_cast<DWORD>(error.value()), folder);
    return space.available;
}

Status SystemDisk::rename(const fs::path& from, const fs::path& to) {
    if (!::MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_WRITE_THROUGH))
        return failure(::GetLastError(), to);
    return {};
}

}  // namespace sotto::net
