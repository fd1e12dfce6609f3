// Between our own layouts and the plain 16-bit rows that a library multiplies: weights out of their
// records, activations in parts, results to where they belong.
//
// Launch functions only; the pointers are device memory. Used by library_products.cpp. Engine
// thread.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/tensor/dtype.h"

namespace sotto::cuda {

// What the library multiplies for a type of matrix:
//   F16    the weights as they are, activations as high + low: two products; |x - parts| is at most
//          2^-22 |x| or 2^-38 of the row's largest.
//   BF16   the same with three parts of 8 bits each, 2^-24 |x|.
//   others weights and activations rounded to halves: each off by at most 2^-11 of itself or 2^-38
//          of its row's largest (weights: of the largest that the row's scales allow).
// Halves are scaled per row by powers of two, so that neither range nor small rows lose anything.
struct RowParts {
    int nParts = 1;
    bool isBf16 = false;
};
constexpr RowParts rowPartsOf(DType type) {
    if (type == DType::F16) return {.nParts = 2};
    if (type == DType::BF16) return {.nParts = 3, .isBf16 = true};
    return {};
}

// Columns of the rows, the last ones zero: 64 bytes.
constexpr std::int64_t libraryCols(std::int64_t nCols) { return (nCols + 31) / 32 * 32; }

struct ExpandRowsArgs {
    const std::byte* records = nullptr;  // the whole packed matrix
    DType type = DType::Q8_0;
    std::int64_t firstRow = 0;
    std::int64_t nRows = 0;  // not beyond the matrix's end
    std::int64_t nCols = 0;
    void* out = nullptr;      // [nRows, libraryCols(nCols)] half or bf16
    float* scales = nullptr;  // [nRows]: weight = scale * what is in `out`
};
// Not of F32 matrices.
void launchExpandRows(const ExpandRowsArgs& args, const LaunchStream& on);

struct SplitRowsArgs {
    const float* x = nullptr;    // [nTokens, nCols]
    std::int64_t rowStride = 0;  // of x in floats; 0: all tokens are the first row
    std::int64_t nTokens = 0;
    std::int64_t nPadded = 0;  // rows of each part, those behind nTokens are zeros
    std::int64_t nCols = 0;
    RowParts parts;
    void* out = nullptr;      // [nParts, nPadded, libraryCols(nCols)] half or bf16
    float* scales = nullptr;  // [nPadded]: x = scale * sum of the parts
};
void launchSplitRows(const SplitRowsArgs& args, const LaunchStream& on);

// out[token, firstRow + row] (+)= product[token, row] * xScales[token] * scales[row] + bias[row]
struct PlaceRowsArgs {
    const float* product = nullptr;  // [nTokens, nRows]
    const float* scales = nullptr;   // [nRows], null: 1
    const float* xScales = nullptr;  // [nTokens], null: 1
    const float* bias = nullptr;     // [nRows] or null
    float* out = nullptr;            // of row firstRow of the first token
    std::int64_t outStride = 0;      // floats between two tokens
    std::int64_t nTokens = 0;
    std::int64_t nRows = 0;
    bool isAccumulating = false;
};
void launchPlaceRows(const PlaceRowsArgs& args, const LaunchStream& on);

// Marks the rows that differ in a bit from the first one.
struct CompareRowsArgs {
    const float* rows = nullptr;   // [nRows, width]
    const float* first = nullptr;  // [width]
    std::int64_t nRows = 0;
    std::int64_t width = 0;
    std::int32_t* isDifferent = nullptr;  // [nRows], set to 1 or left alone
};
void launchCompareRows(const CompareRowsArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda
