// The blocks of the quantized tensor types as they lie in a GGUF file (block_formats_low.h has the
// others).
//
// Plain bytes in file order, no padding; may be read through a pointer into the mapping because
// every member has alignment 1 or 2 and blocks have even sizes. block_layouts.md draws the bits.
// Source: ggml docs/gguf.md and the type table of ENGINE_NOTES section 5.2.
#pragma once

#include <cstdint>

#include "base/half.h"

namespace sotto {

inline constexpr int kSmallBlock = 32;   // weights per block of Q4_0 to Q8_0
inline constexpr int kSuperBlock = 256;  // weights per block of the K types

// w = d * (code - 8), code in [0, 15]
struct BlockQ4_0 {
    Half d;
    std::uint8_t codes[kSmallBlock / 2];  // weight i: low nibble of i (i < 16), high of i - 16
};
static_assert(sizeof(BlockQ4_0) == 18 && alignof(BlockQ4_0) == 2);

// w = d * code + m, code in [0, 15]
struct BlockQ4_1 {
    Half d;
    Half m;                               // the block's least weight
    std::uint8_t codes[kSmallBlock / 2];  // as in Q4_0
};
static_assert(sizeof(BlockQ4_1) == 20 && alignof(BlockQ4_1) == 2);

// w = d * (code - 16), code in [0, 31]
struct BlockQ5_0 {
    Half d;
    std::uint8_t highBits[kSmallBlock / 8];  // bit i % 8 of byte i / 8: bit 4 of weight i
    std::uint8_t codes[kSmallBlock / 2];     // bits 0..3 as in Q4_0
};
static_assert(sizeof(BlockQ5_0) == 22 && alignof(BlockQ5_0) == 2);

// w = d * code + m, code in [0, 31]
struct BlockQ5_1 {
    Half d;
    Half m;
    std::uint8_t highBits[kSmallBlock / 8];  // as in Q5_0
    std::uint8_t codes[kSmallBlock / 2];
};
static_assert(sizeof(BlockQ5_1) == 24 && alignof(BlockQ5_1) == 2);

// w = d * code, code in [-127, 127] as written by quantizers
struct BlockQ8_0 {
    Half d;
    std::int8_t codes[kSmallBlock];
};
static_assert(sizeof(BlockQ8_0) == 34 && alignof(BlockQ8_0) == 2);

// Eight sub-blocks of 32: w = d * scale * code - dMin * min, code in [0, 15]
struct BlockQ4_K {
    Half d;
    Half dMin;
    std::uint8_t scales[12];              // eight 6-bit scales and eight 6-bit mins, interleaved
    std::uint8_t codes[kSuperBlock / 2];  // 32 bytes per pair of sub-blocks: low nibbles, high ones
};
static_assert(sizeof(BlockQ4_K) == 144 && alignof(BlockQ4_K) == 2);

// As Q4_K with a fifth bit: code in [0, 31]
struct BlockQ5_K {
    Half d;
    Half dMin;
    std::uint8_t scales[12];
    std::uint8_t highBits[kSuperBlock / 8];  // bit s of byte l: bit 4 of weight l of sub-block s
    std::uint8_t codes[kSuperBlock / 2];     // as in Q4_K
};
static_assert(sizeof(BlockQ5_K) == 176 && alignof(BlockQ5_K) == 2);

// Sixteen sub-blocks of 16: w = d * scale * (code - 32), code in [0, 63]
struct BlockQ6_K {
    std::uint8_t lowBits[kSuperBlock / 2];   // bits 0..3
    std::uint8_t highBits[kSuperBlock / 4];  // bits 4..5
    std::int8_t scales[kSuperBlock / 16];
    Half d;
};
static_assert(sizeof(BlockQ6_K) == 210 && alignof(BlockQ6_K) == 2);

// Sixteen sub-blocks of 16: w = d * scale * code - dMin * min, all but d and dMin in [0, 15] and
// codes in [0, 3]
struct BlockQ2_K {
    std::uint8_t scales[kSuperBlock / 16];  // low nibble: scale, high nibble: min
    std::uint8_t codes[kSuperBlock / 4];    // weight 128 h + 32 g + l: bits 2 g of byte 32 h + l
    Half d;
    Half dMin;
};
static_assert(sizeof(BlockQ2_K) == 84 && alignof(BlockQ2_K) == 2);

// Sixteen sub-blocks of 16: w = d * (scale - 32) * (code - 4), scale in [0, 63], code in [0, 7]
struct BlockQ3_K {
    std::uint8_t highBits[kSuperBlock / 8];  // bit s of byte l: bit 2 of weight 32 s + l
    std::uint8_t codes[kSuperBlock / 4];     // bits 0..1 as in Q2_K
    std::uint8_t scales[12];                 // 6 bits each: unpackScaleQ3_K()
    Half d;
};
static_assert(sizeof(BlockQ3_K) == 110 && alignof(BlockQ3_K) == 2);

// The two bits of a weight in Q2_K and Q3_K.
inline int lowKCode(const std::uint8_t (&codes)[kSuperBlock / 4], int position) {
    return codes[32 * (position / 128) + position % 32] >> (2 * (position % 128 / 32)) & 3;
}
inline void putLowKCode(std::uint8_t (&codes)[kSuperBlock / 4], int position, int code) {
    codes[32 * (position / 128) + position % 32] |=
        static_cast<std::uint8_t>(code << (2 * (position % 128 / 32)));
}

// Scale j keeps its bits 0..3 in byte j % 8 (j < 8: the low nibble) and 4..5 in byte 8 + j % 4.
inline int unpackScaleQ3_K(const std::uint8_t (&scales)[12], int subBlock) {
    const int low = scales[subBlock % 8] >> (subBlock < 8 ? 0 : 4) & 0x0f;
    return low | (scales[8 + subBlock % 4] >> (2 * (subBlock / 4)) & 3) << 4;
}
inline void putScaleQ3_K(std::uint8_t (&scales)[12], int subBlock, int scale) {
    scales[subBlock % 8] |= static_cast<std::uint8_t>((scale & 0x0f) << (subBlock < 8 ? 0 : 4));
    scales[8 + subBlock % 4] |= static_cast<std::uint8_t>((scale >> 4) << (2 * (subBlock / 4)));
}

// A code of [0, 15], or of [0, 31] where the block has a place for fifth bits, into a zeroed block
// of 32 weights.
template <typename Block>
void putSmallCode(Block& block, int index, int code) {
    block.codes[index % (kSmallBlock / 2)] |=
        static_cast<std::uint8_t>((code & 0x0f) << (index < kSmallBlock / 2 ? 0 : 4));
    if constexpr (requires { block.highBits; })
        block.highBits[index / 8] |= static_cast<std::uint8_t>((code >> 4) << (index % 8));
}

// A code of [0, 63] into a zeroed Q6_K block.
inline void putCodeQ6_K(BlockQ6_K& block, int position, int code) {
    const int half = position / 128;
    const int group = position % 128 / 32;
    block.lowBits[64 * half + 32 * (group % 2) + position % 32] |=
        static_cast<std::uint8_t>((code & 0x0f) << (group < 2 ? 0 : 4));
    block.highBits[32 * half + position % 32] |=
        static_cast<std::uint8_t>((code >> 4) << (2 * group));
}

// One sub-block's 6-bit factors of a Q4_K or Q5_K block.
struct ScaleAndMin {
    std::uint8_t scale = 0;  // [0, 63]
    std::uint8_t min = 0;    // [0, 63]
};

// Sub-blocks 0..3 have their six bits in one byte; 4..7 keep four bits in bytes 8..11 and their top
// two in the unused bits of bytes 0..7.
inline ScaleAndMin unpackScaleAndMin(const std::uint8_t (&scales)[12], int subBlock) {
    if (subBlock < 4)
        return {static_cast<std::uint8_t>(scales[subBlock] & 0x3f),
                static_cast<std::uint8_t>(scales[subBlock + 4] & 0x3f)};
    const int shared = scales[subBlock + 4];
    return {static_cast<std::uint8_t>((shared & 0x0f) | ((scales[subBlock - 4] >> 6) << 4)),
            static_cast<std::uint8_t>((shared >> 4) | ((scales[subBlock] >> 6) << 4))};
}

// The inverse, for all eight sub-blocks. Factors are at most 63.
inline void packScalesAndMins(const ScaleAndMin (&factors)[8], std::uint8_t (&scales)[12]) {
    for (int low = 0; low < 4; ++low) {
        const ScaleAndMin& first = factors[low];
        const ScaleAndMin& second = factors[low + 4];
        scales[low] = static_cast<std::uint8_t>(first.scale | ((second.scale >> 4) << 6));
        scales[low + 4] = static_cast<std::uint8_t>(first.min | ((second.min >> 4) << 6));
        scales[low + 8] =
            static_cast<std::uint8_t>((second.scale & 0x0f) | ((second.min & 0x0f) << 4));
    }
}

}  // namespace sotto
