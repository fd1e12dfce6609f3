// What the tests of packed matrices share: a matrix in file form with random bits or from numbers,
// and its packed form made by launchRepack.
//
// Memory is plain heap memory of the exact size, so that the address sanitizer sees every overrun.
#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "engine/kernels/cuda/common/packed_record.h"
#include "engine/kernels/cuda/repack.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/quantize_reference.h"

namespace sotto::test {

struct FileMatrix {
    DType type = DType::F32;
    std::int64_t nRows = 0;
    std::int64_t nCols = 0;
    std::vector<std::byte> bytes;
    std::vector<float> values;  // [nRows, nCols] what the bytes mean

    std::size_t rowBytes() const { return sotto::rowBytes(type, static_cast<std::size_t>(nCols)); }
};

// Gaussian numbers with an outlier of 30 times the size every 61st or so.
inline std::vector<float> gaussians(std::mt19937& random, std::int64_t nElements) {
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<std::size_t>(nElements));
    for (float& value : values) value = normal(random) * (random() % 61 == 0 ? 30.0f : 1.0f);
    return values;
}

inline FileMatrix quantizedMatrix(std::mt19937& random, DType type, std::int64_t nRows,
                                  std::int64_t nCols) {
    FileMatrix matrix{.type = type,
                      .nRows = nRows,
                      .nCols = nCols,
                      .bytes = {},
                      .values = gaussians(random, nRows * nCols)};
    matrix.bytes.resize(matrix.rowBytes() * static_cast<std::size_t>(nRows));
    quantizeRow(type, matrix.values, matrix.bytes);
    dequantizeRow(type, matrix.bytes, matrix.values);
    return matrix;
}

inline std::vector<std::byte> packed(const FileMatrix& matrix) {
    std::vector<std::byte> records(
        static_cast<std::size_t>(cuda::packedBytes(matrix.type, matrix.nRows, matrix.nCols)));
    cuda::launchRepack(
        {matrix.bytes.data(), records.data(), matrix.type, 0, matrix.nRows, matrix.nCols}, {});
    return records;
}

}  // namespace sotto::test
