// Shapes of tensors as files give them: dimensions, in GGUF the fastest first. Of none the products
// are one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sotto {

// The product of all dimensions from `first` on.
inline std::int64_t countFrom(std::span<const std::int64_t> shape, std::size_t first) {
    std::int64_t count = 1;
    for (std::size_t dim = first; dim < shape.size(); ++dim) count *= shape[dim];
    return count;
}

inline std::int64_t elementCount(std::span<const std::int64_t> shape) {
    return countFrom(shape, 0);
}
// Rows of shape[0] elements.
inline std::int64_t rowCount(std::span<const std::int64_t> shape) { return countFrom(shape, 1); }
// Matrices of shape[1] rows: the experts of a stack.
inline std::int64_t matrixCount(std::span<const std::int64_t> shape) { return countFrom(shape, 2); }

}  // namespace sotto
