// Small text files, read and written whole: lists, settings, measurements.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/atomic_file.h"
#include "base/result.h"

namespace sotto {

// Nothing where there is no such regular file, it is longer than `maxBytes`, or cannot be read to
// its end: for files that are not there just as well. Any thread.
std::optional<std::string> readTextFile(const std::filesystem::path& path,
                                        std::uintmax_t maxBytes = std::uintmax_t{1} << 20);

// Under a temporary name, synced and renamed. Errors: those of AtomicFile.
Status writeTextFile(const std::filesystem::path& path, std::string_view text,
                     const AtomicFileOptions& options = {});

}  // namespace sotto
