#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "app/core/file_identity.h"

namespace sotto::app {

std::optional<FileIdentity> identityOf(const std::filesystem::path& path) {
    const HANDLE handle =
        CreateFileW(path.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle == INVALID_HANDLE_VALUE) return std::nullopt;
    BY_HANDLE_FILE_INFORMATION found{};
    const bool isFile = GetFileInformationByHandle(handle, &found) != 0 &&
                        (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
    CloseHandle(handle);
    if (!isFile) return std::nullopt;
    const auto joined = [](DWORD high, DWORD low) { return (std::uint64_t{high} << 32) | low; };
    return FileIdentity{
        .disk = found.dwVolumeSerialNumber,
        .file = joined(found.nFileIndexHigh, found.nFileIndexLow),
        .nBytes = joined(found.nFileSizeHigh, found.nFileSizeLow),
        // In steps of 100 ns.
        .modifiedAtNs = static_cast<std::int64_t>(joined(found.ftLastWriteTime.dwHighDateTime,
                                                         found.ftLastWriteTime.dwLowDateTime)) *
                        100};
}

}  // namespace sotto::app
