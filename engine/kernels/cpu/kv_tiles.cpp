#include "engine/kernels/cpu/kv_tiles.h"

#include <cstring>

#include "base/rounding.h"
#include "engine/kernels/canonical_blocks.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cpu {
namespace {

// Of types whose elements stand alone; 0: of others.
std::int64_t elementBytes(KvType type) {
    const KvTypeTraits& traits = kvTypeTraits(type);
    return traits.blockElements == 1 ? traits.blockBytes : 0;
}

// source [nRows][nCols] of elements -> target [nCols][nRows].
void turn(const std::byte* source, std::byte* target, std::int64_t nRows, std::int64_t nCols,
          std::int64_t bytes) {
    for (std::int64_t row = 0; row < nRows; ++row)
        for (std::int64_t col = 0; col < nCols; ++col)
            std::memcpy(target + (col * nRows + row) * bytes, source + (row * nCols + col) * bytes,
                        static_cast<std::size_t>(bytes));
}

}  // namespace

KvTiles tilesOf(const KvLayer& layer) {
    const KvLayerShape& shape = layer.shape;
    const auto line = static_cast<std::int64_t>(kCacheAlignment);
    KvTiles tiles;
    tiles.memory = layer.memory;
    tiles.shape = shape;
    tiles.valueOffset =
        roundUp(static_cast<std::int64_t>(shape.key.bytes()) * shape.blockTokens, line);
    const std::int64_t valueElement = elementBytes(shape.value.type);
    tiles.valueRowBytes = valueElement > 0 ? roundUp(shape.value.dim, 16) * valueElement
                                           : static_cast<std::int64_t>(shape.value.bytes());
    tiles.headStride = roundUp(tiles.valueOffset + tiles.valueRowBytes * shape.blockTokens, line);
    tiles.blockStride = tiles.headStride * shape.nKvHeads;
    return tiles;
}

std::uint64_t kvTilesBytes(const KvLayerShape& shape, std::int32_t nBlocks) {
    return static_cast<std::uint64_t>(tilesOf({shape}).blockStride) *
           static_cast<std::uint64_t>(nBlocks);
}

void readTiles(const KvTiles& tiles, std::int32_t block, std::byte* canonical) {
    const KvLayerShape& shape = tiles.shape;
    const std::int64_t keyElement = elementBytes(shape.key.type);
    for (std::int64_t kvHead = 0; kvHead < shape.nKvHeads; ++kvHead) {
        const std::byte* head =
            tiles.memory + block * tiles.blockStride + kvHead * tiles.headStride;
        std::byte* keys = canonical + keyOffset(shape, kvHead, 0);
        if (keyElement > 0)
            turn(head, keys, shape.key.dim, shape.blockTokens, keyElement);
        else
            std::memcpy(keys, head,
                        shape.key.bytes() * static_cast<std::size_t>(shape.blockTokens));
        for (std::int64_t slot = 0; slot < shape.blockTokens; ++slot)
            std::memcpy(canonical + valueOffset(shape, kvHead, slot),
                        head + tiles.valueOffset + slot * tiles.valueRowBytes, shape.value.bytes());
    }
}

void writeTiles(const KvTiles& tiles, std::int32_t block, const std::byte* canonical) {
    const KvLayerShape& shape = tiles.shape;
    const std::int64_t keyElement = elementBytes(shape.key.type);
    for (std::int64_t kvHead = 0; kvHead < shape.nKvHeads; ++kvHead) {
        std::byte* head = tiles.memory + block * tiles.blockStride + kvHead * tiles.headStride;
        const std::byte* keys = canonical + keyOffset(shape, kvHead, 0);
        if (keyElement > 0)
            turn(keys, head, shape.blockTokens, shape.key.dim, keyElement);
        else
            std::memcpy(head, keys,
                        shape.key.bytes() * static_cast<std::size_t>(shape.blockTokens));
        for (std::int64_t slot = 0; slot < shape.blockTokens; ++slot)
            std::memcpy(head + tiles.valueOffset + slot * tiles.valueRowBytes,
                        canonical + valueOffset(shape, kvHead, slot), shape.value.bytes());
    }
}

void copyTiles(const KvTiles& tiles, std::int32_t from, std::int32_t to) {
    if (from == to) return;
    std::memcpy(tiles.memory + to * tiles.blockStride, tiles.memory + from * tiles.blockStride,
                static_cast<std::size_t>(tiles.blockStride));
}

}  // namespace sotto::cpu
