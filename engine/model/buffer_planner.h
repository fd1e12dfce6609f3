// Places the arrays of a step in one buffer, so that arrays which never live at the same time share
// their bytes. Pure; decided once after loading, so that a step allocates nothing.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sotto {

// One array of the table and the stages of a step between which its content matters, inclusive.
struct PlannedArray {
    std::size_t nFloats = 0;
    int firstStage = 0;
    int lastStage = 0;
};

struct BufferPlan {
    std::vector<std::size_t> offsets;  // in floats, one per array, multiples of 16 (64 bytes)
    std::size_t totalFloats = 0;
};

BufferPlan planBuffers(std::span<const PlannedArray> arrays);

}  // namespace sotto
