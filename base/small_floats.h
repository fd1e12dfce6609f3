// Floats of eight bits that weights, scales, keys and values are stored in. Pure.
//
// Source: OCP 8-bit Floating Point Specification (OFP8) 1.0.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/half.h"

namespace sotto {

// The largest finite numbers.
inline constexpr float kLargestE4M3 = 448.0f;
inline constexpr float kLargestE5M2 = 57344.0f;

// What the seven lower bits of an E4M3 say: 4 of exponent with bias 7, 3 of mantissa.
inline float magnitudeOfE4M3(unsigned bits) {
    const int exponent = static_cast<int>(bits >> 3 & 0x0f);
    const auto mantissa = static_cast<float>(bits & 7);
    return exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8.0f + mantissa, exponent - 10);
}

// E4M3: no infinities, NaN where all bits but the sign are ones.
inline float fromE4M3(std::uint8_t bits) {
    if ((bits & 0x7f) == 0x7f) return std::numeric_limits<float>::quiet_NaN();
    return (bits & 0x80) != 0 ? -magnitudeOfE4M3(bits) : magnitudeOfE4M3(bits);
}

// E5M2 is the upper half of a binary16.
inline float fromE5M2(std::uint8_t bits) {
    return toFloat(Half{static_cast<std::uint16_t>(bits << 8)});
}

// E4M3 without a sign, the scale of NVFP4: NaN is read as zero, as its kernels do.
inline float fromUnsignedE4M3(unsigned bits) { return bits == 0x7f ? 0.0f : magnitudeOfE4M3(bits); }

// The nearest float of 1, 7 - kMantissaBits and kMantissaBits bits, ties to even; numbers beyond
// `largest` become that one. Not of NaN.
template <int kMantissaBits>
inline std::uint8_t toEightBits(float value, float largest) {
    constexpr int kBias = (1 << (6 - kMantissaBits)) - 1;
    constexpr int kDropped = 23 - kMantissaBits;
    const unsigned sign = std::bit_cast<std::uint32_t>(value) >> 24 & 0x80u;
    const float magnitude = std::min(std::fabs(value), largest);
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(magnitude);
    // Below the least normal number, 2^(1 - bias), the float adder rounds: the last bit of a sum
    // with this one is worth the least subnormal.
    constexpr auto kShift = static_cast<float>(1 << (1 - kBias + kDropped));
    const std::uint32_t subnormal =
        std::bit_cast<std::uint32_t>(magnitude + kShift) - std::bit_cast<std::uint32_t>(kShift);
    const std::uint32_t normal =
        ((bits + (1u << (kDropped - 1)) - 1 + (bits >> kDropped & 1u)) >> kDropped) -
        (static_cast<std::uint32_t>(127 - kBias) << kMantissaBits);
    const bool isNormal = bits >= static_cast<std::uint32_t>(128 - kBias) << 23;
    return static_cast<std::uint8_t>(sign | (isNormal ? normal : subnormal));
}
inline std::uint8_t toE4M3(float value) { return toEightBits<3>(value, kLargestE4M3); }
inline std::uint8_t toE5M2(float value) { return toEightBits<2>(value, kLargestE5M2); }

}  // namespace sotto
