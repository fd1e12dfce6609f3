#include "engine/kvcache/kv_cache.h"

#include "base/check.h"

namespace sotto {

std::uint64_t kvCacheBytes(const KvCacheShape& shape, std::size_t firstLayer, std::size_t endLayer,
                           const CacheBytes& cacheBytes) {
    std::uint64_t total = 0;
    for (std::size_t layer = firstLayer; layer < endLayer; ++layer)
        total += cacheBytes(shape.layers[layer], shape.nBlocks());
    return total;
}

std::uint64_t kvTokenBytes(const KvCacheShape& shape) {
    std::uint64_t total = 0;
    for (const KvLayerShape& layer : shape.layers) total += layer.tokenBytes();
    return total;
}

Result<std::unique_ptr<KvCache>> KvCache::create(const KvCacheShape& shape, KernelSet& kernels) {
    const std::vector<KernelSet*> layerKernels(shape.layers.size(), &kernels);
    return create(shape, layerKernels);
}

Result<std::unique_ptr<KvCache>> KvCache::create(const KvCacheShape& shape,
                                                 std::span<KernelSet* const> layerKernels) {
    const std::int32_t nBlocks = shape.nBlocks();
    std::unique_ptr<KvCache> cache(new KvCache(nBlocks));
    cache->m_kernels.assign(layerKernels.begin(), layerKernels.end());
    std::size_t first = 0;
    while (first < shape.layers.size()) {
        KernelSet& kernels = *layerKernels[first];
        std::size_t end = first + 1;
        while (end < shape.layers.size() && layerKernels[end] == &kernels) ++end;
        const auto cacheBytes = [&](const KvLayerShape& layer, std::int32_t count) {
            return kernels.cacheBytes(layer, count);
        };
        SOTTO_ASSIGN(Buffer buffer, kernels.allocate(kvCacheBytes(shape, first, end, cacheBytes)));
        std::byte* place = buffer.data();
        for (std::size_t layer = first; layer < end; ++layer) {
            const KvLayerShape& layerShape = shape.layers[layer];
            SOTTO_CHECK(layerShape.blockTokens == kBlockTokens);
            cache->m_layers.push_back({layerShape, nBlocks, place});
            cache->m_blockBytes += layerShape.blockBytes();
            place += kernels.cacheBytes(layerShape, nBlocks);
        }
        cache->m_bytes += roundUp(std::uint64_t{buffer.bytes()}, kernels.allocationUnit());
        cache->m_buffers.push_back(std::move(buffer));
        first = end;
    }
    return cache;
}

Status KvCache::readBlocks(std::span<const BlockId> ids, std::int64_t nTokens,
                           std::span<std::byte> out) const {
    SOTTO_CHECK(out.size() >= ids.size() * m_blockBytes);
    std::byte* place = out.data();
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        SOTTO_TRY(
            m_kernels[layer]->readBlocks(m_layers[layer], {ids, nTokens, m_blockBytes}, place));
        place += m_layers[layer].shape.blockBytes();
    }
    return {};
}

Status KvCache::writeBlocks(std::span<const BlockId> ids, std::span<const std::byte> from) {
    SOTTO_CHECK(from.size() >= ids.size() * m_blockBytes);
    const auto nTokens = static_cast<std::int64_t>(ids.size()) * kBlockTokens;
    const std::byte* place = from.data();
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        SOTTO_TRY(
            m_kernels[layer]->writeBlocks(m_layers[layer], {ids, nTokens, m_blockBytes}, place));
        place += m_layers[layer].shape.blockBytes();
    }
    return {};
}

Result<SequenceReservation> KvCache::reserve(SequenceMemory& memory, std::int64_t nNewTokens) {
    SequenceReservation reservation(memory, nNewTokens);
    if (!reservation.ok())
        return fail(ErrorCode::Internal, "The KV cache ran out of blocks during a step.");
    for (const BlockCopy& copy : reservation.copies()) SOTTO_TRY(copyBlock(copy.from, copy.to));
    return reservation;
}

Status KvCache::copyBlock(BlockId from, BlockId to) {
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer)
        SOTTO_TRY(m_kernels[layer]->copyBlock(m_layers[layer], from, to));
    return {};
}

Status KvCache::moveBlocks(const BlockMoves& blocks, std::span<const KeyMove> moves) {
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer)
        SOTTO_TRY(m_kernels[layer]->moveBlocks(m_layers[layer], blocks, moves[layer]));
    return {};
}

}  // namespace sotto
