// KvCache: the bytes of all keys and values, cut into blocks of 32 tokens, one pool for all layers.
//
// A block id stands for the same place in every layer, so one block table per sequence serves them
// all. Owns the device memory and the pool. Engine thread. The layout inside a block is stated at
// KvLayerView (kernel_set.h). Prefix sharing will find blocks by content and add holders to them in
// the pool; sliding-window layers and recurrent state will have pools of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/kernels/kernel_set.h"
#include "engine/kvcache/block_pool.h"

namespace sotto {

// Small enough to waste little (16 tokens per sequence on average), large enough that a block of
// one head is a run of 4 KiB or more, which the memory prefetchers like.
constexpr std::int32_t kBlockTokens = 32;

struct KvLayerShape {
    std::int32_t nKvHeads = 0;
    std::int32_t headDim = 0;
};

struct KvCacheShape {
    std::vector<KvLayerShape> layers;
    DType type = DType::F16;   // F16 or F32
    std::int64_t nTokens = 0;  // capacity of the whole pool, rounded up to blocks
    std::int32_t nBlocks() const {
        return static_cast<std::int32_t>((nTokens + kBlockTokens - 1) / kBlockTokens);
    }
};

// Bytes that KvCache::create allocates; of one token: every layer's key and value.
std::uint64_t kvCacheBytes(const KvCacheShape& shape);
// Of the layers [firstLayer, endLayer).
std::uint64_t kvCacheBytes(const KvCacheShape& shape, std::size_t firstLayer, std::size_t endLayer);
std::uint64_t kvTokenBytes(const KvCacheShape& shape);

class KvCache {
public:
    // Errors: OutOfMemory.
    static Result<std::unique_ptr<KvCache>> create(const KvCacheShape& shape, KernelSet& kernels);
    // Each layer in the memory of its own set: `layerKernels` [layers]; layers of one set are
    // consecutive.
    static Result<std::unique_ptr<KvCache>> create(const KvCacheShape& shape,
                                                   std::span<KernelSet* const> layerKernels);

    std::span<const KvLayerView> layers() const { return m_layers; }
    BlockPool& pool() { return m_pool; }
    const BlockPool& pool() const { return m_pool; }
    std::uint64_t bytes() const { return m_bytes; }

private:
    explicit KvCache(std::int32_t nBlocks) : m_pool(nBlocks) {}

    std::vector<Buffer> m_buffers;  // one per set
    std::uint64_t m_bytes = 0;
    std::vector<KvLayerView> m_layers;
    BlockPool m_pool;
};

}  // namespace sotto
