// The blocks of the tensor types of 1 to 4 bits that are kept as indices: into a grid of points
// (IQ1 to IQ3), into a table of levels (IQ4, MXFP4, NVFP4) or as digits (TQ1_0, TQ2_0, Q1_0, Q2_0).
//
// Plain bytes in file order, no padding, as in block_formats.h; `signs` are bits, 1: negative.
// block_layouts.md draws the bits. Source: the block structs of ggml's file format.
#pragma once

#include <cstdint>

#include "base/half.h"
#include "engine/quant/block_formats.h"

namespace sotto {

// Weights of a group; four groups are a sub-block of 32.
inline constexpr int kGroup = 8;

// Eight sub-blocks of 32 = four groups of 8: w = d * (2 * scale + 1) / 8 * sign * point.
struct BlockIQ2_XXS {
    Half d;
    // Per sub-block: four bytes of grid indices, then, as one number of 32 bits, four times 7 bits
    // of signs (the eighth makes their count even) and the scale in bits 28..31.
    std::uint16_t codes[kSuperBlock / 8];
};
static_assert(sizeof(BlockIQ2_XXS) == 66 && alignof(BlockIQ2_XXS) == 2);

// As above with a scale per 16 weights.
struct BlockIQ2_XS {
    Half d;
    std::uint16_t codes[kSuperBlock / 8];   // per group: bits 0..8 index, 9..15 signs
    std::uint8_t scales[kSuperBlock / 32];  // low nibble: first 16 weights of the sub-block
};
static_assert(sizeof(BlockIQ2_XS) == 74 && alignof(BlockIQ2_XS) == 2);

struct BlockIQ2_S {
    Half d;
    std::uint8_t codes[kSuperBlock / 8];      // per group: bits 0..7 of the index
    std::uint8_t signs[kSuperBlock / 8];      // per group, all eight
    std::uint8_t highBits[kSuperBlock / 32];  // bits 2 g and 2 g + 1: bits 8..9 of group g's index
    std::uint8_t scales[kSuperBlock / 32];    // as in IQ2_XS
};
static_assert(sizeof(BlockIQ2_S) == 82 && alignof(BlockIQ2_S) == 2);

// Points of four weights: w = d * (2 * scale + 1) / 4 * sign * point.
struct BlockIQ3_XXS {
    Half d;
    std::uint8_t codes[kSuperBlock / 4];             // per four weights
    std::uint16_t scalesAndSigns[kSuperBlock / 16];  // per sub-block 32 bits as in IQ2_XXS
};
static_assert(sizeof(BlockIQ3_XXS) == 98 && alignof(BlockIQ3_XXS) == 2);

// w = d * (2 * scale + 1) * sign * point
struct BlockIQ3_S {
    Half d;
    std::uint8_t codes[kSuperBlock / 4];      // per four weights: bits 0..7 of the index
    std::uint8_t highBits[kSuperBlock / 32];  // bit p: bit 8 of the index of point p
    std::uint8_t signs[kSuperBlock / 8];      // per group
    std::uint8_t scales[kSuperBlock / 64];    // low nibble: the even sub-block
};
static_assert(sizeof(BlockIQ3_S) == 110 && alignof(BlockIQ3_S) == 2);

// w = d * (2 * scale + 1) * (point +- 1/8), points of -1, 0 and 1
struct BlockIQ1_S {
    Half d;
    std::uint8_t codes[kSuperBlock / 8];  // per group: bits 0..7 of the index
    // Per sub-block: bits 3 g .. 3 g + 2 are bits 8..10 of group g's index, 12..14 the scale, 15
    // the shift's sign.
    std::uint16_t highBits[kSuperBlock / 32];
};
static_assert(sizeof(BlockIQ1_S) == 50 && alignof(BlockIQ1_S) == 2);

// As IQ1_S with a shift per group and a scale per 16 weights; d has no member of its own.
struct BlockIQ1_M {
    std::uint8_t codes[kSuperBlock / 8];
    // Per two groups: bits 0..2 and 4..6 are bits 8..10 of their indices, 3 and 7 the shifts'
    // signs.
    std::uint8_t highBits[kSuperBlock / 16];
    // Of each: four scales of 3 bits from bit 0 on; bits 12..15 are a quarter of d, lowest first.
    std::uint16_t scales[kSuperBlock / 64];
};
static_assert(sizeof(BlockIQ1_M) == 56 && alignof(BlockIQ1_M) == 2);

// w = d * level
struct BlockIQ4_NL {
    Half d;
    std::uint8_t codes[kSmallBlock / 2];  // as in Q4_0
};
static_assert(sizeof(BlockIQ4_NL) == 18 && alignof(BlockIQ4_NL) == 2);

// Eight sub-blocks of 32: w = d * (scale - 32) * level, scale in [0, 63]
struct BlockIQ4_XS {
    Half d;
    std::uint16_t scalesHigh;                  // bits 2 s and 2 s + 1: bits 4..5 of scale s
    std::uint8_t scalesLow[kSuperBlock / 64];  // bits 0..3, low nibble: the even sub-block
    std::uint8_t codes[kSuperBlock / 2];       // per sub-block 16 bytes as in Q4_0
};
static_assert(sizeof(BlockIQ4_XS) == 136 && alignof(BlockIQ4_XS) == 2);

inline int unpackScaleIQ4_XS(const BlockIQ4_XS& block, int subBlock) {
    const int low = block.scalesLow[subBlock / 2] >> (subBlock % 2 == 0 ? 0 : 4) & 0x0f;
    return low | (block.scalesHigh >> (2 * subBlock) & 3) << 4;
}

// w = 2^(exponent - 128) * level, twice the value of an E2M1 number (OCP Microscaling v1.0). Blocks
// of an odd size: bytes alone.
struct BlockMXFP4 {
    std::uint8_t exponent;
    std::uint8_t codes[kSmallBlock / 2];  // as in Q4_0
};
static_assert(sizeof(BlockMXFP4) == 17 && alignof(BlockMXFP4) == 1);

// Four sub-blocks of 16: w = scale / 2 * level with scales in unsigned E4M3
struct BlockNVFP4 {
    std::uint8_t scales[4];
    std::uint8_t codes[32];  // per sub-block 8 bytes: weight l low, l + 8 high
};
static_assert(sizeof(BlockNVFP4) == 36 && alignof(BlockNVFP4) == 1);

// w = d * (digit - 1), five digits of base three per byte
struct BlockTQ1_0 {
    std::uint8_t codes[48];     // 32 bytes for weights 0..159, 16 for 160..239
    std::uint8_t lastCodes[4];  // four digits each
    Half d;
};
static_assert(sizeof(BlockTQ1_0) == 54 && alignof(BlockTQ1_0) == 2);

// w = d * (code - 1)
struct BlockTQ2_0 {
    std::uint8_t codes[kSuperBlock / 4];  // of weight 128 h + 32 g + l: bits 2 g of byte 32 h + l
    Half d;
};
static_assert(sizeof(BlockTQ2_0) == 66 && alignof(BlockTQ2_0) == 2);

// w = d * (2 * bit - 1)
struct BlockQ1_0 {
    Half d;
    std::uint8_t codes[16];  // bit i % 8 of byte i / 8
};
static_assert(sizeof(BlockQ1_0) == 18 && alignof(BlockQ1_0) == 2);

// w = d * (code - 1)
struct BlockQ2_0 {
    Half d;
    std::uint8_t codes[16];  // bits 2 (i % 4) of byte i / 4
};
static_assert(sizeof(BlockQ2_0) == 18 && alignof(BlockQ2_0) == 2);

}  // namespace sotto
