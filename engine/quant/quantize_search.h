// The K-type quantizers: each searches the scales of its sub-blocks for the least squared error.
//
// Flow: quantizeRow() (quantize_reference.h) calls these block by block. Pure, any thread. Source:
// ENGINE_NOTES section 5.3, the path without an importance matrix.
#pragma once

#include <span>

#include "engine/quant/block_formats.h"

namespace sotto {

using SuperBlockValues = std::span<const float, kSuperBlock>;

BlockQ4_K quantizeBlockQ4_K(SuperBlockValues values);
BlockQ5_K quantizeBlockQ5_K(SuperBlockValues values);
BlockQ6_K quantizeBlockQ6_K(SuperBlockValues values);

}  // namespace sotto
