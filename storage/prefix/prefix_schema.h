// The prefix cache as a kind of file: the SQL steps of storage/prefix/schema, built into the
// program by EmbedSchema.cmake.
#pragma once

#include <cstdint>
#include <span>

#include "storage/sqlite/migrations.h"

namespace sotto::storage {

std::span<const Migration> prefixMigrations();

inline constexpr std::int64_t kPrefixApplicationId = 0x536f7450;  // "SotP"

}  // namespace sotto::storage
