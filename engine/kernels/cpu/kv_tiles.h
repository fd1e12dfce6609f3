// KvTiles: how the CPU set lays out a layer's cache, the layout behind KvLayer (kernel_set.h).
//
// Per block and KV head, behind one another and from a cache line on: the keys turned,
// [key.dim][blockTokens], so that a dot has keys in its lanes and reads straight on, and the values
// as they come, [blockTokens][value.dim], for the weighted sum has dims in its lanes. A value's row
// is padded to 16 elements, so that every load is a whole vector; what lies in the padding does not
// matter. A head's keys and values of one block are one run (8 KiB of F16 at 64 dims).
// Quantized types, with which no kernel computes yet, lie as in the canonical form. Plain values;
// read by inner loops, written by the functions below and by ropeStore.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/kv_layer.h"

namespace sotto::cpu {

struct KvTiles {
    std::byte* memory = nullptr;
    KvLayerShape shape;
    // Bytes.
    std::int64_t blockStride = 0;
    std::int64_t headStride = 0;
    std::int64_t valueOffset = 0;    // from a head's keys to its values
    std::int64_t valueRowBytes = 0;  // from one token's value to the next
};

KvTiles tilesOf(const KvLayer& layer);

std::uint64_t kvTilesBytes(const KvLayerShape& shape, std::int32_t nBlocks);
// One block out of the layout and into it; `canonical` has shape.blockBytes().
void readTiles(const KvTiles& tiles, std::int32_t block, std::byte* canonical);
void writeTiles(const KvTiles& tiles, std::int32_t block, const std::byte* canonical);
void copyTiles(const KvTiles& tiles, std::int32_t from, std::int32_t to);

}  // namespace sotto::cpu
