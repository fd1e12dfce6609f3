// MappedFile: a file mapped read-only into memory. Move-only; unmaps on destruction.
//
// POSIX in mapped_file_posix.cpp, its Windows twin in mapped_file_windows.cpp.
// A file that is deleted while mapped stays readable; one that is truncated by another program, or
// whose drive is gone, does not: its bytes become zeros, and isLost() says so from then on
// (base/mapped_range.h). sizeNow() tells before they are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/mapped_range.h"
#include "base/result.h"

namespace sotto {

class MappedFile {
public:
    // Errors: FileNotFound, FileUnreadable (with the system's reason), FileDamaged (an empty file).
    static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }

    // Bytes of the mapped file itself at this moment, whatever lies at its path by now; less than
    // bytes().size() when another program shortened it. Windows refuses to shorten a mapped file.
    std::uint64_t sizeNow() const;

    // A page could not be read: what bytes() gave is not to be believed.
    bool isLost() const { return m_range.hasFailed(); }

private:
    MappedFile() = default;

    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
    MappedRange m_range;    // of these bytes
    int m_descriptor = -1;  // POSIX: open for sizeNow(); unused on Windows
};

}  // namespace sotto
