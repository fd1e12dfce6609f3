// RawGguf: GGUF bytes with every field free to be wrong, for tests of the reader.
//
// The default value is a small valid file: two keys, an F32 tensor "one" of [4, 2] and a Q8_0
// tensor "two" of [32]. Independent of GgufWriter, so that reader and writer cannot share a
// mistake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::test {

class RawEncoder {
public:
    template <typename T>
    RawEncoder& number(T value) {
        const auto* const raw = reinterpret_cast<const std::byte*>(&value);
        bytes.insert(bytes.end(), raw, raw + sizeof(T));
        return *this;
    }
    RawEncoder& text(std::string_view value);

    std::vector<std::byte> bytes;
};

struct RawPair {
    std::string key;
    std::uint32_t type = 4;        // GGUF value type number
    std::vector<std::byte> value;  // as in the file
};

RawPair rawU32(std::string key, std::uint32_t value);
RawPair rawText(std::string key, std::string_view value);
// `count` as claimed, `elements` as present.
RawPair rawArray(std::string key, std::uint32_t elementType, std::uint64_t count,
                 std::vector<std::byte> elements);

struct RawTensor {
    std::string name;
    std::vector<std::uint64_t> dims;
    std::uint32_t type = 0;
    std::uint64_t offset = 0;            // in the data section
    std::optional<std::uint32_t> nDims;  // when the claim differs from dims.size()
};

struct RawGguf {
    RawGguf();

    std::uint32_t magic = 0x46554747;
    std::uint32_t version = 3;
    std::optional<std::uint64_t> nTensors;  // when the claim differs from tensors.size()
    std::optional<std::uint64_t> nPairs;
    std::vector<RawPair> pairs;
    std::vector<RawTensor> tensors;
    std::uint64_t alignment = 32;  // used for padding; add the key yourself
    std::vector<std::byte> data;   // the data section

    // Where the sections end, for cutting files there.
    struct Borders {
        std::size_t header = 0;
        std::size_t pairs = 0;
        std::size_t tensors = 0;
        std::size_t padding = 0;  // = begin of the data section
    };

    std::vector<std::byte> bytes() const;
    Borders borders() const;
};

}  // namespace sotto::test
