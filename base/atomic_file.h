// AtomicFile: a file that appears whole under its name or not at all.
//
// Writes into a temporary file next to the target, then syncs it and renames it over the target.
// Destroyed before commit(), it removes the temporary file. Move-only, one thread.
// POSIX in atomic_file_posix.cpp, its Windows twin in atomic_file_windows.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/result.h"

namespace sotto {

class AtomicFile {
public:
    // Errors: FileNotFound (the folder is missing), FileUnreadable (the folder refuses new files),
    // DiskFull.
    static Result<AtomicFile> create(const std::filesystem::path& target);

    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&& other) noexcept;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    // Appends without buffering: hand over large pieces. Errors: DiskFull, FileUnreadable.
    Status append(std::span<const std::byte> bytes);

    // Makes the file visible under its name, replacing an older one. Errors: DiskFull,
    // FileUnreadable; the temporary file is removed then.
    Status commit();

private:
    AtomicFile() = default;
    void discard();

    std::filesystem::path m_target;
    std::filesystem::path m_temporary;  // empty: nothing to remove
    std::intptr_t m_handle = -1;        // descriptor or HANDLE; -1: closed
};

}  // namespace sotto
