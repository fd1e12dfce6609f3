// Floats of a normal distribution, for kernels' tests.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace sotto::test {

inline std::vector<float> randomFloats(std::mt19937& random, std::size_t nElements) {
    std::normal_distribution<float> normal;
    std::vector<float> values(nElements);
    for (float& value : values) value = normal(random);
    return values;
}

}  // namespace sotto::test
