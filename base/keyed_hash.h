// KeyedHash: 128 bits of a message that nobody can foresee who has not the key (SipHash-2-4 with
// its long output; Aumasson and Bernstein 2012), for tables whose entries come from outside.
//
// OpenSSL's libcrypto does the work. Move-only, one thread; of() allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"

namespace sotto {

using HashKey = std::array<std::byte, 16>;
using KeyedDigest = std::array<std::byte, 16>;

class KeyedHash {
public:
    // Errors: Unsupported (the machine's libcrypto is set up without it).
    static Result<KeyedHash> create(const HashKey& key);
    KeyedHash(KeyedHash&& other) noexcept;
    KeyedHash& operator=(KeyedHash&& other) noexcept;
    ~KeyedHash();

    // Of the first message followed by the second.
    KeyedDigest of(std::span<const std::byte> first, std::span<const std::byte> second = {}) const;

private:
    struct State;
    explicit KeyedHash(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

// A key that nobody else has.
HashKey freshHashKey();

}  // namespace sotto
