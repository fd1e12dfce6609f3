// KvTiles: how the CPU set lays out a layer's cache, the layout behind KvLayer (kernel_set.h).
//
// Per block and KV head lie the keys, then the values, one run from a cache line on.
//
// F16 and F32: the keys turned, [key.dim][blockTokens], so that a dot has keys in its lanes and
// reads straight on, and the values as they come, [blockTokens][value.dim], for the weighted sum
// has dims in its lanes. A value's row is padded to 16 elements, so that every load is a whole
// vector; what lies in the padding does not matter.
//
// Quantized: for each 32 tokens and there for each block of 32 dims a patch of the tokens'
// scales, [32] halves, and their codes, so that no byte is spent on anything else. Codes of Q8_0,
// Q5_0 and Q4_0 lie in two units of 16 lanes, each [8 steps][16 lanes][4 codes], as products of
// bytes read them: of keys a unit's lanes are tokens and a step's four codes dims in a row; of
// values lanes are dims and the four are tokens in a row. All are unsigned, with an offset of 128,
// 16 or 8. Four bits: the low nibbles of four chunks of 64 bytes are steps 0 to 3, the high ones 4
// to 7; five: behind them a chunk with a byte per code, whose bit n is the fifth bit of step n.
// Floats of eight bits: keys [32 dims][32 tokens], values [32 tokens][32 dims].
//
// Plain values; read by inner loops, written by the functions below and by ropeStore.
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
    std::int64_t valueRowBytes = 0;  // from one token's value to the next; not of codes
};

KvTiles tilesOf(const KvLayer& layer);

std::uint64_t kvTilesBytes(const KvLayerShape& shape, std::int32_t nBlocks);
// One KV head of a block out of the layout and into it; `canonical` is the whole block's,
// shape.blockBytes().
void readTiles(const KvTiles& tiles, std::int32_t block, std::int64_t kvHead, std::byte* canonical);
void writeTiles(const KvTiles& tiles, std::int32_t block, std::int64_t kvHead,
                const std::byte* canonical);
void copyTiles(const KvTiles& tiles, std::int32_t from, std::int32_t to);

}  // namespace sotto::cpu
