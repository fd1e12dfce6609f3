#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/file_lock.h"

namespace sotto {
namespace {

tl::unexpected<Error> lockFailure(int reason, const std::filesystem::path& path) {
    ErrorCode code = ErrorCode::Io;
    if (reason == ENOENT || reason == ENOTDIR) code = ErrorCode::FileNotFound;
    if (reason == EACCES || reason == EPERM || reason == EROFS) code = ErrorCode::ReadOnly;
    if (reason == ENOSPC || reason == EDQUOT) code = ErrorCode::DiskFull;
    if (reason == ENOLCK || reason == ENOTSUP) code = ErrorCode::Unsupported;
    return fail(code,
                "'" + path.string() + "' cannot be locked (" +
                    std::generic_category().message(reason) +
                    "): check the permissions of its folder",
                path.string());
}

}  // namespace

Result<std::optional<FileLock>> FileLock::tryTake(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return lockFailure(errno, path);
    FileLock lock(descriptor);
    // Of the open file, not of the process: two of one process exclude each other as well, and
    // closing another descriptor of the file does not give it up, as it would with fcntl().
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return std::nullopt;
        if (errno != EINTR) return lockFailure(errno, path);
    }
    const std::string number = std::to_string(::getpid()) + "\n";
    // For sentences only: a full disk keeps nobody from starting.
    if (::ftruncate(descriptor, 0) == 0) {
        [[maybe_unused]] const ssize_t written =
            ::pwrite(descriptor, number.data(), number.size(), 0);
    }
    return lock;
}

FileLock::~FileLock() {
    if (m_handle >= 0) ::close(static_cast<int>(m_handle));
}

}  // namespace sotto
