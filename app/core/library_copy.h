// LibraryCopy: a copy of the database in a folder of this run's own, for a home that cannot be
// written: its chats can be read, and what is new lives as long as the program.
//
// Owns the folder, for this user only, and removes it at the end; whoever has the copy open closes
// it before. A run that is killed leaves its folder, and sweep() of a later one removes it: the
// lock in it tells whether its process lives. The original stays as it is. Any one thread.
// The platform's part is in library_copy_posix.cpp, its twin in library_copy_windows.cpp.
#pragma once

#include <filesystem>
#include <optional>

#include "app/core/paths.h"
#include "base/file_lock.h"
#include "base/result.h"

namespace sotto::app {

class LibraryCopy {
public:
    // Removes the copies that killed runs of this user left where make() puts them.
    static void sweep(const Environment& environment);

    // In $XDG_RUNTIME_DIR, which is gone with the session; where that takes none (it is not there,
    // or too small) in the folder for temporary files.
    // Errors: NotFound (there is no database), Io.
    static Result<LibraryCopy> make(const std::filesystem::path& database,
                                    const Environment& environment);

    LibraryCopy(LibraryCopy&& other) noexcept;
    LibraryCopy& operator=(LibraryCopy&& other) noexcept;
    ~LibraryCopy();

    const std::filesystem::path& database() const { return m_database; }

private:
    static Result<LibraryCopy> makeIn(const std::filesystem::path& parent,
                                      const std::filesystem::path& database);
    LibraryCopy(std::filesystem::path database, FileLock lock)
        : m_database(std::move(database)), m_lock(std::move(lock)) {}

    std::filesystem::path m_database;  // alone in its folder with the lock
    std::optional<FileLock> m_lock;    // nothing: nothing is owned
};

namespace detail {
// Whether this is a folder itself, no link to one, that this user made and nobody else may enter.
bool isPrivateFolder(const std::filesystem::path& folder);
// Removes a copy's folder with all that is in it; links are removed, not followed.
void removeCopy(const std::filesystem::path& folder, FileLock lock);
}  // namespace detail

}  // namespace sotto::app
