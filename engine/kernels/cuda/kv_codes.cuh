// Elements of a layer's cache of any type (kv_planes.h), read: as floats, or as the halves that the
// tensor cores take.
//
// An element of a quantized row is scale * code, in float exact. As a half it is that product
// rounded once: 2^-11 of it, where a code itself is off by up to 1/254 of the largest of its 32.
// Device code; the type is the same for all threads, so the switches cost no divergence.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

#include "engine/kernels/cuda/common/byte_ops.h"
#include "engine/kernels/cuda/kv_planes.h"

namespace sotto::cuda {

namespace detail {

__device__ __forceinline__ __half2 halvesOf(std::uint32_t bits) {
    __half2 pair;
    memcpy(&pair, &bits, sizeof(pair));
    return pair;
}
__device__ __forceinline__ std::uint32_t bitsOfHalves(__half2 pair) {
    std::uint32_t bits;
    memcpy(&bits, &pair, sizeof(bits));
    return bits;
}

// Both halves 1024 + a number below 1024 in their lowest bits, less `center`: exact.
__device__ __forceinline__ std::uint32_t centered(std::uint32_t numbers, float center) {
    return bitsOfHalves(
        __hsub2(halvesOf(numbers | 0x64006400u), __float2half2_rn(1024.0f + center)));
}

// Bytes 0 and 1 of `word`, or 2 and 3, in the low and the high half of a register.
__device__ __forceinline__ std::uint32_t lowBytes(std::uint32_t word) {
    return __byte_perm(word, 0u, 0x4140);
}
__device__ __forceinline__ std::uint32_t highBytes(std::uint32_t word) {
    return __byte_perm(word, 0u, 0x4342);
}

// Two codes of a byte each, one in each half of `bytes`, as halves; of F8E4M3 times 2^-8.
__device__ __forceinline__ std::uint32_t pairOfBytes(KvType type, std::uint32_t bytes) {
    if (type == KvType::Q8_0) return centered(bytes ^ 0x00800080u, 128.0f);
    if (type == KvType::F8E5M2) return bytes << 8;
    // The four bits of the exponent become the lower four of a half's five.
    return (bytes & 0x00800080u) << 8 | (bytes & 0x007f007fu) << 7;
}

// Elements 2 k and 2 k + 1 of the eight whose bits are in `word`, with their fifth bits in
// `fifths`.
__device__ __forceinline__ std::uint32_t pairOfNibbles(KvType type, std::uint32_t word,
                                                       std::uint32_t fifths, int k) {
    const std::uint32_t four = word >> (4 * k) & 0x000f000fu;
    if (type == KvType::Q4_0) return centered(four, 8.0f);
    // Bit 2 k, and bit 2 k + 1 sixteen further up.
    const std::uint32_t spread = fifths | fifths << 15;
    return centered(four | (spread >> (2 * k) & 0x00010001u) << 4, 16.0f);
}

// What codes are multiplied with. A group whose largest element no half holds is read as one that
// just fits, as a cache of halves would have it: an infinity would make NaN of rows that do not see
// it.
__device__ __forceinline__ __half2 factorOfHalves(KvType type, std::uint16_t scale) {
    // The largest half whose product with the largest code, -128 of Q8_0, stays below 65520.
    const float most = type == KvType::Q8_0     ? 511.5f
                       : type == KvType::Q4_0   ? 8188.0f
                       : type == KvType::Q5_0   ? 4094.0f
                       : type == KvType::F8E4M3 ? 146.125f
                                                : 1.141601562f;
    const float value = halfBitsToFloat(scale);
    // NaN stays: fminf would take the other.
    const float kept = fabsf(value) > most ? copysignf(most, value) : value;
    return __float2half2_rn(type == KvType::F8E4M3 ? kept * 256.0f : kept);
}

__device__ __forceinline__ std::uint32_t timesFactor(std::uint32_t codes, __half2 factor) {
    return bitsOfHalves(__hmul2(halvesOf(codes), factor));
}

}  // namespace detail

// Runs `run(type)` with a type that the compiler knows: one branch for all that is in it.
template <KvType kType>
struct KnownKvType {
    __device__ constexpr operator KvType() const { return kType; }
};
template <class Run>
__device__ __forceinline__ void withKnownType(KvType type, const Run& run) {
    switch (type) {
        case KvType::Q8_0: return run(KnownKvType<KvType::Q8_0>{});
        case KvType::Q5_0: return run(KnownKvType<KvType::Q5_0>{});
        case KvType::Q4_0: return run(KnownKvType<KvType::Q4_0>{});
        case KvType::F8E4M3: return run(KnownKvType<KvType::F8E4M3>{});
        case KvType::F8E5M2: return run(KnownKvType<KvType::F8E5M2>{});
        default: return run(KnownKvType<KvType::F16>{});
    }
}

inline constexpr int kCodesAtOnce = 16;

// Sixteen neighbours of a row, as they lie in memory. Whole words of any type.
struct SixteenCodes {
    uint4 words;           // F16: the first eight
    uint4 more;            // F16: the other eight
    std::uint32_t fifths;  // in the lowest 16 bits
    std::uint16_t scale;
};

// `type`: the plane's. Not F32.
__device__ __forceinline__ SixteenCodes loadCodes(KvType type, const KvPlane& plane,
                                                  std::int64_t row, int dim) {
    SixteenCodes codes = {};
    const std::int64_t element = row * plane.dim + dim;
    if (type == KvType::F16) {
        const auto* const halves = reinterpret_cast<const __half*>(plane.data) + element;
        codes.words = *reinterpret_cast<const uint4*>(halves);
        codes.more = *reinterpret_cast<const uint4*>(halves + 8);
        return codes;
    }
    codes.scale = plane.scales[element / kKvBlockElements];
    if (type == KvType::Q4_0 || type == KvType::Q5_0) {
        const uint2 nibbles = *reinterpret_cast<const uint2*>(plane.data + element / 2);
        codes.words = make_uint4(nibbles.x, nibbles.y, 0u, 0u);
        if (type == KvType::Q5_0)
            codes.fifths = plane.fifths[element / kKvBlockElements] >> (dim % kKvBlockElements);
    } else {
        codes.words = *reinterpret_cast<const uint4*>(plane.data + element);
    }
    return codes;
}

// The sixteen as halves, to two 16-byte places one behind the other.
__device__ __forceinline__ void storeHalves(KvType type, const SixteenCodes& codes, __half* to) {
    uint4 first = codes.words, second = codes.more;
    if (type == KvType::Q4_0 || type == KvType::Q5_0) {
        const __half2 factor = detail::factorOfHalves(type, codes.scale);
        const std::uint32_t low = codes.fifths & 0xffu, high = codes.fifths >> 8 & 0xffu;
        const auto pair = [&](std::uint32_t word, std::uint32_t fifths, int k) {
            return detail::timesFactor(detail::pairOfNibbles(type, word, fifths, k), factor);
        };
        first = make_uint4(pair(codes.words.x, low, 0), pair(codes.words.x, low, 1),
                           pair(codes.words.x, low, 2), pair(codes.words.x, low, 3));
        second = make_uint4(pair(codes.words.y, high, 0), pair(codes.words.y, high, 1),
                            pair(codes.words.y, high, 2), pair(codes.words.y, high, 3));
    } else if (type != KvType::F16) {
        const __half2 factor = detail::factorOfHalves(type, codes.scale);
        const auto low = [&](std::uint32_t word) {
            return detail::timesFactor(detail::pairOfBytes(type, detail::lowBytes(word)), factor);
        };
        const auto high = [&](std::uint32_t word) {
            return detail::timesFactor(detail::pairOfBytes(type, detail::highBytes(word)), factor);
        };
        first = make_uint4(low(codes.words.x), high(codes.words.x), low(codes.words.y),
                           high(codes.words.y));
        second = make_uint4(low(codes.words.z), high(codes.words.z), low(codes.words.w),
                            high(codes.words.w));
    }
    *reinterpret_cast<uint4*>(to) = first;
    *reinterpret_cast<uint4*>(to + 8) = second;
}

namespace detail {

// A code as a float.
__device__ __forceinline__ float codeOf(KvType type, std::uint32_t pair) {
    const float code = halfBitsToFloat(pair & 0xffffu);
    return type == KvType::F8E4M3 ? code * 256.0f : code;
}

}  // namespace detail

// One element of any type.
__device__ __forceinline__ float elementOf(const KvPlane& plane, std::int64_t row, int dim) {
    const std::int64_t element = row * plane.dim + dim;
    if (plane.type == KvType::F16)
        return __half2float(reinterpret_cast<const __half*>(plane.data)[element]);
    if (plane.type == KvType::F32) return reinterpret_cast<const float*>(plane.data)[element];
    std::uint32_t pair = 0;
    if (plane.type == KvType::Q4_0 || plane.type == KvType::Q5_0) {
        const std::uint32_t word = reinterpret_cast<const std::uint32_t*>(plane.data)[element / 8];
        const int inWord = dim % 8;
        // This element's bits where pair 0 has those of its first.
        const std::uint32_t four = word >> (4 * (inWord / 2 + inWord % 2 * 4)) & 0xfu;
        const std::uint32_t fifth =
            plane.type == KvType::Q5_0
                ? plane.fifths[element / kKvBlockElements] >> (dim % kKvBlockElements) & 1u
                : 0u;
        pair = detail::pairOfNibbles(plane.type, four, fifth, 0);
    } else {
        pair = detail::pairOfBytes(
            plane.type,
            static_cast<std::uint32_t>(reinterpret_cast<const std::uint8_t*>(plane.data)[element]));
    }
    return halfBitsToFloat(plane.scales[element / kKvBlockElements]) *
           detail::codeOf(plane.type, pair);
}

}  // namespace sotto::cuda
