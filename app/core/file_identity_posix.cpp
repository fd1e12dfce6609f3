#include <sys/stat.h>

#include "app/core/file_identity.h"

namespace sotto::app {

std::optional<FileIdentity> identityOf(const std::filesystem::path& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
#ifdef __APPLE__
    const timespec& time = found.st_mtimespec;
#else
    const timespec& time = found.st_mtim;
#endif
    return FileIdentity{.disk = static_cast<std::uint64_t>(found.st_dev),
                        .file = static_cast<std::uint64_t>(found.st_ino),
                        .nBytes = static_cast<std::uint64_t>(found.st_size),
                        .modifiedAtNs = std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec};
}

}  // namespace sotto::app
