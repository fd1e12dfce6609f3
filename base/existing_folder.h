// existingFolder(): where a folder that is not there yet would lie, to ask its disk for room.
#pragma once

#include <filesystem>
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

}  // namespace sotto
