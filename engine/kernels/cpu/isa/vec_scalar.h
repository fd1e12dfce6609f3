// The 16-lane vector of the kernel templates in plain C++: the fallback for every machine.
//
// Only isa/scalar.cpp may include this. Loops over arrays; the compiler vectorizes them with its
// baseline. Multiplication and addition are rounded separately (no FMA), so the last bits differ
// from the AVX sets.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/finite_half.h"

namespace sotto::cpu {

struct VecScalar {
    struct F {
        float lane[16];
    };
    struct I {
        std::int32_t lane[16];
    };
    struct B {
        std::uint8_t byte[64];
    };
    // Codes with an offset of 128 are multiplied as unsigned bytes.
    static constexpr bool kHasUnsignedDot = true;
    static constexpr int kQueryTile = 2;    // queries per attention tile
    static constexpr int kDimChunks = 1;    // registers of dims per attention tile
    static constexpr int kFloatTokens = 2;  // tokens per tile of float matrices

    static F set1(float value) {
        F result;
        for (float& lane : result.lane) lane = value;
        return result;
    }
    static F zero() { return set1(0.0f); }
    static F load(const float* source) {
        F result;
        std::memcpy(result.lane, source, sizeof(result.lane));
        return result;
    }
    static F loadPartial(const float* source, int nLanes) {
        F result = zero();
        for (int lane = 0; lane < nLanes; ++lane) result.lane[lane] = source[lane];
        return result;
    }
    static void store(float* target, const F& value) {
        std::memcpy(target, value.lane, sizeof(value.lane));
    }
    static void storePartial(float* target, const F& value, int nLanes) {
        for (int lane = 0; lane < nLanes; ++lane) target[lane] = value.lane[lane];
    }
    static F loadHalf(const void* source, int nLanes = 16) {
        F result = zero();
        const auto* halves = static_cast<const Half*>(source);
        for (int lane = 0; lane < nLanes; ++lane) result.lane[lane] = toFloat(halves[lane]);
        return result;
    }
    static void storeFiniteHalf(void* target, const F& value, int nLanes = 16) {
        auto* halves = static_cast<Half*>(target);
        for (int lane = 0; lane < nLanes; ++lane) halves[lane] = toFiniteHalf(value.lane[lane]);
    }
    // An E5M2 is the upper half of a half; an E4M3 in its place is the 256th part of its value,
    // since a half's exponent counts from 15 and its own from 7.
    static F loadE5M2(const void* source) {
        F result;
        const auto* bytes = static_cast<const std::uint8_t*>(source);
        for (int lane = 0; lane < 16; ++lane)
            result.lane[lane] = toFloat(Half{static_cast<std::uint16_t>(bytes[lane] << 8)});
        return result;
    }
    static F loadE4M3(const void* source) {
        F result;
        const auto* bytes = static_cast<const std::uint8_t*>(source);
        for (int lane = 0; lane < 16; ++lane) {
            const int sign = (bytes[lane] & 0x80) << 8, magnitude = (bytes[lane] & 0x7f) << 7;
            result.lane[lane] = toFloat(Half{static_cast<std::uint16_t>(sign | magnitude)});
        }
        return result;
    }
    static F loadBFloat16(const void* source, int nLanes = 16) {
        F result = zero();
        const auto* values = static_cast<const BFloat16*>(source);
        for (int lane = 0; lane < nLanes; ++lane) result.lane[lane] = toFloat(values[lane]);
        return result;
    }

    template <typename Operation>
    static F map(const F& a, const F& b, const Operation& operation) {
        F result;
        for (int lane = 0; lane < 16; ++lane)
            result.lane[lane] = operation(a.lane[lane], b.lane[lane]);
        return result;
    }
    static F add(const F& a, const F& b) {
        return map(a, b, [](float x, float y) { return x + y; });
    }
    static F sub(const F& a, const F& b) {
        return map(a, b, [](float x, float y) { return x - y; });
    }
    static F mul(const F& a, const F& b) {
        return map(a, b, [](float x, float y) { return x * y; });
    }
    static F div(const F& a, const F& b) {
        return map(a, b, [](float x, float y) { return x / y; });
    }
    static F max(const F& a, const F& b) {
        return map(a, b, [](float x, float y) { return x > y ? x : y; });
    }
    static F min(const F& a, const F& b) {
        return map(a, b, [](float x, float y) { return x < y ? x : y; });
    }
    static F abs(const F& a) {
        return map(a, a, [](float x, float) { return std::fabs(x); });
    }
    static F fma(const F& a, const F& b, const F& c) { return add(mul(a, b), c); }
    // c - a * b
    static F fnma(const F& a, const F& b, const F& c) { return sub(c, mul(a, b)); }
    // Lanes 1, 0, 3, 2, ...
    static F swapPairs(const F& value) {
        F result;
        for (int lane = 0; lane < 16; ++lane) result.lane[lane] = value.lane[lane ^ 1];
        return result;
    }
    // Lane i has that of i ^ kDistance.
    template <int kDistance>
    static F swapLanes(const F& value) {
        F result;
        for (int lane = 0; lane < 16; ++lane) result.lane[lane] = value.lane[lane ^ kDistance];
        return result;
    }
    // Lanes [first, end) of value, 0 in the others.
    static F onlyLanes(F value, int first, int end) {
        for (int lane = 0; lane < 16; ++lane)
            if (lane < first || lane >= end) value.lane[lane] = 0.0f;
        return value;
    }
    // 0 where x <= limit, else `value`: also where x is NaN.
    static F zeroWhereAtMost(const F& x, const F& limit, const F& value) {
        F result;
        for (int lane = 0; lane < 16; ++lane)
            result.lane[lane] = x.lane[lane] <= limit.lane[lane] ? 0.0f : value.lane[lane];
        return result;
    }
    // Lanes below nLanes of value, the others `other`.
    static F firstLanes(const F& value, int nLanes, float other) {
        F result = set1(other);
        for (int lane = 0; lane < 16 && lane < nLanes; ++lane) result.lane[lane] = value.lane[lane];
        return result;
    }
    // Halves are folded onto each other: the same tree in every instruction set.
    static float reduceAdd(F value) {
        for (int width = 8; width > 0; width /= 2)
            for (int lane = 0; lane < width; ++lane) value.lane[lane] += value.lane[lane + width];
        return value.lane[0];
    }
    static float reduceMax(F value) {
        for (int width = 8; width > 0; width /= 2)
            for (int lane = 0; lane < width; ++lane)
                if (value.lane[lane + width] > value.lane[lane])
                    value.lane[lane] = value.lane[lane + width];
        return value.lane[0];
    }
    // The greatest magnitude of both; NaN where a lane is. Of magnitudes, larger bits are the
    // larger number, and NaN's are the largest.
    static float reduceMaxMagnitude(const F& a, const F& b) {
        std::uint32_t largest = 0;
        for (int lane = 0; lane < 16; ++lane)
            for (const float x : {a.lane[lane], b.lane[lane]})
                largest = std::max(largest, std::bit_cast<std::uint32_t>(std::fabs(x)));
        return std::bit_cast<float>(largest);
    }

    static I set1Int(std::int32_t value) {
        I result;
        for (std::int32_t& lane : result.lane) lane = value;
        return result;
    }
    template <int kShift>
    static I shiftLeft(I value) {
        for (std::int32_t& lane : value.lane) lane *= 1 << kShift;
        return value;
    }
    static I addInt(I a, const I& b) {
        for (int lane = 0; lane < 16; ++lane) a.lane[lane] += b.lane[lane];
        return a;
    }
    static F toFloatVector(const I& value) {
        F result;
        for (int lane = 0; lane < 16; ++lane)
            result.lane[lane] = static_cast<float>(value.lane[lane]);
        return result;
    }
    // To nearest, ties to even (the default rounding mode); |value| < 2^31, and of NaN anything.
    static I roundToInt(const F& value) {
        I result;
        for (int lane = 0; lane < 16; ++lane)
            result.lane[lane] = std::isnan(value.lane[lane])
                                    ? 0
                                    : static_cast<std::int32_t>(std::nearbyintf(value.lane[lane]));
        return result;
    }
    // 2^exponent for -126 <= exponent <= 127.
    static F powerOfTwo(const I& exponent) {
        F result;
        for (int lane = 0; lane < 16; ++lane)
            result.lane[lane] =
                std::bit_cast<float>(static_cast<std::uint32_t>(exponent.lane[lane] + 127) << 23);
        return result;
    }
    static std::int32_t reduceAddInt(const I& value) {
        std::int32_t sum = 0;
        for (const std::int32_t lane : value.lane) sum += lane;
        return sum;
    }
    // Low bytes of two vectors in order: 32 values in [-128, 127].
    static void storeInt8(std::int8_t* target, const I& first, const I& second) {
        for (int lane = 0; lane < 16; ++lane) {
            target[lane] = static_cast<std::int8_t>(first.lane[lane]);
            target[lane + 16] = static_cast<std::int8_t>(second.lane[lane]);
        }
    }
    // 32 numbers in [-16384, 16383] as high * 128 + low, 0 <= low: 16 bytes for each four of the
    // first and the four of the second vector beside them, high ones, then low ones.
    static void storeHighLow(std::int8_t* target, const I& first, const I& second) {
        for (int lane = 0; lane < 16; ++lane) {
            std::int8_t* place = target + lane / 4 * 16 + lane % 4;
            place[0] = static_cast<std::int8_t>(first.lane[lane] >> 7);
            place[4] = static_cast<std::int8_t>(second.lane[lane] >> 7);
            place[8] = static_cast<std::int8_t>(first.lane[lane] & 127);
            place[12] = static_cast<std::int8_t>(second.lane[lane] & 127);
        }
    }
    static F loadInt8(const void* source) {
        F result;
        const auto* bytes = static_cast<const std::int8_t*>(source);
        for (int lane = 0; lane < 16; ++lane) result.lane[lane] = bytes[lane];
        return result;
    }
    static F loadUint8(const void* source) {
        F result;
        const auto* bytes = static_cast<const std::uint8_t*>(source);
        for (int lane = 0; lane < 16; ++lane) result.lane[lane] = bytes[lane];
        return result;
    }

    static B loadBytes(const void* source) {
        B result;
        std::memcpy(result.byte, source, sizeof(result.byte));
        return result;
    }
    static void storeBytes(void* target, const B& value) {
        std::memcpy(target, value.byte, sizeof(value.byte));
    }
    static B andMask(B value, std::uint8_t mask) {
        for (std::uint8_t& byte : value.byte) byte &= mask;
        return value;
    }
    static B orBytes(B a, const B& b) {
        for (int index = 0; index < 64; ++index) a.byte[index] |= b.byte[index];
        return a;
    }
    // (byte >> kShift) & mask for kShift >= 0, (byte << -kShift) & mask otherwise.
    template <int kShift>
    static B shiftRightMasked(B value, std::uint8_t mask) {
        for (std::uint8_t& byte : value.byte) {
            const int shifted = kShift >= 0 ? byte >> (kShift >= 0 ? kShift : 0)
                                            : byte << (kShift < 0 ? -kShift : 0);
            byte = static_cast<std::uint8_t>(shifted & mask);
        }
        return value;
    }
    // Each lane: sum += 4 unsigned bytes of w times the 4 signed bytes at x.
    static I dot(I sum, const B& w, const std::int8_t* x) {
        for (int lane = 0; lane < 16; ++lane) {
            const std::uint8_t* four = w.byte + lane * 4;
            sum.lane[lane] += four[0] * x[0] + four[1] * x[1] + four[2] * x[2] + four[3] * x[3];
        }
        return sum;
    }

    // Turns rows of 16 floats into columns: out[column * outStride + row] for 16 rows.
    static void transpose16(const F* rows, float* out, std::int64_t outStride) {
        for (int row = 0; row < 16; ++row)
            for (int column = 0; column < 16; ++column)
                out[column * outStride + row] = rows[row].lane[column];
    }
};

}  // namespace sotto::cpu
