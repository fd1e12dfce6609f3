#include "storage/token_blob.h"

#include <limits>
#include <optional>

namespace sotto::storage {
namespace {

constexpr std::size_t kFingerprintBytes = 8;

// The id that begins at `at`, which moves behind it; nothing where none does.
std::optional<std::int32_t> nextId(std::span<const std::byte> bytes, std::size_t& at) {
    std::uint64_t id = 0;
    for (unsigned shift = 0; shift < 35 && at < bytes.size(); shift += 7) {
        const auto byte = std::to_integer<std::uint64_t>(bytes[at++]);
        id |= (byte & 0x7f) << shift;
        if (byte >= 0x80) continue;
        if (id > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
        return static_cast<std::int32_t>(id);
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::byte> tokenBlob(const TokenIds& tokens) {
    std::vector<std::byte> bytes;
    if (tokens.ids.empty()) return bytes;
    bytes.reserve(kFingerprintBytes + 3 * tokens.ids.size());
    for (std::size_t index = 0; index < kFingerprintBytes; ++index)
        bytes.push_back(static_cast<std::byte>(tokens.vocabulary >> (8 * index) & 0xff));
    for (const std::int32_t token : tokens.ids) {
        auto rest = static_cast<std::uint32_t>(token);
        for (; rest >= 0x80; rest >>= 7) bytes.push_back(static_cast<std::byte>(rest | 0x80));
        bytes.push_back(static_cast<std::byte>(rest));
    }
    return bytes;
}

TokenIds tokensOfBlob(std::span<const std::byte> bytes) {
    if (bytes.size() <= kFingerprintBytes) return {};
    TokenIds tokens;
    for (std::size_t index = 0; index < kFingerprintBytes; ++index)
        tokens.vocabulary |= std::to_integer<std::uint64_t>(bytes[index]) << (8 * index);
    for (std::size_t at = kFingerprintBytes; at < bytes.size();) {
        const auto id = nextId(bytes, at);
        if (!id) return {};
        tokens.ids.push_back(*id);
    }
    return tokens;
}

}  // namespace sotto::storage
