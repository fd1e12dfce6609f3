// Opening the library file: check before touching, migrate, repair what a dead process left.
//
// The order matters: nothing is written before the file is known to be ours, whole and not newer.
#pragma once

#include "storage/api/storage.h"
#include "storage/schema/library_schema.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/owner_lock.h"

namespace sotto::storage {

struct OpenedLibrary {
    Connection connection;
    OwnerLock lock;
    OpenReport report;
};

// Errors: as Storage::open.
Result<OpenedLibrary> openLibrary(const StorageOptions& options,
                                  std::span<const Migration> migrations);

// Bytes of the file and its journal on the disk; 0 for a database in memory.
std::int64_t libraryBytes(const std::filesystem::path& path);

}  // namespace sotto::storage
