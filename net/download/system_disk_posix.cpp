#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "net/download/download_disk.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

namespace fs = std::filesystem;

// Linux writes at most 2^31 - 4096 bytes at once.
constexpr std::size_t kMaxCallBytes = std::size_t{1} << 30;

tl::unexpected<Error> failure(int reason, const fs::path& path) {
    const std::string name = path.string();
    const std::string text = std::generic_category().message(reason);
    switch (reason) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return fail(ErrorCode::DiskFull,
                        "There is no room to write '" + name + "' (" + text +
                            "): free some space or choose another folder; what is there is kept.",
                        name);
        case EACCES:
        case EPERM:
        case EROFS:
            return fail(ErrorCode::ReadOnly,
                        "'" + name + "' may not be written (" + text +
                            "): check the permissions of its folder, or choose another.",
                        name);
        default:
            return fail(ErrorCode::Io,
                        "'" + name + "' cannot be written (" + text +
                            "): check the disk or choose another folder.",
                        name);
    }
}

void syncFolder(const fs::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

class PosixPart final : public PartFile {
public:
    PosixPart(int descriptor, fs::path path) : m_descriptor(descriptor), m_path(std::move(path)) {}
    PosixPart(const PosixPart&) = delete;
    PosixPart& operator=(const PosixPart&) = delete;
    ~PosixPart() override { ::close(m_descriptor); }

    Result<std::uint64_t> size() override {
        struct stat status {};
        if (::fstat(m_descriptor, &status) != 0) return failure(errno, m_path);
        return static_cast<std::uint64_t>(status.st_size);
    }

    Status truncate(std::uint64_t nBytes) override {
        if (::ftruncate(m_descriptor, static_cast<off_t>(nBytes)) != 0)
            return failure(errno, m_path);
        m_end = nBytes;
        return {};
    }

    Status append(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            const ssize_t written =
                ::pwrite(m_descriptor, bytes.data(), std::min(bytes.size(), kMaxCallBytes),
                         static_cast<off_t>(m_end));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return failure(errno, m_path);
            m_end += static_cast<std::uint64_t>(written);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return {};
    }

    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> bytes) override {
        std::size_t nRead = 0;
        while (nRead < bytes.size()) {
            const ssize_t got = ::pread(m_descriptor, bytes.data() + nRead,
                                        std::min(bytes.size() - nRead, kMaxCallBytes),
                                        static_cast<off_t>(offset + nRead));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return failure(errno, m_path);
            if (got == 0) break;
            nRead += static_cast<std::size_t>(got);
        }
        return nRead;
    }

    Status sync() override {
        if (::fsync(m_descriptor) != 0) return failure(errno, m_path);
        return {};
    }

private:
    const int m_descriptor;
    const fs::path m_path;
    std::uint64_t m_end = 0;
};

}  // namespace

Result<std::unique_ptr<PartFile>> SystemDisk::openPart(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return failure(error.value(), path.parent_path());
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0) return failure(errno, path);
    auto part = std::make_unique<PosixPart>(descriptor, path);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return fail(ErrorCode::Busy,
                    "'" + path.string() +
                        "' is being downloaded by another program already: stop "
                        "it there first.",
                    path.string());
    return part;
}

Result<std::uint64_t> SystemDisk::freeBytes(const fs::path& folder) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error) return failure(error.value(), folder);
    return space.available;
}

Status SystemDisk::rename(const fs::path& from, const fs::path& to) {
    // A link refuses a name that is taken, which a rename would not.
    if (::link(from.c_str(), to.c_str()) == 0) {
        ::unlink(from.c_str());
    } else if (errno == EEXIST) {
        return fail(takenError(to));
    } else {
        // FAT and some network drives know no links.
        std::error_code error;
        if (fs::exists(to, error)) return fail(takenError(to));
        if (::rename(from.c_str(), to.c_str()) != 0) return failure(errno, to);
    }
    syncFolder(to.parent_path());
    return {};
}

}  // namespace sotto::net
