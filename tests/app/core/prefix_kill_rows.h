// The rows of the kill test of the prefix store: which they are and what is in them follows from
// their numbers, so that both processes know them.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "engine/api/prefix_store.h"

namespace sotto::test {

inline constexpr int kChains = 40;
inline constexpr int kBlocksOfChain = 12;

inline ChainDigest killDigest(int chain, int block) {
    ChainDigest digest{};
    const std::uint64_t bits =
        (static_cast<std::uint64_t>(chain) * 1000 + static_cast<std::uint64_t>(block) + 1) *
        0x9E3779B97F4A7C15u;
    std::memcpy(digest.data(), &bits, sizeof(bits));
    return digest;
}

inline PrefixBlock killBlock(int chain, int block) {
    PrefixBlock made;
    made.chain = killDigest(chain, block);
    if (block > 0) made.parent = killDigest(chain, block - 1);
    made.tokens.assign(32, chain * 100 + block);
    // Of several sizes, so that pages are used again in other places.
    made.bytes.resize(static_cast<std::size_t>(20'000 + chain % 5 * 30'000));
    for (std::size_t index = 0; index < made.bytes.size(); ++index)
        made.bytes[index] = static_cast<std::byte>(
            static_cast<std::size_t>(chain * 31 + block * 7) + index / 3 % 253);
    return made;
}

}  // namespace sotto::test
