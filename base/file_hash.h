// hashFile(): the SHA-256 of a whole file, with progress and cancel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"

namespace sotto {

// In hexadecimal. `goesOn(nBytes)` is asked after each piece of so many bytes. Any thread.
// Errors: FileUnreadable, Cancelled (it does not go on).
Result<std::string> hashFile(const std::filesystem::path& file,
                             const std::function<bool(std::uint64_t nBytes)>& goesOn);

}  // namespace sotto
