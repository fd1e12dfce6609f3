#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace sotto {

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();

    State() {
        SOTTO_CHECK(context != nullptr);
        begin();
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }

    // Fails only in a library that was built without SHA-256.
    void begin() { SOTTO_CHECK(EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1); }
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {}
Sha256::Sha256(Sha256&& other) noexcept = default;
Sha256& Sha256::operator=(Sha256&& other) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::append(std::span<const std::byte> bytes) {
    SOTTO_CHECK(EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()) == 1);
}

Sha256::Digest Sha256::finish() {
    Digest digest{};
    SOTTO_CHECK(EVP_DigestFinal_ex(m_state->context,
                                   reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
    m_state->begin();
    return digest;
}

std::string Sha256::hex(const Digest& digest) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(digest.size() * 2);
    for (const std::byte byte : digest) {
        text += kDigits[std::to_integer<unsigned>(byte >> 4)];
        text += kDigits[std::to_integer<unsigned>(byte & std::byte{15})];
    }
    return text;
}

}  // namespace sotto
