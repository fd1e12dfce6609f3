#include "storage/prefix/row_checksum.h"

#include <xxhash.h>

#include <cstring>
#include <memory>

namespace sotto::storage {
namespace {

struct StateCloser {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

}  // namespace

RowChecksum checksumOf(const PrefixRow& row) {
    const std::unique_ptr<XXH3_state_t, StateCloser> state(XXH3_createState());
    if (!state) throw std::bad_alloc();
    XXH3_128bits_reset(state.get());
    XXH3_128bits_update(state.get(), row.chain.data(), row.chain.size());
    XXH3_128bits_update(state.get(), row.tokens.data(), std::span(row.tokens).size_bytes());
    XXH3_128bits_update(state.get(), row.bytes.data(), row.bytes.size());
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state.get()));
    RowChecksum checksum;
    static_assert(sizeof(canonical.digest) == checksum.size());
    std::memcpy(checksum.data(), canonical.digest, checksum.size());
    return checksum;
}

}  // namespace sotto::storage
