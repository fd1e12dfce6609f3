#include "base/hash.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"

namespace sotto {

struct Hash::State {
    const EVP_MD* function;
    EVP_MD_CTX* context = EVP_MD_CTX_new();

    explicit State(Algorithm algorithm)
        : function(algorithm == Algorithm::Sha256 ? EVP_sha256() : EVP_sha1()) {
        SOTTO_CHECK(context != nullptr);
        begin();
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }

    // Fails only in a library that was built without the function.
    void begin() { SOTTO_CHECK(EVP_DigestInit_ex(context, function, nullptr) == 1); }
};

Hash::Hash(Algorithm algorithm) : m_state(std::make_unique<State>(algorithm)) {}
Hash::Hash(Hash&& other) noexcept = default;
Hash& Hash::operator=(Hash&& other) noexcept = default;
Hash::~Hash() = default;

void Hash::append(std::span<const std::byte> bytes) {
    SOTTO_CHECK(EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()) == 1);
}

std::string Hash::finish() {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned nBytes = 0;
    SOTTO_CHECK(EVP_DigestFinal_ex(m_state->context, digest.data(), &nBytes) == 1);
    m_state->begin();
    std::string text;
    for (unsigned index = 0; index < nBytes; ++index) {
        text += kDigits[digest[index] >> 4];
        text += kDigits[digest[index] & 15];
    }
    return text;
}

}  // namespace sotto
