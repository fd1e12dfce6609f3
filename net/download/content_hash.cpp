#include "net/download/content_hash.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"

namespace sotto::net {

struct ContentHash::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();

    State() { SOTTO_CHECK(context != nullptr); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }
};

ContentHash::ContentHash(Kind kind, std::uint64_t nBytes) : m_state(std::make_unique<State>()) {
    const EVP_MD* function = kind == Kind::Sha256 ? EVP_sha256() : EVP_sha1();
    SOTTO_CHECK(EVP_DigestInit_ex(m_state->context, function, nullptr) == 1);
    if (kind == Kind::Sha256) return;
    const std::string head = "blob " + std::to_string(nBytes);
    // With the zero byte behind it.
    append(std::as_bytes(std::span(head.c_str(), head.size() + 1)));
}

ContentHash::ContentHash(ContentHash&& other) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&& other) noexcept = default;
ContentHash::~ContentHash() = default;

void ContentHash::append(std::span<const std::byte> bytes) {
    SOTTO_CHECK(EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()) == 1);
}

std::string ContentHash::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned nBytes = 0;
    SOTTO_CHECK(EVP_DigestFinal_ex(m_state->context, digest.data(), &nBytes) == 1);
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (unsigned index = 0; index < nBytes; ++index) {
        text += kDigits[digest[index] >> 4];
        text += kDigits[digest[index] & 15];
    }
    return text;
}

}  // namespace sotto::net
