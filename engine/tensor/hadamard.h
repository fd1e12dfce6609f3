// The orthonormal Hadamard transform of a key, a query or a value, which spreads one large channel
// over all of its block, so that rounding in blocks of 32 loses little.
//
// A head of `dim` elements is turned in blocks of the largest power of two that divides dim, each
// by H / sqrt(n), H[i][j] = (-1)^popcount(i & j) (Sylvester's). It is symmetric and its own
// inverse, and leaves every dot product as it was. The order of roundings is part of the
// definition, so that what all sets store of equal rows is equal to the bit: pairs at distance 1,
// then 2, 4, ... become (a + b, a - b), each rounded; at the end each is multiplied by
// hadamardScale(n). Pure, any thread. Source: Ashkboos et al. 2024, "QuaRot".
#pragma once

#include <cstdint>

namespace sotto {

// Elements that are turned together; dim > 0.
constexpr std::int32_t hadamardBlock(std::int32_t dim) { return dim & -dim; }

// 1 / sqrt(block) of a power of two, as a float.
constexpr float hadamardScale(std::int32_t block) {
    float scale = 1.0f;
    for (; block >= 4; block /= 4) scale *= 0.5f;
    return block == 2 ? scale * 0.707106781186547524f : scale;
}

// head [dim], in place. Of doubles the scale is the same float, whose rounding (6e-8) is below that
// of all that floats are compared by.
template <typename T>
void turnHead(T* head, std::int32_t dim) {
    const std::int32_t block = hadamardBlock(dim);
    const auto scale = static_cast<T>(hadamardScale(block));
    for (std::int32_t first = 0; first < dim; first += block) {
        for (std::int32_t distance = 1; distance < block; distance *= 2)
            for (std::int32_t index = 0; index < block; ++index) {
                if ((index & distance) != 0) continue;
                T& left = head[first + index];
                T& right = head[first + index + distance];
                const T sum = left + right;
                right = left - right;
                left = sum;
            }
        for (std::int32_t index = 0; index < block; ++index) head[first + index] *= scale;
    }
}

}  // namespace sotto
