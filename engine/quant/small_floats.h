// Floats of eight bits that scales are stored in. Pure.
//
// Source: OCP 8-bit Floating Point Specification (OFP8) 1.0.
#pragma once

#include <cmath>

namespace sotto {

// E4M3 without a sign, the scale of NVFP4: 4 bits of exponent with bias 7, 3 of mantissa. 0x7f is
// NaN and read as zero, as its kernels do.
inline float fromUnsignedE4M3(unsigned bits) {
    if (bits == 0x7f) return 0.0f;
    const int exponent = static_cast<int>(bits >> 3 & 0x0f);
    const auto mantissa = static_cast<float>(bits & 7);
    return exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8.0f + mantissa, exponent - 10);
}

}  // namespace sotto
