// KvCache: the bytes of all keys and values, cut into blocks of 32 tokens, one pool for all layers.
//
// A block id stands for the same place in every layer, so one block table per sequence serves them
// all. Owns the device memory and the groups (memory_groups.h); the sets of its layers must outlive
// it. Engine thread. How a block is laid out is the matter of a layer's kernel set; what leaves the
// cache is canonical (kv_layer.h). What was computed is found again by its tokens: prefix_cache.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/rounding.h"
#include "engine/kernels/kernel_set.h"
#include "engine/kvcache/memory_groups.h"
#include "engine/kvcache/sequence_memory.h"

namespace sotto {

// Small enough to waste little (16 tokens per sequence on average), large enough that a block of
// one head is a run of 4 KiB or more, which the memory prefetchers like.
constexpr std::int32_t kBlockTokens = 32;

struct KvCacheShape {
    std::vector<KvLayerShape> layers;  // all of kBlockTokens
    std::int64_t nTokens = 0;          // capacity of the whole pool, rounded up to blocks
    std::int32_t nBlocks() const {
        return static_cast<std::int32_t>(ceilDiv(nTokens, kBlockTokens));
    }
};

// As KernelSizes::cacheBytes.
using CacheBytes = std::function<std::uint64_t(const KvLayerShape& shape, std::int32_t nBlocks)>;

// Bytes that KvCache::create allocates for the layers [firstLayer, endLayer) in the memory of a set
// that takes these sizes.
std::uint64_t kvCacheBytes(const KvCacheShape& shape, std::size_t firstLayer, std::size_t endLayer,
                           const CacheBytes& cacheBytes);
// Of one token: every layer's key and value.
std::uint64_t kvTokenBytes(const KvCacheShape& shape);

class KvCache {
public:
    // Errors: OutOfMemory.
    static Result<std::unique_ptr<KvCache>> create(const KvCacheShape& shape, KernelSet& kernels);
    // Each layer in the memory of its own set: `layerKernels` [layers]; layers of one set are
    // consecutive.
    static Result<std::unique_ptr<KvCache>> create(const KvCacheShape& shape,
                                                   std::span<KernelSet* const> layerKernels);

    std::span<const KvLayer> layers() const { return m_layers; }
    MemoryGroups& groups() { return m_groups; }
    // Of the first group.
    BlockPool& pool() { return m_groups.front().pool; }
    const BlockPool& pool() const { return m_groups.front().pool; }
    std::uint64_t bytes() const { return m_bytes; }

    // Bytes of one block in the canonical form: its part of every layer, in order of the layers.
    std::size_t blockBytes() const { return m_blockBytes; }
    // Blocks in order of position, of which nTokens slots are filled; the others are read as zeros.
    // `out` and `from`: [ids.size()][blockBytes()]. Behind the steps that were queued; done on
    // return. Errors: DeviceFailed.
    Status readBlocks(std::span<const BlockId> ids, std::int64_t nTokens,
                      std::span<std::byte> out) const;
    Status writeBlocks(std::span<const BlockId> ids, std::span<const std::byte> from);
    // What `nNewTokens` further positions of a sequence need, with what others hold of it copied,
    // so that they may be written. Errors: Internal (a pool or the sequence's room ran out),
    // DeviceFailed; nothing is held then.
    Result<SequenceReservation> reserve(SequenceMemory& memory, std::int64_t nNewTokens);
    // What `from` holds also in `to`, in every layer: behind the steps that were queued, before
    // those that follow. Errors: DeviceFailed.
    Status copyBlock(BlockId from, BlockId to);
    // Of every layer, with its own move [layers]: behind the steps that were queued, before those
    // that follow. Errors: DeviceFailed.
    Status moveBlocks(const BlockMoves& blocks, std::span<const KeyMove> moves);

private:
    explicit KvCache(std::int32_t nBlocks) : m_groups{{MemoryKind::Full, BlockPool(nBlocks)}} {}

    std::vector<Buffer> m_buffers;  // one per set
    std::uint64_t m_bytes = 0;
    std::size_t m_blockBytes = 0;
    std::vector<KvLayer> m_layers;
    std::vector<KernelSet*> m_kernels;  // [layers]
    MemoryGroups m_groups;              // all layers are of one kind today: one group
};

}  // namespace sotto
