// How two rows of numbers differ, and a message that says where most.
//
// Every numeric test uses this, so that a failure always names the worst index and both values.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sotto::test {

struct Difference {
    double relativeL2 = 0.0;  // |actual - expected| / |expected|; infinite when only one is zero
    double rms = 0.0;         // root mean square of the differences
    double maxAbs = 0.0;
    std::size_t worstIndex = 0;  // of maxAbs, or of the first value that is not finite
    float expected = 0.0f;       // there
    float actual = 0.0f;
    std::size_t count = 0;

    // "relative L2 1.2e-3, worst at 17 of 64: expected 0.5, actual 0.6"
    std::string text() const;
};

// The spans must be of one size; NaN on either side makes all three figures infinite, unless both
// have the same bits there.
Difference compareValues(std::span<const float> expected, std::span<const float> actual);

// Index of the first element whose bits differ, or `size` when all are equal.
std::size_t firstBitDifference(std::span<const float> expected, std::span<const float> actual);

}  // namespace sotto::test
