// Hash: a digest of bytes that come in pieces, in hexadecimal, for downloads and files that name
// what they were made from: SHA-256 (FIPS 180-4), and SHA-1 for those that git names so.
//
// OpenSSL's libcrypto does the work, with the processor's own instructions where it has them.
// Move-only, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace sotto {

class Hash {
public:
    enum class Algorithm : std::uint8_t { Sha256, Sha1 };

    explicit Hash(Algorithm algorithm = Algorithm::Sha256);
    Hash(Hash&& other) noexcept;
    Hash& operator=(Hash&& other) noexcept;
    ~Hash();

    void append(std::span<const std::byte> bytes);

    // Of all that was appended, in lower case, as hubs print it. Begins anew.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace sotto
