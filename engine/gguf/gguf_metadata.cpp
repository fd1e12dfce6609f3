#include "engine/gguf/gguf_metadata.h"

#include <limits>

namespace sotto {
namespace {

constexpr auto kMaxSigned = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

template <typename T>
const T* typed(const GgufValue* value) {
    return value == nullptr ? nullptr : std::get_if<T>(value);
}

template <typename T>
std::vector<double> widened(const std::vector<T>& values) {
    return std::vector<double>(values.begin(), values.end());
}

}  // namespace

bool GgufMetadata::has(std::string_view key) const { return find(key) != nullptr; }

const GgufValue* GgufMetadata::find(std::string_view key) const {
    const auto found = m_values.find(key);
    return found == m_values.end() ? nullptr : &found->second;
}

std::optional<std::uint64_t> GgufMetadata::unsignedInteger(std::string_view key) const {
    const GgufValue* const value = find(key);
    if (const auto* number = typed<std::uint64_t>(value)) return *number;
    if (const auto* number = typed<std::int64_t>(value); number != nullptr && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    return std::nullopt;
}

std::optional<std::int64_t> GgufMetadata::integer(std::string_view key) const {
    const GgufValue* const value = find(key);
    if (const auto* number = typed<std::int64_t>(value)) return *number;
    if (const auto* number = typed<std::uint64_t>(value);
        number != nullptr && *number <= kMaxSigned)
        return static_cast<std::int64_t>(*number);
    return std::nullopt;
}

std::optional<double> GgufMetadata::real(std::string_view key) const {
    const GgufValue* const value = find(key);
    if (const auto* number = typed<double>(value)) return *number;
    if (const auto* number = typed<std::int64_t>(value)) return static_cast<double>(*number);
    if (const auto* number = typed<std::uint64_t>(value)) return static_cast<double>(*number);
    return std::nullopt;
}

std::optional<bool> GgufMetadata::boolean(std::string_view key) const {
    if (const auto* flag = typed<bool>(find(key))) return *flag;
    // Some writers have no flags of their own.
    const auto number = integer(key);
    if (number && (*number == 0 || *number == 1)) return *number == 1;
    return std::nullopt;
}

std::optional<std::string_view> GgufMetadata::string(std::string_view key) const {
    if (const auto* text = typed<std::string_view>(find(key))) return *text;
    return std::nullopt;
}

const std::vector<std::string_view>* GgufMetadata::strings(std::string_view key) const {
    return typed<std::vector<std::string_view>>(find(key));
}

std::optional<std::vector<double>> GgufMetadata::reals(std::string_view key) const {
    const GgufValue* const value = find(key);
    if (const auto* numbers = typed<std::vector<double>>(value)) return *numbers;
    if (const auto* numbers = typed<std::vector<std::int64_t>>(value)) return widened(*numbers);
    if (const auto* numbers = typed<std::vector<std::uint64_t>>(value)) return widened(*numbers);
    if (const auto single = real(key)) return std::vector<double>{*single};
    return std::nullopt;
}

std::optional<std::vector<std::int64_t>> GgufMetadata::integers(std::string_view key) const {
    const GgufValue* const value = find(key);
    if (const auto* numbers = typed<std::vector<std::int64_t>>(value)) return *numbers;
    if (const auto* numbers = typed<std::vector<std::uint64_t>>(value)) {
        std::vector<std::int64_t> result;
        result.reserve(numbers->size());
        for (const std::uint64_t number : *numbers) {
            if (number > kMaxSigned) return std::nullopt;
            result.push_back(static_cast<std::int64_t>(number));
        }
        return result;
    }
    if (const auto single = integer(key)) return std::vector<std::int64_t>{*single};
    return std::nullopt;
}

void GgufMetadata::insert(std::string key, GgufValue value) {
    m_values.insert_or_assign(std::move(key), std::move(value));
}

}  // namespace sotto
