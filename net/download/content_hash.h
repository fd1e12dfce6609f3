// ContentHash: the hash that a hub gives a file, taken while its bytes come: SHA-256 of those in
// large file storage, git's blob hash (SHA-1 of "blob SIZE", a zero byte and the bytes) of others.
//
// Move-only, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace sotto::net {

class ContentHash {
public:
    enum class Kind : std::uint8_t { Sha256, GitBlob };

    // `nBytes`: of the whole file, which git's hash begins with.
    ContentHash(Kind kind, std::uint64_t nBytes);
    ContentHash(ContentHash&& other) noexcept;
    ContentHash& operator=(ContentHash&& other) noexcept;
    ~ContentHash();

    void append(std::span<const std::byte> bytes);
    // In hexadecimal, lower case. Nothing may be appended after.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace sotto::net
