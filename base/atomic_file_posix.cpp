#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "base/abandoned_files.h"
#include "base/atomic_file.h"

namespace sotto {
namespace {

namespace fs = std::filesystem;

// Several writers of one target, or leftovers of killed ones, each keep their own name.
constexpr int kNameAttempts = 100;
// Linux writes at most 2^31 - 4096 bytes at once.
constexpr std::size_t kMaxWriteBytes = std::size_t{1} << 30;

tl::unexpected<Error> writeFailure(int reason, const fs::path& target) {
    const std::string name = target.string();
    const std::string text = std::generic_category().message(reason);
    switch (reason) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return fail(ErrorCode::DiskFull,
                        "there is no room to write '" + name + "' (" + text +
                            "): free some space or choose another folder",
                        name);
        case ENOENT:
        case ENOTDIR:
            return fail(ErrorCode::FileNotFound,
                        "'" + name +
                            "' cannot be written because its folder does not exist: create it or "
                            "choose another",
                        name);
        case EACCES:
        case EPERM:
        case EROFS:
            return fail(ErrorCode::ReadOnly,
                        "'" + name + "' may not be written (" + text +
                            "): check the permissions of the file and its folder, or choose "
                            "another",
                        name);
        case EINTR:
            return fail(ErrorCode::Cancelled, "writing to '" + name + "' was interrupted", name);
        case EPIPE: return fail(ErrorCode::Io, "nobody reads from '" + name + "' any more", name);
        default:
            return fail(ErrorCode::Io,
                        "'" + name + "' cannot be written (" + text +
                            "): check the disk or choose another folder",
                        name);
    }
}

// The number of one of this program's own open files: /dev/stdout, /dev/fd/3, /proc/self/fd/3. On
// Linux these are links whose text may lead to a regular file, which must go on where it stands
// (`>>`, or lines printed before) and not be replaced.
std::optional<int> ownDescriptor(const fs::path& target) {
    std::error_code error;
    const fs::path own = fs::canonical("/proc/self/fd", error);
    if (error) return std::nullopt;
    fs::path path = target;
    // /dev/stdout is a link to /proc/self/fd/1; more links before it are somebody's own.
    for (int nLinks = 0; nLinks < 8; ++nLinks) {
        const std::string name = path.filename().string();
        if (fs::canonical(path.parent_path(), error) == own && !error) {
            int number = -1;
            const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
            const bool isNumber =
                parsed.ec == std::errc() && parsed.ptr == name.data() + name.size();
            return isNumber ? std::optional(number) : std::nullopt;
        }
        const fs::path next = fs::read_symlink(path, error);
        if (error) return std::nullopt;
        path = next.is_absolute() ? next : path.parent_path() / next;
    }
    return std::nullopt;
}

// A descriptor, or -1 with errno set.
int connectTo(const fs::path& socketPath) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& name = socketPath.native();
    if (name.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    std::memcpy(address.sun_path, name.c_str(), name.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor < 0) return -1;
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return descriptor;
    const int reason = errno;
    ::close(descriptor);
    errno = reason;
    return -1;
}

// Where it is to be new, only while nothing has that name. False: errno says why.
bool moveFile(const fs::path& from, const fs::path& to, bool isNew) {
    if (!isNew) return ::rename(from.c_str(), to.c_str()) == 0;
#ifdef RENAME_NOREPLACE
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
#endif
    // File systems without such a rename leave a moment between the look and the deed.
    struct stat there {};
    if (::lstat(to.c_str(), &there) == 0) {
        errno = EEXIST;
        return false;
    }
    return ::rename(from.c_str(), to.c_str()) == 0;
}

}  // namespace

Status AtomicFile::openDirectly() {
    int descriptor = -1;
    struct stat status {};
    if (const std::optional<int> own = ownDescriptor(m_target)) {
        descriptor = ::fcntl(*own, F_DUPFD_CLOEXEC, 0);
    } else if (::stat(m_target.c_str(), &status) != 0 || S_ISREG(status.st_mode)) {
        return {};
    } else if (S_ISSOCK(status.st_mode)) {
        descriptor = connectTo(m_target);
    } else {
        descriptor = ::open(m_target.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    }
    if (descriptor < 0) return writeFailure(errno, m_target);
    m_handle = descriptor;
    return {};
}

Status AtomicFile::openBeside(const fs::path& real, bool isPrivate) {
    struct stat older {};
    const bool isReplacing = ::stat(real.c_str(), &older) == 0;
    // The rename would not ask for the right to write the file itself.
    if (isReplacing && ::faccessat(AT_FDCWD, real.c_str(), W_OK, AT_EACCESS) != 0)
        return writeFailure(errno, m_target);
    const std::string name = real.filename().string().substr(0, kMaxTemporaryBeginning);
    for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
        fs::path temporary = real.parent_path() / (name + "." + std::to_string(::getpid()) + "-" +
                                                   std::to_string(attempt) + ".part");
        // Until it has the older file's mode, what is to replace it is for this user only.
        const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                                      isReplacing || isPrivate ? 0600 : 0666);
        if (descriptor < 0 && errno == EEXIST) continue;
        if (descriptor < 0) return writeFailure(errno, m_target);
        // Says that it is being written, until this program ends in whichever way: see
        // removeIfAbandoned(). Where a file system has no locks it is never removed.
        ::flock(descriptor, LOCK_EX | LOCK_NB);
        if (isReplacing && !isPrivate) {
            // Another's file becomes ours where the system does not let us give it back; bits that
            // speak of an owner or a group that it does not have any more go. The owner first:
            // changing it takes the set-user-id bits away.
            const bool hasOwner = ::fchown(descriptor, older.st_uid, older.st_gid) == 0;
            const bool hasGroup =
                hasOwner || ::fchown(descriptor, static_cast<uid_t>(-1), older.st_gid) == 0;
            const mode_t kept = hasOwner ? 07777 : hasGroup ? 0777 : 0707;
            ::fchmod(descriptor, older.st_mode & kept);
        }
        m_handle = descriptor;
        m_temporary = std::move(temporary);
        m_real = real;
        return {};
    }
    return writeFailure(EEXIST, m_target);
}

bool removeIfAbandoned(const fs::path& temporary) {
    const int descriptor = ::open(temporary.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return false;
    struct stat status {};
    const bool isOurs = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
                        ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    const bool isGone = isOurs && ::unlink(temporary.c_str()) == 0;
    ::close(descriptor);
    return isGone;
}

Status AtomicFile::append(std::span<const std::byte> bytes) {
    const bool isDirect = m_temporary.empty();
    while (!bytes.empty()) {
        const std::size_t wanted = std::min(bytes.size(), kMaxWriteBytes);
        const ssize_t written = ::write(static_cast<int>(m_handle), bytes.data(), wanted);
        // A pipe whose reader sleeps would be waited for in spite of Ctrl-C.
        if (written < 0 && errno == EINTR && !isDirect) continue;
        if (written < 0) return writeFailure(errno, m_target);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status AtomicFile::commit() {
    const int descriptor = static_cast<int>(m_handle);
    const bool isDirect = m_temporary.empty();
    // The contents must be on the disk before the name is: a power cut leaves the old file or the
    // new one. Some systems report a full disk only here or at close. Pipes and most devices have
    // nothing to sync and say so.
    int reason = ::fsync(descriptor) == 0 ? 0 : errno;
    if (isDirect && (reason == EINVAL || reason == EROFS || reason == ENOTSUP)) reason = 0;
    if (::close(descriptor) != 0 && reason == 0) reason = errno;
    m_handle = -1;
    if (reason == 0 && !isDirect && !moveFile(m_temporary, m_real, m_isNew)) reason = errno;
    if (reason != 0) {
        discard();
        if (m_isNew && reason == EEXIST) return fail(nameIsTaken(m_target));
        return writeFailure(reason, m_target);
    }
    if (isDirect) return {};
    m_temporary.clear();

    // The rename itself is durable once the folder is synced; where that is not possible the file
    // is still whole, so a failure is not one of ours.
    const fs::path folder = m_real.has_parent_path() ? m_real.parent_path() : fs::path(".");
    const int folderDescriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folderDescriptor >= 0) {
        ::fsync(folderDescriptor);
        ::close(folderDescriptor);
    }
    return {};
}

void AtomicFile::discard() {
    if (m_handle >= 0) ::close(static_cast<int>(m_handle));
    m_handle = -1;
    if (!m_temporary.empty()) ::unlink(m_temporary.c_str());
    m_temporary.clear();
}

}  // namespace sotto
