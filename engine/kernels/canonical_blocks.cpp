#include "engine/kernels/canonical_blocks.h"

#include <algorithm>
#include <cstring>

#include "base/rounding.h"
#include "engine/kernels/kernel_set.h"

namespace sotto {

std::size_t keyOffset(const KvLayerShape& shape, std::int64_t kvHead, std::int64_t slot) {
    return static_cast<std::size_t>(kvHead * shape.blockTokens + slot) * shape.key.bytes();
}

std::size_t valueOffset(const KvLayerShape& shape, std::int64_t kvHead, std::int64_t slot) {
    return shape.keyBlockBytes() +
           static_cast<std::size_t>(kvHead * shape.blockTokens + slot) * shape.value.bytes();
}

void clearSlots(const KvLayerShape& shape, std::int64_t firstSlot, std::byte* block) {
    if (firstSlot >= shape.blockTokens) return;
    const auto nSlots = static_cast<std::size_t>(shape.blockTokens - firstSlot);
    for (std::int64_t kvHead = 0; kvHead < shape.nKvHeads; ++kvHead) {
        std::memset(block + keyOffset(shape, kvHead, firstSlot), 0, nSlots * shape.key.bytes());
        std::memset(block + valueOffset(shape, kvHead, firstSlot), 0, nSlots * shape.value.bytes());
    }
}

void clearUnfilled(const KvLayerShape& shape, const KvBlocks& blocks, std::byte* out) {
    for (std::size_t index = 0; index < blocks.ids.size(); ++index) {
        const auto before = static_cast<std::int64_t>(index) * shape.blockTokens;
        clearSlots(shape, std::max<std::int64_t>(0, blocks.nTokens - before),
                   out + index * blocks.stride);
    }
}

std::uint64_t canonicalCacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) {
    return roundUp(static_cast<std::uint64_t>(nBlocks) * shape.blockBytes(), kCacheAlignment);
}

std::byte* canonicalBlock(const KvLayer& layer, std::int64_t block) {
    return layer.memory + static_cast<std::size_t>(block) * layer.shape.blockBytes();
}

void copyCanonicalBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) {
    if (from == to) return;
    std::memcpy(canonicalBlock(layer, to), canonicalBlock(layer, from), layer.shape.blockBytes());
}

void readCanonicalBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) {
    for (std::size_t index = 0; index < blocks.ids.size(); ++index)
        std::memcpy(out + index * blocks.stride, canonicalBlock(layer, blocks.ids[index]),
                    layer.shape.blockBytes());
    clearUnfilled(layer.shape, blocks, out);
}

void writeCanonicalBlocks(const KvLayer& layer, const KvBlocks& blocks, const std::byte* from) {
    for (std::size_t index = 0; index < blocks.ids.size(); ++index)
        std::memcpy(canonicalBlock(layer, blocks.ids[index]), from + index * blocks.stride,
                    layer.shape.blockBytes());
}

}  // namespace sotto
