#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/mapped_file.h"

namespace sotto {
namespace {

// Closes the descriptor on every way out but release().
class Descriptor {
public:
    explicit Descriptor(int number) : m_number(number) {}
    int release() { return std::exchange(m_number, -1); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (m_number >= 0) ::close(m_number);
    }
    int number() const { return m_number; }

private:
    int m_number;
};

tl::unexpected<Error> systemFailure(int reason, const std::filesystem::path& path) {
    const std::string name = path.string();
    if (reason == ENOENT || reason == ENOTDIR)
        return fail(ErrorCode::FileNotFound,
                    "'" + name + "' does not exist: check the path, or whether it was moved", name);
    return fail(ErrorCode::FileUnreadable,
                "'" + name + "' cannot be read (" + std::generic_category().message(reason) +
                    "): check its permissions and the disk",
                name);
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    // O_NONBLOCK: opening a named pipe must not wait for a writer; it is refused below.
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0) return systemFailure(errno, path);

    struct stat status {};
    if (::fstat(file.number(), &status) != 0) return systemFailure(errno, path);
    const std::string name = path.string();
    if (S_ISDIR(status.st_mode))
        return fail(ErrorCode::FileUnreadable, "'" + name + "' is a folder: choose a file in it",
                    name);
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::FileUnreadable,
                    "'" + name + "' is not a regular file: choose a file on a disk", name);
    if (status.st_size <= 0)
        return fail(ErrorCode::FileDamaged, "'" + name + "' is empty: download it again", name);

    const auto size = static_cast<std::size_t>(status.st_size);
    void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (data == MAP_FAILED) return systemFailure(errno, path);

    MappedFile mapped;
    mapped.m_data = static_cast<const std::byte*>(data);
    mapped.m_size = size;
    mapped.m_range = MappedRange(mapped.m_data, size);
    mapped.m_descriptor = file.release();
    return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)),
      m_size(std::exchange(other.m_size, 0)),
      m_range(std::move(other.m_range)),
      m_descriptor(std::exchange(other.m_descriptor, -1)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    std::swap(m_range, other.m_range);
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

MappedFile::~MappedFile() {
    m_range = {};
    // munmap wants a mutable pointer although it writes nothing.
    if (m_data != nullptr) ::munmap(const_cast<std::byte*>(m_data), m_size);
    if (m_descriptor >= 0) ::close(m_descriptor);
}

std::uint64_t MappedFile::sizeNow() const {
    struct stat status {};
    // A disk that does not answer is told by the next read, not here.
    if (m_descriptor < 0 || ::fstat(m_descriptor, &status) != 0) return m_size;
    return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace sotto
