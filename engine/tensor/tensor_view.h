// A non-owning view of a matrix in memory: pointer, type, shape. Passed by value.
//
// GGUF's order: `nCols` (ne[0]) is the fastest dimension, a row is contiguous, rows follow each
// other without gaps.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/tensor/dtype.h"

namespace sotto {

struct TensorView {
    const std::byte* data = nullptr;  // row-major blocks of `type`
    DType type = DType::F32;
    std::int64_t nCols = 0;  // elements per row (the reduction length of a linear layer)
    std::int64_t nRows = 1;  // rows (the outputs of a linear layer)

    std::size_t bytes() const {
        return rowBytes(type, static_cast<std::size_t>(nCols)) * static_cast<std::size_t>(nRows);
    }
};

}  // namespace sotto
