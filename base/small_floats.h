// Floats of eight bits that weights and scales are stored in. Pure.
//
// Source: OCP 8-bit Floating Point Specification (OFP8) 1.0.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "base/half.h"

namespace sotto {

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

}  // namespace sotto
