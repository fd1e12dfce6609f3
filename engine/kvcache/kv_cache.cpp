#include "engine/kvcache/kv_cache.h"

namespace sotto {
namespace {

// Each layer's keys (or values) start on a cache line of their own.
constexpr std::uint64_t kAlignment = 64;

std::uint64_t planeBytes(const KvCacheShape& shape, const KvLayerShape& layer) {
    const std::uint64_t bytes = static_cast<std::uint64_t>(shape.nBlocks()) * kBlockTokens *
                                rowBytes(shape.type, static_cast<std::size_t>(layer.nKvHeads) *
                                                         static_cast<std::size_t>(layer.headDim));
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

std::uint64_t kvCacheBytes(const KvCacheShape& shape) {
    std::uint64_t total = 0;
    for (const KvLayerShape& layer : shape.layers) total += 2 * planeBytes(shape, layer);
    return total;
}

std::uint64_t kvTokenBytes(const KvCacheShape& shape) {
    std::uint64_t total = 0;
    for (const KvLayerShape& layer : shape.layers)
        total += 2 * rowBytes(shape.type, static_cast<std::size_t>(layer.nKvHeads) *
                                              static_cast<std::size_t>(layer.headDim));
    return total;
}

Result<std::unique_ptr<KvCache>> KvCache::create(const KvCacheShape& shape, KernelSet& kernels) {
    SOTTO_ASSIGN(Buffer buffer, kernels.allocate(kvCacheBytes(shape)));
    return std::unique_ptr<KvCache>(new KvCache(shape, std::move(buffer)));
}

KvCache::KvCache(const KvCacheShape& shape, Buffer buffer)
    : m_buffer(std::move(buffer)), m_pool(shape.nBlocks()) {
    std::byte* place = m_buffer.data();
    for (const KvLayerShape& layer : shape.layers) {
        const std::uint64_t bytes = planeBytes(shape, layer);
        m_layers.push_back(
            {place, place + bytes, shape.type, kBlockTokens, layer.nKvHeads, layer.headDim});
        place += 2 * bytes;
    }
}

}  // namespace sotto
