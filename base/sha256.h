// Sha256: the digest of bytes that come in pieces (FIPS 180-4), for downloads and files that name
// what they were made from.
//
// OpenSSL's libcrypto does the work, with the processor's own instructions where it has them.
// Move-only, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace sotto {

class Sha256 {
public:
    using Digest = std::array<std::byte, 32>;

    Sha256();
    Sha256(Sha256&& other) noexcept;
    Sha256& operator=(Sha256&& other) noexcept;
    ~Sha256();

    void append(std::span<const std::byte> bytes);

    // Of all that was appended. Begins anew.
    Digest finish();

    // 64 hexadecimal digits in lower case, as hubs print them.
    static std::string hex(const Digest& digest);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace sotto
