// FileLock: one holder of a file at a time, over all processes of this user's machine.
//
// The system takes the lock back when the holder ends, however it ends; a file that lies there
// means nothing, so it is never deleted. It holds the process number of the last holder, for
// sentences. Move-only, one thread. POSIX in file_lock_posix.cpp (flock), its Windows twin in
// file_lock_windows.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace sotto {

class FileLock {
public:
    // Makes the file if needed, for this user only. Nothing when another holds it, in this process
    // or elsewhere. Errors: those of opening the file; Unsupported (a file system without locks).
    static Result<std::optional<FileLock>> tryTake(const std::filesystem::path& path);

    // The process number of the last that took it, in decimal; empty when it is not known.
    static std::string lastHolder(const std::filesystem::path& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock();

private:
    explicit FileLock(std::intptr_t handle) : m_handle(handle) {}

    std::intptr_t m_handle = -1;  // descriptor or HANDLE; -1: moved from
};

}  // namespace sotto
