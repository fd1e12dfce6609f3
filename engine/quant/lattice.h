// Lattices: blocks of weights that are a half times small integers already, as training for Q4_0 or
// Q8_0 leaves them. An ordinary search would move them off their grid; this keeps them on it.
//
// Flow: the search asks here first, block by block. A block lies on a lattice where some half d
// times integers gives back each weight to the last bit of the type that the weights were stored
// in, whose rounding is all that hides the lattice. That 32 weights are there by chance is out of
// the question: each would have to be one of 16 numbers (Q4_0) of the hundreds that even BF16 has
// there. Pure, any thread.
// Source: the observation of llama.cpp issue 24603 that files of models trained for Q4_0 lose their
// grid by being quantized anew.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/half.h"
#include "engine/quant/block_formats.h"
#include "engine/tensor/dtype.h"

namespace sotto {

// The integers of a type's codes.
struct LatticeRange {
    int lowest = 0;
    int highest = 0;
    int leastExtreme = 1;  // the largest weight is at least so many times d
};

// Of Q4_0 and Q8_0; nothing for all other types.
std::optional<LatticeRange> latticeOf(DType type);

// The half of which all `values` are multiples within `range` once they are rounded to `stored`
// (F32, F16 or BF16). Nothing: there is none, or all are zero.
std::optional<Half> latticeScale(std::span<const float, kSmallBlock> values, LatticeRange range,
                                 DType stored);

}  // namespace sotto
