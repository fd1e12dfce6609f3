// LibraryCopy: a copy of the database in a folder of this run's own, for a home that cannot be
// written: its chats can be read, and what is new lives as long as the program.
//
// Owns the folder, for this user only, and removes it at the end; whoever has the copy open closes
// it before. The original stays as it is. Any one thread.
#pragma once

#include <filesystem>

#include "app/core/paths.h"
#include "base/result.h"

namespace sotto::app {

class LibraryCopy {
public:
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
    explicit LibraryCopy(std::filesystem::path database) : m_database(std::move(database)) {}

    std::filesystem::path m_database;  // alone in its folder; empty: nothing is owned
};

}  // namespace sotto::app
