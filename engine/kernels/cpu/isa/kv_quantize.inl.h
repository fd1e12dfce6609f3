// Blocks of 32 elements of keys and values to codes: the roundings of engine/kernels/kv_rows.h, in
// loops over a block that the compiler makes vectors of.
#pragma once

#include <limits>

#include "engine/kernels/cpu/kernel_table.h"
#include "engine/kernels/cpu/kv_codes.h"

namespace sotto::cpu {

// A half of one number, at most the largest half.
template <class V>
inline __attribute__((always_inline)) std::uint16_t halfBits(float value) {
    std::uint16_t bits;
    V::storeFiniteHalf(&bits, V::set1(value), 1);
    return bits;
}
template <class V>
inline __attribute__((always_inline)) float fromHalfBits(std::uint16_t bits) {
    float lanes[16];
    V::store(lanes, V::loadHalf(&bits, 1));
    return lanes[0];
}

// Ties away from zero.
template <class V>
void quantizeQ8(const float* x, float largest, KvBlockCodes& block) {
    const float scale = largest / 127.0f;
    block.scale = halfBits<V>(scale);
    if (block.scale == 0) return;
    const float inverse = 1.0f / scale;
    for (int index = 0; index < kKvBlock; ++index) {
        const float value = x[index] * inverse;
        const int whole = static_cast<int>(value);
        const float rest = value - static_cast<float>(whole);  // exact
        const int code = whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
        block.codes[index] = static_cast<std::uint8_t>(code);
    }
}

// The element of largest magnitude, the first of several, gets the code 0.
template <class V>
void quantizeCentered(const float* x, float largest, int nCodes, KvBlockCodes& block) {
    float extreme = 0.0f;
    for (int index = kKvBlock - 1; index >= 0; --index)
        if (x[index] == largest || x[index] == -largest) extreme = x[index];
    const float center = static_cast<float>(nCodes / 2);
    const float scale = extreme / -center;
    block.scale = halfBits<V>(scale);
    if ((block.scale & 0x7fff) == 0) {
        block.scale = 0;
        return;
    }
    const float inverse = 1.0f / scale, highest = static_cast<float>(nCodes - 1);
    for (int index = 0; index < kKvBlock; ++index) {
        float value = x[index] * inverse + center;
        value += 0.5f;
        value = value > 0.0f ? value : 0.0f;
        value = value < highest ? value : highest;
        block.codes[index] = static_cast<std::uint8_t>(static_cast<int>(value));
    }
}

// As toE4M3() and toE5M2() of base/small_floats.h.
template <class V, int kMantissaBits>
void quantizeFloat8(const float* x, float largest, float largestCode, KvBlockCodes& block) {
    constexpr int kBias = (1 << (6 - kMantissaBits)) - 1;
    constexpr int kDropped = 23 - kMantissaBits;
    constexpr auto kShift = static_cast<float>(1 << (1 - kBias + kDropped));
    const float scale = largest / largestCode;
    block.scale = halfBits<V>(scale);
    if (fromHalfBits<V>(block.scale) < scale && block.scale < 0x7bff) ++block.scale;
    if (block.scale == 0) return;
    const float inverse = 1.0f / fromHalfBits<V>(block.scale);
    for (int index = 0; index < kKvBlock; ++index) {
        const auto value = __builtin_bit_cast(std::uint32_t, x[index] * inverse);
        float magnitude = __builtin_bit_cast(float, value & 0x7fffffffu);
        magnitude = magnitude < largestCode ? magnitude : largestCode;
        const auto bits = __builtin_bit_cast(std::uint32_t, magnitude);
        const std::uint32_t subnormal = __builtin_bit_cast(std::uint32_t, magnitude + kShift) -
                                        __builtin_bit_cast(std::uint32_t, kShift);
        const std::uint32_t normal =
            ((bits + (1u << (kDropped - 1)) - 1 + (bits >> kDropped & 1u)) >> kDropped) -
            (static_cast<std::uint32_t>(127 - kBias) << kMantissaBits);
        const bool isNormal = bits >= static_cast<std::uint32_t>(128 - kBias) << 23;
        block.codes[index] =
            static_cast<std::uint8_t>((value >> 24 & 0x80u) | (isNormal ? normal : subnormal));
    }
}

template <class V>
void quantizeKvBlock(KvType type, const float* x, KvBlockCodes& block) {
    block = KvBlockCodes();
    const float largest = V::reduceMaxMagnitude(V::load(x), V::load(x + 16));
    if (!(largest <= std::numeric_limits<float>::max())) {
        block.scale = 0x7e00;  // NaN
        return;
    }
    if (type == KvType::Q8_0) quantizeQ8<V>(x, largest, block);
    if (type == KvType::Q5_0) quantizeCentered<V>(x, largest, 32, block);
    if (type == KvType::Q4_0) quantizeCentered<V>(x, largest, 16, block);
    if (type == KvType::F8E4M3) quantizeFloat8<V, 3>(x, largest, 448.0f, block);
    if (type == KvType::F8E5M2) quantizeFloat8<V, 2>(x, largest, 57344.0f, block);
}

// A row of the token in `slot` of its block into the run that begins at `target`; put: putKeyBlock
// or putValueBlock.
template <class V, class Put>
void storeCodedRow(std::byte* target, const KvRow& row, std::int64_t slot, const float* x,
                   const Put& put) {
    auto* patch = reinterpret_cast<std::uint8_t*>(target) +
                  slot / kKvPatchTokens * (row.dim / kKvBlock) * kvPatchBytes(row.type);
    for (std::int64_t dim = 0; dim < row.dim; dim += kKvBlock, patch += kvPatchBytes(row.type)) {
        KvBlockCodes block;
        quantizeKvBlock<V>(row.type, x + dim, block);
        put(row.type, patch, slot % kKvPatchTokens, block);
    }
}
template <class V>
void storeCodedKey(std::byte* target, const KvRow& row, std::int64_t slot, const float* key) {
    storeCodedRow<V>(target, row, slot, key, [](const auto&... block) { putKeyBlock(block...); });
}
template <class V>
void storeCodedValue(std::byte* target, const KvRow& row, std::int64_t slot, const float* value) {
    storeCodedRow<V>(target, row, slot, value,
                     [](const auto&... block) { putValueBlock(block...); });
}

}  // namespace sotto::cpu
