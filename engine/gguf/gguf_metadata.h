// The key-value part of a GGUF file, typed on access. Values are checked when read in, so access
// cannot fail except by absence.
//
// Strings are views into the mapped file (or the parsed bytes); they live as long as the GgufFile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sotto {

// Arrays keep their elements in the widest type of their kind. Arrays of arrays are refused by the
// reader.
using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view,
                 std::vector<std::uint64_t>, std::vector<std::int64_t>, std::vector<double>,
                 std::vector<bool>, std::vector<std::string_view>>;

// A pair as it lies in the file: `value` is the number of its type and the value behind it.
struct GgufEncodedPair {
    std::string_view key;
    std::span<const std::byte> value;
};

class GgufMetadata {
public:
    bool has(std::string_view key) const;
    const GgufValue* find(std::string_view key) const;  // null when absent

    // Nothing when the key is absent or of another kind (negative numbers are not unsigned).
    std::optional<std::uint64_t> unsignedInteger(std::string_view key) const;
    std::optional<std::int64_t> integer(std::string_view key) const;
    std::optional<double> real(std::string_view key) const;  // integers are accepted
    std::optional<bool> boolean(std::string_view key) const;
    std::optional<std::string_view> string(std::string_view key) const;
    const std::vector<std::string_view>* strings(std::string_view key) const;  // null when absent
    std::optional<std::vector<double>> reals(
        std::string_view key) const;  // any numeric array, or one number
    std::optional<std::vector<std::int64_t>> integers(
        std::string_view key) const;  // any integer array, or one integer

    const std::map<std::string, GgufValue, std::less<>>& all() const { return m_values; }
    void insert(std::string key, GgufValue value);

    // The pairs of a file, in its order: to be written into another one byte for byte.
    std::span<const GgufEncodedPair> encoded() const { return m_encoded; }
    void addEncoded(GgufEncodedPair pair) { m_encoded.push_back(pair); }

private:
    std::map<std::string, GgufValue, std::less<>> m_values;
    std::vector<GgufEncodedPair> m_encoded;
};

}  // namespace sotto
