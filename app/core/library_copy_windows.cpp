#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "app/core/library_copy.h"

namespace sotto::app::detail {

// %TEMP% is the user's own, and what is made in it inherits that.
bool isPrivateFolder(const std::filesystem::path& folder) {
    const DWORD attributes = ::GetFileAttributesW(folder.c_str());
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 &&
           (attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0;
}

// A file that is open cannot be removed there. Nobody takes a folder that was given up: each copy
// makes its own.
void removeCopy(const std::filesystem::path& folder, FileLock lock) {
    { const FileLock released = std::move(lock); }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

}  // namespace sotto::app::detail
