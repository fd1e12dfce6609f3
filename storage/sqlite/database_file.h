// A database's file before SQLite opens it, and those that SQLite keeps beside it. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sotto::storage {

// "sotto.db-wal" of "sotto.db" and "-wal".
std::filesystem::path sideFile(const std::filesystem::path& path, const char* suffix);

// 0 where there is none, or it cannot be told.
std::uint64_t fileBytes(const std::filesystem::path& path);

// Whether a file holds what no database begins with: SQLite takes one that is shorter than a page
// for an empty database and writes over it. A journal beside it means that creating the file was
// cut short, which SQLite undoes. Who may not read it is told so by SQLite.
bool holdsForeignBytes(const std::filesystem::path& path);

}  // namespace sotto::storage
