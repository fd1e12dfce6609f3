#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/sqlite/private_file.h"

namespace sotto::storage {

void createPrivateFile(const std::filesystem::path& path) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
}

void makePrivate(const std::filesystem::path& path) {
    // Not O_RDWR: it need not be writable. Not a device or pipe: opening those may do something.
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    if ((status.st_mode & 0077u) == 0) return;
    const int file = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return;
    // A file of another account stays as it is: this fails then.
    static_cast<void>(fchmod(file, status.st_mode & 0700u));
    close(file);
}

}  // namespace sotto::storage
