// The transform of engine/tensor/hadamard.h in vectors: the same roundings in the same order.
#pragma once

#include <cstdint>

#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

// Pairs at distance kDistance < 16: a lane adds its partner, the upper one of two with its own sign
// turned.
template <class V, int kDistance>
inline __attribute__((always_inline)) typename V::F turnLanes(typename V::F value) {
    alignas(64) float signs[16];
    for (int lane = 0; lane < 16; ++lane) signs[lane] = (lane & kDistance) == 0 ? 1.0f : -1.0f;
    return V::fma(value, V::load(signs), V::template swapLanes<kDistance>(value));
}

// head [dim], in place; a power of two from 16 on divides dim.
template <class V>
void turnHeadVector(float* head, std::int32_t dim) {
    const std::int32_t block = dim & -dim;
    float scale = 1.0f;  // hadamardScale()
    for (std::int32_t size = block; size > 1; size /= 4)
        scale *= size == 2 ? 0.707106781186547524f : 0.5f;
    for (std::int32_t index = 0; index < dim; index += 16) {
        auto lanes = turnLanes<V, 1>(V::load(head + index));
        lanes = turnLanes<V, 2>(lanes);
        lanes = turnLanes<V, 4>(lanes);
        V::store(head + index, turnLanes<V, 8>(lanes));
    }
    for (std::int32_t distance = 16; distance < block; distance *= 2)
        for (std::int32_t index = 0; index < dim; index += 16) {
            if ((index & distance) != 0) continue;
            const auto left = V::load(head + index), right = V::load(head + index + distance);
            V::store(head + index, V::add(left, right));
            V::store(head + index + distance, V::sub(left, right));
        }
    for (std::int32_t index = 0; index < dim; index += 16)
        V::store(head + index, V::mul(V::load(head + index), V::set1(scale)));
}

}  // namespace sotto::cpu
