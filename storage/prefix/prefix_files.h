// What the writer and the reader of a prefix file share: opening it, and its files on the disk.
#pragma once

#include <cstdint>
#include <filesystem>

#include "storage/sqlite/connection.h"

namespace sotto::storage {

// A block is some megabytes and lies in as many pages as it fills: larger ones are read with fewer
// calls, smaller ones waste less on the tables and indices that each transaction writes anew.
inline constexpr std::int64_t kPrefixPageBytes = 8192;

// The file and what SQLite keeps beside it.
std::uint64_t prefixFilesBytes(const std::filesystem::path& path);
std::uint64_t prefixJournalBytes(const std::filesystem::path& path);

// Ours, of the present version, ready to write. Errors: those of PrefixFile::open but for its lock.
Result<Connection> openPrefixConnection(const std::filesystem::path& path);

}  // namespace sotto::storage
