// PrivateFile: files that only this account may read, from their first byte on.
//
// SQLite gives the journal and the shared memory the mode of the database, so the database is made
// here before SQLite opens it, and files that came with a wider mode are narrowed. POSIX in
// private_file_posix.cpp, Windows beside it: there the profile's folder is private already and new
// files inherit that. Any thread.
#pragma once

#include <filesystem>

namespace sotto::storage {

// Makes an empty file with mode 0600 where there is none. What hinders it is told by who opens the
// file next.
void createPrivateFile(const std::filesystem::path& path);

// Takes the rights of everyone else from a file that is there. Links are not followed.
void makePrivate(const std::filesystem::path& path);

}  // namespace sotto::storage
