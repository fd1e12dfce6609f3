#include <sys/stat.h>
#include <unistd.h>

#include "app/core/library_copy.h"

namespace sotto::app::detail {

bool isPrivateFolder(const std::filesystem::path& folder) {
    struct stat status {};
    return ::lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid() && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

// The lock is held until all is gone, so that nobody begins to use the folder meanwhile.
void removeCopy(const std::filesystem::path& folder, FileLock lock) {
    static_cast<void>(lock);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

}  // namespace sotto::app::detail
