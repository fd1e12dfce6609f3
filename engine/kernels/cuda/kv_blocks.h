// Blocks of a quantized plane between the parts that they have on the card (kv_planes.h) and the
// canonical form (kv_layer.h). Both ways are exact. Plain functions on host memory.
#pragma once

#include <cstddef>

#include "engine/tensor/kv_type.h"

namespace sotto::cuda {

// Where the parts of a stretch of rows lie, in host memory.
struct KvPartBytes {
    std::byte* codes;
    std::byte* fifths;  // Q5_0 alone
    std::byte* scales;
};

// nGroups groups of 32 elements, one behind another.
void toCanonical(KvType type, std::size_t nGroups, const KvPartBytes& from, std::byte* to);
void fromCanonical(KvType type, std::size_t nGroups, const std::byte* from, const KvPartBytes& to);

}  // namespace sotto::cuda
