// The canonical form of cache blocks (kv_layer.h) in host memory: where rows lie in a block, and a
// layer's cache that is held in that form, block behind block.
//
// For sets whose memory is the host's. Plain functions; the thread that owns the memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/kv_layer.h"

namespace sotto {

// Bytes from the start of a canonical block to the key, or the value, of (kvHead, slot).
std::size_t keyOffset(const KvLayerShape& shape, std::int64_t kvHead, std::int64_t slot);
std::size_t valueOffset(const KvLayerShape& shape, std::int64_t kvHead, std::int64_t slot);

// Zeros in the slots [firstSlot, blockTokens) of one canonical block.
void clearSlots(const KvLayerShape& shape, std::int64_t firstSlot, std::byte* block);
// The same in every block that the filled slots do not fill.
void clearUnfilled(const KvLayerShape& shape, const KvBlocks& blocks, std::byte* out);

// Of a layer whose memory is nBlocks canonical blocks.
std::uint64_t canonicalCacheBytes(const KvLayerShape& shape, std::int32_t nBlocks);
std::byte* canonicalBlock(const KvLayer& layer, std::int64_t block);
void copyCanonicalBlock(const KvLayer& layer, std::int32_t from, std::int32_t to);
void readCanonicalBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out);
void writeCanonicalBlocks(const KvLayer& layer, const KvBlocks& blocks, const std::byte* from);

}  // namespace sotto
