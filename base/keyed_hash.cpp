#include "base/keyed_hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

const unsigned char* asBytes(std::span<const std::byte> bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

struct KeyedHash::State {
    HashKey key;
    EVP_MAC* function = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
    EVP_MAC_CTX* context = function != nullptr ? EVP_MAC_CTX_new(function) : nullptr;

    explicit State(const HashKey& chosen) : key(chosen) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        EVP_MAC_CTX_free(context);
        EVP_MAC_free(function);
    }

    // False where the library has no such function, or its settings forbid it.
    bool begin() {
        if (context == nullptr) return false;
        std::size_t nBytes = sizeof(KeyedDigest);
        const std::array params{OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &nBytes),
                                OSSL_PARAM_construct_end()};
        return EVP_MAC_CTX_set_params(context, params.data()) == 1;
    }
};

Result<KeyedHash> KeyedHash::create(const HashKey& key) {
    auto state = std::make_unique<State>(key);
    if (!state->begin())
        return fail(ErrorCode::Unsupported, "This machine's libcrypto offers no SipHash.");
    return KeyedHash(std::move(state));
}

KeyedHash::KeyedHash(std::unique_ptr<State> state) : m_state(std::move(state)) {}
KeyedHash::KeyedHash(KeyedHash&& other) noexcept = default;
KeyedHash& KeyedHash::operator=(KeyedHash&& other) noexcept = default;
KeyedHash::~KeyedHash() = default;

KeyedDigest KeyedHash::of(std::span<const std::byte> first,
                          std::span<const std::byte> second) const {
    EVP_MAC_CTX* const context = m_state->context;
    SOTTO_CHECK(EVP_MAC_init(context, asBytes(m_state->key), m_state->key.size(), nullptr) == 1);
    SOTTO_CHECK(EVP_MAC_update(context, asBytes(first), first.size()) == 1);
    SOTTO_CHECK(EVP_MAC_update(context, asBytes(second), second.size()) == 1);
    KeyedDigest digest;
    std::size_t nBytes = 0;
    SOTTO_CHECK(EVP_MAC_final(context, reinterpret_cast<unsigned char*>(digest.data()), &nBytes,
                              digest.size()) == 1 &&
                nBytes == digest.size());
    return digest;
}

HashKey freshHashKey() {
    HashKey key;
    SOTTO_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(key.data()),
                           static_cast<int>(key.size())) == 1);
    return key;
}

}  // namespace sotto
