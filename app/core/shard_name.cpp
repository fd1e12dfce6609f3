#include "app/core/shard_name.h"

#include <charconv>
#include <optional>

namespace sotto::app {
namespace {

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

}  // namespace

ShardName parseShard(std::string_view stem) {
    constexpr std::size_t kSuffix = std::string_view("-00001-of-00001").size();
    const ShardName whole{.stem = std::string(stem)};
    if (stem.size() <= kSuffix) return whole;
    const std::string_view suffix = stem.substr(stem.size() - kSuffix);
    if (suffix[0] != '-' || suffix.substr(6, 4) != "-of-") return whole;
    const std::optional<int> index = number(suffix.substr(1, 5));
    const std::optional<int> count = number(suffix.substr(10, 5));
    if (!index || !count || *index < 1 || *index > *count) return whole;
    return {.stem = std::string(stem.substr(0, stem.size() - kSuffix)),
            .index = *index,
            .count = *count};
}

}  // namespace sotto::app
