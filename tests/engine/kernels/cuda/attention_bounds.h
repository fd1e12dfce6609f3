// What a test of attention expects and how far each element may be from it.
#pragma once

#include <QByteArray>
#include <QString>
#include <cmath>
#include <cstring>
#include <vector>

namespace sotto::test {

struct ExpectedAttention {
    std::vector<double> out;
    std::vector<double> bound;
};

// Empty when all is within bounds.
inline QByteArray faultOf(const ExpectedAttention& expected, const std::vector<float>& actual) {
    for (std::size_t index = 0; index < actual.size(); ++index) {
        const double error = std::fabs(actual[index] - expected.out[index]);
        if (!(error <= expected.bound[index]))
            return QStringLiteral("element %1: expected %2, actual %3, error %4, bound %5")
                .arg(index)
                .arg(expected.out[index])
                .arg(double{actual[index]})
                .arg(error)
                .arg(expected.bound[index])
                .toUtf8();
    }
    return {};
}

inline bool hasSameBits(const std::vector<float>& left, const std::vector<float>& right) {
    return left.size() == right.size() &&
           std::memcmp(left.data(), right.data(), left.size() * sizeof(float)) == 0;
}

}  // namespace sotto::test
