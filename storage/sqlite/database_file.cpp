#include "storage/sqlite/database_file.h"

#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace sotto::storage {

std::filesystem::path sideFile(const std::filesystem::path& path, const char* suffix) {
    std::filesystem::path side = path;
    side += suffix;
    return side;
}

std::uint64_t fileBytes(const std::filesystem::path& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

bool holdsForeignBytes(const std::filesystem::path& path) {
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    constexpr std::uint64_t kSmallestPage = 512;
    if (fileBytes(path) == 0 || fileBytes(sideFile(path, "-journal")) > 0) return false;
    std::string magic(kMagic.size(), ' ');
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) return false;
    file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
    return magic != kMagic || fileBytes(path) < kSmallestPage;
}

}  // namespace sotto::storage
