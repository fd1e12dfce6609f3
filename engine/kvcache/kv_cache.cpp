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
    return kvCacheBytes(shape, 0, shape.layers.size());
}

std::uint64_t kvCacheBytes(const KvCacheShape& shape, std::size_t firstLayer,
                           std::size_t endLayer) {
    std::uint64_t total = 0;
    for (std::size_t layer = firstLayer; layer < endLayer; ++layer)
        total += 2 * planeBytes(shape, shape.layers[layer]);
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
    const std::vector<KernelSet*> layerKernels(shape.layers.size(), &kernels);
    return create(shape, layerKernels);
}

Result<std::unique_ptr<KvCache>> KvCache::create(const KvCacheShape& shape,
                                                 std::span<KernelSet* const> layerKernels) {
    std::unique_ptr<KvCache> cache(new KvCache(shape.nBlocks()));
    std::size_t first = 0;
    while (first < shape.layers.size()) {
        std::size_t end = first + 1;
        while (end < shape.layers.size() && layerKernels[end] == layerKernels[first]) ++end;
        SOTTO_ASSIGN(Buffer buffer, layerKernels[first]->allocate(kvCacheBytes(shape, first, end)));
        std::byte* place = buffer.data();
        for (std::size_t layer = first; layer < end; ++layer) {
            const std::uint64_t bytes = planeBytes(shape, shape.layers[layer]);
            cache->m_layers.push_back({place, place + bytes, shape.type, kBlockTokens,
                                       shape.layers[layer].nKvHeads, shape.layers[layer].headDim});
            place += 2 * bytes;
        }
        cache->m_bytes += buffer.bytes();
        cache->m_buffers.push_back(std::move(buffer));
        first = end;
    }
    return cache;
}

}  // namespace sotto
