#include "storage/sqlite/file_time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace sotto::storage {

std::string fileTimestamp() {
    return fmt::format("{:%Y%m%d-%H%M%S}", fmt::gmtime(std::chrono::system_clock::now()));
}

}  // namespace sotto::storage
