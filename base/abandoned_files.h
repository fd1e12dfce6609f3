// What killed programs left beside a file that they were writing (base/atomic_file.h): told from
// what is still written to by a lock that ends with the program.
#pragma once

#include <cstddef>
#include <filesystem>

namespace sotto {

// Of the target's name in the temporary one's, which may have 255 in all: bytes, or UTF-16 units.
inline constexpr std::size_t kMaxTemporaryBeginning = 200;

// Removes all that is abandoned beside `target`: the number of files that went. For work that is
// begun again. Where a file system has no locks, everything stays.
int removeAbandonedFiles(const std::filesystem::path& target);

// Of one temporary file, with a twin for Windows. False of one that a program has open.
bool removeIfAbandoned(const std::filesystem::path& temporary);

}  // namespace sotto
