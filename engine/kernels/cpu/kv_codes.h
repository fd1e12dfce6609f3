// Blocks of 32 elements of quantized keys and values: their canonical bytes, their codes one by
// one, and where those lie in the tiles of the CPU set (kv_tiles.h draws them).
//
// Inlined by force, all of it: code for newer processors includes it too, and a shared copy
// compiled for one of them must never be linked for all. Plain functions on bytes.
#pragma once

#include <cstdint>

#include "engine/tensor/kv_type.h"

namespace sotto::cpu {

#define SOTTO_KV_INLINE inline __attribute__((always_inline))

inline constexpr std::int64_t kKvBlock = kKvBlockElements;  // signed as all that is counted here
inline constexpr std::int64_t kKvPatchTokens = 32;          // whose codes lie together
inline constexpr std::int64_t kKvLanes = 16;                // of a unit
inline constexpr std::int64_t kKvChunk = 64;                // bytes: four of each lane
inline constexpr std::int64_t kKvScales = 64;               // bytes of a patch's scales

// Bits of a code.
SOTTO_KV_INLINE constexpr int kvCodeBits(KvType type) {
    if (type == KvType::Q4_0) return 4;
    return type == KvType::Q5_0 ? 5 : 8;
}
// isQuantized(), inlined.
SOTTO_KV_INLINE constexpr bool isInBlocks(KvType type) {
    return type != KvType::F16 && type != KvType::F32;
}
// Bytes of the blocks of a group's 32 tokens at one place in their rows: scales, then two units of
// 16 lanes by 32 codes.
SOTTO_KV_INLINE constexpr std::int64_t kvPatchBytes(KvType type) {
    return kKvScales + 2 * kvCodeBits(type) * kKvChunk;
}

// One block, unpacked. Codes of Q8_0 are signed; those of Q5_0 and Q4_0 are 16 and 8 above what
// they stand for.
struct KvBlockCodes {
    std::uint16_t scale = 0;  // a half's bits
    alignas(32) std::uint8_t codes[kKvBlock] = {};
};

// Out of the canonical form (engine/quant/block_layouts.md) and into it.
SOTTO_KV_INLINE void unpackBlock(KvType type, const std::uint8_t* canonical, KvBlockCodes& block) {
    __builtin_memcpy(&block.scale, canonical, 2);
    const std::uint8_t* bytes = canonical + 2;
    if (kvCodeBits(type) == 8) {
        __builtin_memcpy(block.codes, bytes, kKvBlock);
        return;
    }
    const std::uint8_t* nibbles = type == KvType::Q5_0 ? bytes + 4 : bytes;
    for (int index = 0; index < 16; ++index) {
        block.codes[index] = nibbles[index] & 15;
        block.codes[index + 16] = static_cast<std::uint8_t>(nibbles[index] >> 4);
    }
    if (type != KvType::Q5_0) return;
    for (int index = 0; index < 32; ++index)
        block.codes[index] |= static_cast<std::uint8_t>((bytes[index / 8] >> index % 8 & 1) << 4);
}
SOTTO_KV_INLINE void packBlock(KvType type, const KvBlockCodes& block, std::uint8_t* canonical) {
    __builtin_memcpy(canonical, &block.scale, 2);
    std::uint8_t* bytes = canonical + 2;
    if (kvCodeBits(type) == 8) {
        __builtin_memcpy(bytes, block.codes, kKvBlock);
        return;
    }
    std::uint8_t* nibbles = bytes;
    if (type == KvType::Q5_0) {
        nibbles += 4;
        for (int index = 0; index < 4; ++index) {
            unsigned bits = 0;
            for (int bit = 0; bit < 8; ++bit)
                bits |= static_cast<unsigned>(block.codes[index * 8 + bit] >> 4) << bit;
            bytes[index] = static_cast<std::uint8_t>(bits);
        }
    }
    for (int index = 0; index < 16; ++index)
        nibbles[index] = static_cast<std::uint8_t>((block.codes[index] & 15) |
                                                   (block.codes[index + 16] & 15) << 4);
}

// A key's block into its patch: lanes are tokens, and all that a lane holds is one token's.
SOTTO_KV_INLINE void putKeyBlock(KvType type, std::uint8_t* patch, std::int64_t token,
                                 const KvBlockCodes& block) {
    __builtin_memcpy(patch + token * 2, &block.scale, 2);
    const int bits = kvCodeBits(type);
    if (isFloat8(type)) {
        for (int dim = 0; dim < kKvBlock; ++dim)
            patch[kKvScales + dim * kKvPatchTokens + token] = block.codes[dim];
        return;
    }
    std::uint8_t* lane =
        patch + kKvScales + token / kKvLanes * bits * kKvChunk + token % kKvLanes * 4;
    const std::uint8_t* codes = block.codes;
    if (bits == 8) {
        for (int index = 0; index < kKvBlock; ++index)
            lane[index / 4 * kKvChunk + index % 4] = codes[index] ^ 0x80;
        return;
    }
    for (int index = 0; index < 16; ++index)
        lane[index / 4 * kKvChunk + index % 4] =
            static_cast<std::uint8_t>((codes[index] & 15) | (codes[index + 16] & 15) << 4);
    if (bits == 4) return;
    for (int index = 0; index < 4; ++index) {
        unsigned fifth = 0;
        for (int step = 0; step < 8; ++step)
            fifth |= static_cast<unsigned>(codes[step * 4 + index] >> 4) << step;
        lane[4 * kKvChunk + index] = static_cast<std::uint8_t>(fifth);
    }
}
SOTTO_KV_INLINE void takeKeyBlock(KvType type, const std::uint8_t* patch, std::int64_t token,
                                  KvBlockCodes& block) {
    __builtin_memcpy(&block.scale, patch + token * 2, 2);
    const int bits = kvCodeBits(type);
    if (isFloat8(type)) {
        for (int dim = 0; dim < kKvBlock; ++dim)
            block.codes[dim] = patch[kKvScales + dim * kKvPatchTokens + token];
        return;
    }
    const std::uint8_t* lane =
        patch + kKvScales + token / kKvLanes * bits * kKvChunk + token % kKvLanes * 4;
    if (bits == 8) {
        for (int index = 0; index < kKvBlock; ++index)
            block.codes[index] = lane[index / 4 * kKvChunk + index % 4] ^ 0x80;
        return;
    }
    for (int index = 0; index < 16; ++index) {
        const std::uint8_t both = lane[index / 4 * kKvChunk + index % 4];
        block.codes[index] = both & 15;
        block.codes[index + 16] = static_cast<std::uint8_t>(both >> 4);
    }
    if (bits == 4) return;
    for (int index = 0; index < 32; ++index)
        block.codes[index] |=
            static_cast<std::uint8_t>((lane[4 * kKvChunk + index % 4] >> index / 4 & 1) << 4);
}

// A value's block into its patch: lanes are dims, of which each holds the codes of all 32 tokens.
SOTTO_KV_INLINE void putValueBlock(KvType type, std::uint8_t* patch, std::int64_t token,
                                   const KvBlockCodes& block) {
    __builtin_memcpy(patch + token * 2, &block.scale, 2);
    const int bits = kvCodeBits(type);
    if (isFloat8(type)) {
        __builtin_memcpy(patch + kKvScales + token * kKvBlock, block.codes, kKvBlock);
        return;
    }
    const std::int64_t step = token / 4;
    const std::int64_t chunk = bits == 8 ? step : step % 4;
    const int shift = step < 4 ? 0 : 4;
    for (int dim = 0; dim < kKvBlock; ++dim) {
        std::uint8_t* lane =
            patch + kKvScales + dim / kKvLanes * bits * kKvChunk + dim % kKvLanes * 4 + token % 4;
        const unsigned code = block.codes[dim];
        std::uint8_t& place = lane[chunk * kKvChunk];
        if (bits == 8) {
            place = static_cast<std::uint8_t>(code ^ 0x80u);
            continue;
        }
        place = static_cast<std::uint8_t>((place & (0xf0u >> shift)) | (code & 15u) << shift);
        if (bits == 4) continue;
        std::uint8_t& fifths = lane[4 * kKvChunk];
        fifths = static_cast<std::uint8_t>((fifths & ~(1u << step)) | (code >> 4) << step);
    }
}
SOTTO_KV_INLINE void takeValueBlock(KvType type, const std::uint8_t* patch, std::int64_t token,
                                    KvBlockCodes& block) {
    __builtin_memcpy(&block.scale, patch + token * 2, 2);
    const int bits = kvCodeBits(type);
    if (isFloat8(type)) {
        __builtin_memcpy(block.codes, patch + kKvScales + token * kKvBlock, kKvBlock);
        return;
    }
    const std::int64_t step = token / 4;
    const std::int64_t chunk = bits == 8 ? step : step % 4;
    const int shift = step < 4 ? 0 : 4;
    for (int dim = 0; dim < kKvBlock; ++dim) {
        const std::uint8_t* lane =
            patch + kKvScales + dim / kKvLanes * bits * kKvChunk + dim % kKvLanes * 4 + token % 4;
        const unsigned both = lane[chunk * kKvChunk];
        if (bits == 8) {
            block.codes[dim] = static_cast<std::uint8_t>(both ^ 0x80u);
            continue;
        }
        unsigned code = both >> shift & 15u;
        if (bits == 5) code |= (lane[4 * kKvChunk] >> step & 1u) << 4;
        block.codes[dim] = static_cast<std::uint8_t>(code);
    }
}

#undef SOTTO_KV_INLINE

}  // namespace sotto::cpu
