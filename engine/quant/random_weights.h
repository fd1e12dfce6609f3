// Random but valid tensors of every type, made at memory speed: for synthetic benchmark models.
//
// Codes are random bits; block scales are chosen so that the weights have mean about zero and the
// asked deviation, which keeps activations of a deep random model finite. This is the definition;
// engine/kernels/cuda/random_rows.cu makes the same bytes on a card. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/half.h"
#include "engine/tensor/dtype.h"

namespace sotto {

// A matrix that exists only as this description until somebody makes its rows.
struct RandomMatrix {
    DType type = DType::F32;
    std::int64_t nCols = 0;  // a whole number of blocks of `type`
    std::int64_t nRows = 0;
    float deviation = 0.0f;
    std::uint64_t seed = 0;

    std::size_t rowBytes() const { return sotto::rowBytes(type, static_cast<std::size_t>(nCols)); }
};

// Tensor number `tensorIndex` of a random model: variance 1 / nCols, so that a layer keeps the size
// of its input.
RandomMatrix randomMatrix(DType type, std::int64_t nCols, std::int64_t nRows,
                          std::uint64_t modelSeed, std::size_t tensorIndex);

// Fills `out`, nRows rows in file order from row `firstRow` on. The bytes of a row do not depend on
// how rows are asked for.
void fillRandomRows(const RandomMatrix& matrix, std::int64_t firstRow, std::int64_t nRows,
                    std::span<std::byte> out);

// What all blocks or elements of a random matrix have in common.
struct RandomScales {
    Half d;             // of quantized types
    Half dMin;          // Q4_K, Q5_K; of Q4_1 and Q5_1 m
    float step = 0.0f;  // of floats: a weight is step times a signed integer of 16 (F32: 32) bits
};
RandomScales randomScales(DType type, float deviation);

}  // namespace sotto
