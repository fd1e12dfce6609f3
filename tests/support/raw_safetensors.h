// Safetensors files built byte by byte, right or wrong ones, and folders of Hugging Face's form
// made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sotto::test {

struct RawStored {
    std::string name;
    std::string type;                 // "F32"
    std::vector<std::int64_t> shape;  // slowest first
    std::vector<std::byte> bytes;
};

struct RawSafetensors {
    std::vector<RawStored> tensors;

    // The header as the format has it, of these tensors one after another.
    std::string header() const;
    std::vector<std::byte> bytes() const { return withHeader(header()); }
    // The same data behind any header, in which ' stands for ".
    std::vector<std::byte> withHeader(const std::string& header) const;
};

// JSON written with ' in place of ": Qt's compiler of classes does not read raw strings with
// quotes.
std::string quoted(std::string text);

std::vector<std::byte> bytesOf(const std::vector<float>& values);
bool writeText(const std::filesystem::path& path, const std::string& text);
inline bool writeJson(const std::filesystem::path& path, const std::string& text) {
    return writeText(path, quoted(text));
}

}  // namespace sotto::test
