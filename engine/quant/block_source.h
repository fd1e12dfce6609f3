// What the searches read of a block, and the small arithmetic that they share.
//
// Plain values; pure.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "base/half.h"
#include "engine/quant/quantize.h"

namespace sotto {

// What is compiled for the compiler's own instructions, beside namespace avx2.
inline namespace baseline {}

// One block's weights with what a squared error in each of them costs. Both arrays have the block's
// length; costs are positive.
struct BlockSource {
    const float* values = nullptr;
    const float* weights = nullptr;
    QuantizeMethod method = QuantizeMethod::Search;
};

// Below this a scale has no finite inverse worth having: the block is written as zeros.
inline constexpr float kSmallestScale = 1e-30f;

// The nearest integer, ties to even, as a float; what is no number becomes the lowest. The bounds
// are integers of less than 2^22.
inline float roundClamped(float value, float lowest, float highest) {
    // In a float of 2^23 to 2^24 the last bit counts ones, so that the adder rounds.
    constexpr float kOnes = 0x1.8p23f;
    const float clamped = std::min(std::max(lowest, value), highest);
    return (clamped + kOnes) - kOnes;
}

// A scale that is no number is none: 0.
inline Half finiteHalf(float value) {
    return toHalf(value == value ? std::min(std::max(value, -kLargestHalf), kLargestHalf) : 0.0f);
}

}  // namespace sotto
