// AtomicFile: a file that appears whole under its name or not at all.
//
// Writes into a temporary file next to the target, then syncs it and renames it over the target.
// Destroyed before commit(), it removes the temporary file. What is not a regular file is never
// replaced:
// - a device, a pipe or a socket is written to as the bytes come, and commit() only closes it;
// - of a symbolic link the file that it leads to is replaced, and the link stays;
// - /dev/stdout and its kin are this program's own open files, written to where they stand.
// A file that is replaced hands its mode on, and its owner where the system lets us.
// Move-only, one thread. Common parts in atomic_file.cpp, POSIX in atomic_file_posix.cpp, its
// Windows twin in atomic_file_windows.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"

namespace sotto {

struct AtomicFileOptions {
    // What the new file is made from. A target that is one of these, by whatever name (a link, a
    // hard link, another way to its folder), is refused. Those that are not there do not count.
    std::vector<std::filesystem::path> inputs;
    // For this user only (0600), whatever the older file was; on Windows by its folder's access
    // list.
    bool isPrivate = false;
    // A file that is there when this one is whole stays, and commit() fails.
    bool isNew = false;
};

class AtomicFile {
public:
    // Waits for the reader of a named pipe. Errors: InvalidArgument (a folder; one of the inputs),
    // FileNotFound (the folder is missing), ReadOnly (the folder or the file refuses), DiskFull,
    // Cancelled (a signal while waiting for a pipe's reader), Io.
    static Result<AtomicFile> create(const std::filesystem::path& target,
                                     const AtomicFileOptions& options = {});

    // What create() refuses of the name alone; touches nothing. For work that is long before it
    // writes. Errors: InvalidArgument.
    static Status check(const std::filesystem::path& target, const AtomicFileOptions& options);

    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&& other) noexcept;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    // Appends without buffering: hand over large pieces. Errors: DiskFull, ReadOnly, Io, Cancelled
    // (a signal while a pipe's reader is slow).
    Status append(std::span<const std::byte> bytes);

    // Makes the file visible under its name, replacing an older one unless it is to be new. Errors:
    // InvalidArgument (there is one of that name, and it is to be new), DiskFull, ReadOnly, Io; the
    // temporary file is removed then.
    Status commit();

private:
    AtomicFile() = default;
    static Error nameIsTaken(const std::filesystem::path& target);
    void discard();

    // What is no regular file, opened for writing; nothing where a file is to be made. Sets
    // m_handle only.
    Status openDirectly();
    // A temporary file beside `real`, with the older file's mode and owner unless it is private.
    // Sets m_handle, m_temporary and m_real.
    Status openBeside(const std::filesystem::path& real, bool isPrivate);

    std::filesystem::path m_target;     // as it was given: what sentences name
    std::filesystem::path m_real;       // behind all links
    std::filesystem::path m_temporary;  // empty: written to directly
    std::intptr_t m_handle = -1;        // descriptor or HANDLE; -1: closed
    bool m_isNew = false;
};

}  // namespace sotto
