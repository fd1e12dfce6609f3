// One product of linear_rows as the tests see it: matrices, input rows, the exact result in double
// and how far a right kernel may be from it.
#pragma once

#include <algorithm>
#include <cmath>

#include "engine/kernels/cuda/linear_rows.h"
#include "tests/engine/kernels/cuda/packed_matrix.h"
#include "tests/engine/kernels/cuda/plane_memory.h"

namespace sotto::test {

// Gaussian rows with outliers, or (isExact) integers with 127 in every group of 32 columns, which
// int8 stores without loss, so that only float rounding is left: a wrong scale, code or minimum
// cannot hide.
inline std::vector<float> inputRows(std::mt19937& random, std::int64_t nTokens, std::int64_t nCols,
                                    bool isExact) {
    if (!isExact) return gaussians(random, nTokens * nCols);
    std::vector<float> x(static_cast<std::size_t>(nTokens * nCols));
    for (std::int64_t index = 0; index < std::ssize(x); ++index) {
        const std::int64_t col = index % nCols;
        x[static_cast<std::size_t>(index)] =
            col % 32 == 7 ? (col % 64 == 7 ? 127.0f : -127.0f)
                          : static_cast<float>(static_cast<int>(random() % 255) - 127);
    }
    return x;
}

// Bound of one output, as in engine/selftest/linear_cases.cpp.
//   Float part, relative to the sum of the terms' sizes, one rounding of 2^-24 per operation that
//   the sum passes: groups of a row, splits and what surrounds them (Int8, whose group sums are
//   exact integers); each of 64 products of high and low halves of a group more (F16); three
//   products per column (BF16). A k-quant's term is d*sc*q and dmin*m apart, each at most twice the
//   spread of the group's weights. F16's activations are stored to 22 bits.
//   Int8 part: each activation is off by a uniform error of deviation scale / sqrt(12), scale =
//   max|x| / 127 of its group; eight deviations of the weighted sum.
inline double outputBound(const FileMatrix& matrix, std::int64_t row, const float* x,
                          bool isExact) {
    const cuda::ActivationKind kind = cuda::activationKindOf(matrix.type);
    const float* const w = matrix.values.data() + row * matrix.nCols;
    double magnitude = 0;
    double variance = 0;
    for (std::int64_t first = 0; first < matrix.nCols; first += 32) {
        const std::int64_t end = std::min(matrix.nCols, first + 32);
        const auto [low, high] = std::minmax_element(w + first, w + end);
        const double largestWeight = std::max(std::fabs(*low), std::fabs(*high));
        const double spread = 2.0 * (*high - *low) + largestWeight;
        double sumOfX = 0, largestX = 0, sumOfSquares = 0;
        for (std::int64_t col = first; col < end; ++col) {
            sumOfX += std::fabs(x[col]);
            largestX = std::max<double>(largestX, std::fabs(x[col]));
            sumOfSquares += static_cast<double>(w[col]) * w[col];
        }
        magnitude += sumOfX * (kind == cuda::ActivationKind::Int8 ? spread : largestWeight);
        variance += largestX / 127 * (largestX / 127) / 12 * sumOfSquares;
    }
    double nRoundings = static_cast<double>(matrix.nCols) / 32 + 24;
    if (kind == cuda::ActivationKind::SplitF16) nRoundings += 64 + 4;
    if (kind == cuda::ActivationKind::SplitBf16)
        nRoundings = 3.0 * static_cast<double>(matrix.nCols) + 24;
    const double rounding = 0x1p-24 * nRoundings * magnitude;
    if (isExact || kind != cuda::ActivationKind::Int8) return rounding;
    return rounding + 8 * std::sqrt(variance);
}

inline double dotProduct(const FileMatrix& matrix, std::int64_t row, const float* x) {
    double sum = 0;
    for (std::int64_t col = 0; col < matrix.nCols; ++col)
        sum +=
            static_cast<double>(matrix.values[static_cast<std::size_t>(row * matrix.nCols + col)]) *
            x[col];
    return sum;
}

// The rows as a plane for these matrices. normWeight: with a pending norm.
inline PlaneMemory planeOf(const std::vector<float>& x, std::int64_t nTokens, std::int64_t nCols,
                           DType type, const std::vector<float>& normWeight = {}) {
    PlaneMemory memory(cuda::activationKindOf(type), nTokens, nCols, !normWeight.empty());
    cuda::QuantizeRowsArgs args;
    args.x = x.data();
    args.normWeight = normWeight.empty() ? nullptr : normWeight.data();
    args.nTokens = nTokens;
    args.plane = memory.plane;
    cuda::launchQuantizeRows(args, {});
    return memory;
}

}  // namespace sotto::test
