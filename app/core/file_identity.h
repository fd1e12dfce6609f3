// Which file a name leads to, and whether its content may be another than it was: for what is
// remembered of files by their content. Asks the disk; any thread.
//
// POSIX in file_identity_posix.cpp (stat), its Windows twin in file_identity_windows.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace sotto::app {

struct FileIdentity {
    std::uint64_t disk = 0;
    std::uint64_t file = 0;  // on that disk: the same for all names of one file (hard links)
    std::uint64_t nBytes = 0;
    std::int64_t modifiedAtNs = 0;  // since the system's own epoch

    bool operator==(const FileIdentity&) const = default;
};

// Links are followed. Nothing where there is no file.
std::optional<FileIdentity> identityOf(const std::filesystem::path& path);

}  // namespace sotto::app
