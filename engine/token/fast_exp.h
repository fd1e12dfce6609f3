// exp for softmax over a whole vocabulary: no branch and no call, so that the compiler turns a loop
// over it into vector instructions.
//
// Free function; any thread. exp(x) = 2^n * exp(r) with n = round(x / ln 2), |r| <= ln(2) / 2, and
// a Taylor polynomial of degree 7, whose first left-out term is 0.347^8 / 8! = 5e-9: below half a
// unit in the last place of a float (6e-8). Source: Cody and Waite 1980, chapter 6.
#pragma once

#include <bit>
#include <cstdint>

namespace sotto {

// For x <= 0; below -87 (2^-126, the smallest normal float) and for -infinity it gives 1.6e-38.
inline float expOfNonPositive(float x) {
    constexpr float kLowest = -87.0F;
    constexpr float kLog2E = 1.44269504F;
    // ln 2 in two parts: n times the first is exact for |n| < 2^9, the second carries the rest.
    constexpr float kLn2High = 0.693359375F;
    constexpr float kLn2Low = -2.12194440e-4F;
    // Adding 1.5 * 2^23 leaves no bits for a fraction: the sum is rounded to a whole number.
    constexpr float kRounder = 12582912.0F;

    x = x > kLowest ? x : kLowest;
    const float shifted = x * kLog2E + kRounder;
    const float n = shifted - kRounder;
    const float r = (x - n * kLn2High) - n * kLn2Low;
    float sum = 1.0F / 5040.0F;
    sum = sum * r + 1.0F / 720.0F;
    sum = sum * r + 1.0F / 120.0F;
    sum = sum * r + 1.0F / 24.0F;
    sum = sum * r + 1.0F / 6.0F;
    sum = sum * r + 0.5F;
    sum = sum * r + 1.0F;
    sum = sum * r + 1.0F;
    // The whole number sits in the low bits of `shifted`; moved up it is added to the exponent.
    const auto exponent = std::bit_cast<std::uint32_t>(shifted) << 23U;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(sum) + exponent);
}

}  // namespace sotto
