// Contents of files that tests send and find again.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

namespace sotto::test {

inline std::string randomBytes(std::size_t nBytes, unsigned seed) {
    std::mt19937 random(seed);
    std::string bytes(nBytes, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

// Empty where there is no such file.
inline std::string contentOf(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    return text.str();
}

}  // namespace sotto::test
