// existingFolder(): where a folder that is not there yet would lie; freeBytesAt(): the room there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>

namespace sotto {

// `folder`, or the nearest one above it that is there; "." where a relative path has none.
inline std::filesystem::path existingFolder(std::filesystem::path folder) {
    std::error_code error;
    while (!folder.empty() && !std::filesystem::exists(folder, error)) {
        if (!folder.has_relative_path()) break;  // a root that is not there
        folder = folder.parent_path();
    }
    return folder.empty() ? std::filesystem::path(".") : folder;
}

// What the disk of a folder that may not be there yet has left. Nothing: the system does not tell.
inline std::optional<std::uint64_t> freeBytesAt(const std::filesystem::path& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(existingFolder(folder), error);
    return error ? std::nullopt : std::optional<std::uint64_t>(space.available);
}

}  // namespace sotto
