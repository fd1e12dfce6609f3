#include "tests/support/golden_files.h"

#include <cstring>
#include <fstream>
#include <iterator>

namespace sotto::test {

std::string readText(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::byte> readBytes(const std::filesystem::path& path) {
    const std::string text = readText(path);
    std::vector<std::byte> bytes(text.size());
    if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

std::vector<float> readFloats(const std::filesystem::path& path) {
    const std::string text = readText(path);
    std::vector<float> values(text.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), text.data(), values.size() * sizeof(float));
    return values;
}

bool writeBytes(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    file.close();
    return file.good();
}

}  // namespace sotto::test
