// Reading the raw golden files (tests/golden and the shared folder).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace sotto::test {

// Whole files; empty when the file cannot be read, so that a test's size check fails visibly.
std::vector<std::byte> readBytes(const std::filesystem::path& path);
std::vector<float> readFloats(const std::filesystem::path& path);  // little-endian f32
std::string readText(const std::filesystem::path& path);

// Overwrites `path`; false when that fails.
bool writeBytes(const std::filesystem::path& path, const std::vector<std::byte>& bytes);

}  // namespace sotto::test
