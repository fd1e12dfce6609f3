#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <system_error>
#include <utility>

#include "base/mapped_file.h"

namespace sotto {
namespace {

class Handle {
public:
    explicit Handle(HANDLE value) : m_value(value) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (m_value != nullptr && m_value != INVALID_HANDLE_VALUE) ::CloseHandle(m_value);
    }
    HANDLE value() const { return m_value; }

private:
    HANDLE m_value;
};

tl::unexpected<Error> systemFailure(DWORD reason, const std::filesystem::path& path) {
    const std::string name = path.string();
    if (reason == ERROR_FILE_NOT_FOUND || reason == ERROR_PATH_NOT_FOUND)
        return fail(ErrorCode::FileNotFound,
                    "'" + name + "' does not exist: check the path, or whether it was moved", name);
    return fail(ErrorCode::FileUnreadable,
                "'" + name + "' cannot be read (" +
                    std::system_category().message(static_cast<int>(reason)) +
                    "): check its permissions and the disk",
                name);
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const std::string name = path.string();
    // CreateFile refuses folders with "access denied", which would name the wrong remedy.
    const DWORD attributes = ::GetFileAttributesW(path.c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
        return fail(ErrorCode::FileUnreadable, "'" + name + "' is a folder: choose a file in it",
                    name);

    const Handle file(::CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                    nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
    if (file.value() == INVALID_HANDLE_VALUE) return systemFailure(::GetLastError(), path);
    LARGE_INTEGER size{};
    if (!::GetFileSizeEx(file.value(), &size)) return systemFailure(::GetLastError(), path);
    if (size.QuadPart <= 0)
        return fail(ErrorCode::FileDamaged, "'" + name + "' is empty: download it again", name);

    // The view keeps the section alive, so both handles may close here.
    const Handle section(::CreateFileMappingW(file.value(), nullptr, PAGE_READONLY, 0, 0, nullptr));
    if (section.value() == nullptr) return systemFailure(::GetLastError(), path);
    const void* const data = ::MapViewOfFile(section.value(), FILE_MAP_READ, 0, 0, 0);
    if (data == nullptr) return systemFailure(::GetLastError(), path);

    MappedFile mapped;
    mapped.m_data = static_cast<const std::byte*>(data);
    mapped.m_size = static_cast<std::size_t>(size.QuadPart);
    mapped.m_range = MappedRange(mapped.m_data, mapped.m_size);
    return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)),
      m_size(std::exchange(other.m_size, 0)),
      m_range(std::move(other.m_range)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    std::swap(m_range, other.m_range);
    return *this;
}

MappedFile::~MappedFile() {
    m_range = {};
    if (m_data != nullptr) ::UnmapViewOfFile(m_data);
}

std::uint64_t MappedFile::sizeNow() const { return m_size; }

}  // namespace sotto
