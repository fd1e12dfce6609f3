#include "tests/support/compare.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>

#include "base/check.h"

namespace sotto::test {

std::string Difference::text() const {
    std::ostringstream out;
    out.precision(9);
    out << "relative L2 " << relativeL2 << ", rms " << rms << ", max " << maxAbs << ", worst at "
        << worstIndex << " of " << count << ": expected " << expected << ", actual " << actual;
    return out.str();
}

Difference compareValues(std::span<const float> expected, std::span<const float> actual) {
    SOTTO_CHECK(expected.size() == actual.size());
    Difference result;
    result.count = expected.size();
    double sumSquares = 0.0;
    double sumDifferences = 0.0;
    for (std::size_t index = 0; index < expected.size(); ++index) {
        if (std::bit_cast<std::uint32_t>(expected[index]) ==
                std::bit_cast<std::uint32_t>(actual[index]) &&
            !std::isfinite(expected[index]))
            continue;
        double difference =
            std::fabs(static_cast<double>(actual[index]) - static_cast<double>(expected[index]));
        if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
        if (index == 0 || difference > result.maxAbs) {
            result.maxAbs = difference;
            result.worstIndex = index;
            result.expected = expected[index];
            result.actual = actual[index];
        }
        sumSquares += static_cast<double>(expected[index]) * static_cast<double>(expected[index]);
        sumDifferences += difference * difference;
    }
    if (!expected.empty())
        result.rms = std::sqrt(sumDifferences / static_cast<double>(expected.size()));
    if (sumDifferences > 0.0)
        result.relativeL2 = sumSquares > 0.0 && std::isfinite(sumDifferences)
                                ? std::sqrt(sumDifferences / sumSquares)
                                : std::numeric_limits<double>::infinity();
    return result;
}

std::size_t firstBitDifference(std::span<const float> expected, std::span<const float> actual) {
    SOTTO_CHECK(expected.size() == actual.size());
    for (std::size_t index = 0; index < expected.size(); ++index)
        if (std::bit_cast<std::uint32_t>(expected[index]) !=
            std::bit_cast<std::uint32_t>(actual[index]))
            return index;
    return expected.size();
}

}  // namespace sotto::test
