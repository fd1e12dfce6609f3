// The checksum of a block of the prefix cache: XXH3 with 128 bits, which says whether a drive gave
// back what it was given; who changes a file on purpose is not meant. Any thread.
#pragma once

#include <array>
#include <cstddef>

#include "storage/api/prefix_file.h"

namespace sotto::storage {

using RowChecksum = std::array<std::byte, 16>;

RowChecksum checksumOf(const PrefixRow& row);

}  // namespace sotto::storage
