// DownloadDisk: the files of a download, behind a seam that tests fail at.
//
// SystemDisk is the real one: POSIX in system_disk_posix.cpp, its Windows twin in
// system_disk_windows.cpp. A part is held by one program at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"

namespace sotto::net {

// A file that grows at its end. One thread. Errors of all: DiskFull, ReadOnly, Io.
class PartFile {
public:
    virtual ~PartFile() = default;
    virtual Result<std::uint64_t> size() = 0;
    // Cuts it; the next append() goes there.
    virtual Status truncate(std::uint64_t nBytes) = 0;
    // All of them or an error; how much of them is there then is not known.
    virtual Status append(std::span<const std::byte> bytes) = 0;
    // From `offset`; fewer than asked for only at its end.
    virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> bytes) = 0;
    virtual Status sync() = 0;
};

class DownloadDisk {
public:
    virtual ~DownloadDisk() = default;
    // Makes the file, and its folder, where they are not there. Errors: Busy (another program
    // downloads into it), ReadOnly, DiskFull, Io.
    virtual Result<std::unique_ptr<PartFile>> openPart(const std::filesystem::path& path) = 0;
    virtual Result<std::uint64_t> freeBytes(const std::filesystem::path& folder) = 0;
    // Within one folder, replacing nothing, and synced. Errors: InvalidArgument (`to` is there),
    // ReadOnly, Io.
    virtual Status rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
};

class SystemDisk final : public DownloadDisk {
public:
    Result<std::unique_ptr<PartFile>> openPart(const std::filesystem::path& path) override;
    Result<std::uint64_t> freeBytes(const std::filesystem::path& folder) override;
    Status rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
};

}  // namespace sotto::net
