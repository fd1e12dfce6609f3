#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/atomic_file.h"

namespace sotto {
namespace {

// Several writers of one target, or leftovers of killed ones, each keep their own name.
constexpr int kNameAttempts = 100;
// Linux writes at most 2^31 - 4096 bytes at once.
constexpr std::size_t kMaxWriteBytes = std::size_t{1} << 30;

tl::unexpected<Error> writeFailure(int reason, const std::filesystem::path& target) {
    const std::string name = target.string();
    const std::string text = std::generic_category().message(reason);
    if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG)
        return fail(ErrorCode::DiskFull,
                    "there is no room to write '" + name + "' (" + text +
                        "): free some space or choose another folder",
                    name);
    if (reason == ENOENT || reason == ENOTDIR)
        return fail(ErrorCode::FileNotFound,
                    "'" + name +
                        "' cannot be written because its folder does not exist: create "
                        "it or choose another",
                    name);
    return fail(ErrorCode::FileUnreadable,
                "'" + name + "' cannot be written (" + text +
                    "): check the folder's permissions or choose another",
                name);
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& target) {
    if (std::error_code ignored; std::filesystem::is_directory(target, ignored))
        return writeFailure(EISDIR, target);
    AtomicFile file;
    file.m_target = target;
    for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
        std::filesystem::path temporary = target;
        temporary += "." + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".part";
        const int descriptor =
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0) {
            file.m_handle = descriptor;
            file.m_temporary = std::move(temporary);
            return file;
        }
        if (errno != EEXIST) break;
    }
    return writeFailure(errno, target);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : m_target(std::move(other.m_target)),
      m_temporary(std::exchange(other.m_temporary, {})),
      m_handle(std::exchange(other.m_handle, -1)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
    std::swap(m_target, other.m_target);
    std::swap(m_temporary, other.m_temporary);
    std::swap(m_handle, other.m_handle);
    return *this;
}

AtomicFile::~AtomicFile() { discard(); }

Status AtomicFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const std::size_t wanted = std::min(bytes.size(), kMaxWriteBytes);
        const ssize_t written = ::write(static_cast<int>(m_handle), bytes.data(), wanted);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return writeFailure(errno, m_target);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status AtomicFile::commit() {
    const int descriptor = static_cast<int>(m_handle);
    // The contents must be on the disk before the name is: a power cut leaves the old file or the
    // new one. Some systems report a full disk only here or at close.
    int reason = ::fsync(descriptor) == 0 ? 0 : errno;
    if (::close(descriptor) != 0 && reason == 0) reason = errno;
    m_handle = -1;
    if (reason == 0 && ::rename(m_temporary.c_str(), m_target.c_str()) != 0) reason = errno;
    if (reason != 0) {
        discard();
        return writeFailure(reason, m_target);
    }
    m_temporary.clear();

    // The rename itself is durable once the folder is synced; where that is not possible the file
    // is still whole, so a failure is not one of ours.
    const std::filesystem::path folder =
        m_target.has_parent_path() ? m_target.parent_path() : std::filesystem::path(".");
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
