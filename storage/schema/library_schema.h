// The library of chats as a kind of file: the SQL steps of this folder (NNNN_name.sql), built into
// the program by EmbedSchema.cmake.
#pragma once

#include <cstdint>
#include <span>

#include "storage/sqlite/migrations.h"

namespace sotto::storage {

std::span<const Migration> libraryMigrations();

inline constexpr std::int64_t kLibraryApplicationId = 0x536f7474;  // "Sott"

}  // namespace sotto::storage
