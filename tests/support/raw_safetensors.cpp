#include "tests/support/raw_safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "tests/support/golden_files.h"

namespace sotto::test {

std::string quoted(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

std::string RawSafetensors::header() const {
    std::string text;
    std::size_t offset = 0;
    for (const RawStored& tensor : tensors) {
        text += fmt::format("{}\"{}\":{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                            text.empty() ? "" : ",", tensor.name, tensor.type,
                            fmt::join(tensor.shape, ","), offset, offset + tensor.bytes.size());
        offset += tensor.bytes.size();
    }
    return "{" + text + "}";
}

std::vector<std::byte> RawSafetensors::withHeader(const std::string& text) const {
    const std::string header = quoted(text);
    const std::uint64_t length = header.size();
    std::vector<std::byte> result(sizeof(length) + header.size());
    std::memcpy(result.data(), &length, sizeof(length));
    std::memcpy(result.data() + sizeof(length), header.data(), header.size());
    for (const RawStored& tensor : tensors)
        result.insert(result.end(), tensor.bytes.begin(), tensor.bytes.end());
    return result;
}

std::vector<std::byte> bytesOf(const std::vector<float>& values) {
    std::vector<std::byte> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

bool writeText(const std::filesystem::path& path, const std::string& text) {
    const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
    return writeBytes(path, {begin, begin + text.size()});
}

}  // namespace sotto::test
