// searchBlock: one block of each type by the least weighted squared error, or by plain rounding.
//
// Flow: quantizeRows() cuts rows into blocks and calls these. Those whose time is in sums of lanes
// are there a second time, for processors with AVX2, and make the same bytes. `block` is zeroed on
// entry. Pure, any thread.
#pragma once

#include "engine/quant/block_formats.h"
#include "engine/quant/block_formats_low.h"
#include "engine/quant/block_source.h"

namespace sotto {
namespace baseline {

// search_levels.cpp
void searchBlock(const BlockSource& source, BlockQ4_0& block);
void searchBlock(const BlockSource& source, BlockQ5_0& block);
void searchBlock(const BlockSource& source, BlockIQ4_NL& block);
void searchBlock(const BlockSource& source, BlockMXFP4& block);
void searchBlock(const BlockSource& source, BlockNVFP4& block);
void searchBlock(const BlockSource& source, BlockTQ1_0& block);
void searchBlock(const BlockSource& source, BlockTQ2_0& block);
void searchBlock(const BlockSource& source, BlockQ1_0& block);
void searchBlock(const BlockSource& source, BlockQ2_0& block);

// search_level_super.cpp
void searchBlock(const BlockSource& source, BlockQ3_K& block);
void searchBlock(const BlockSource& source, BlockQ6_K& block);
void searchBlock(const BlockSource& source, BlockIQ4_XS& block);

// search_affine.cpp
void searchBlock(const BlockSource& source, BlockQ4_1& block);
void searchBlock(const BlockSource& source, BlockQ5_1& block);
void searchBlock(const BlockSource& source, BlockQ2_K& block);
void searchBlock(const BlockSource& source, BlockQ4_K& block);
void searchBlock(const BlockSource& source, BlockQ5_K& block);

}  // namespace baseline

namespace avx2 {

// search_avx2.cpp
void searchBlock(const BlockSource& source, BlockQ4_0& block);
void searchBlock(const BlockSource& source, BlockQ5_0& block);
void searchBlock(const BlockSource& source, BlockIQ4_NL& block);
void searchBlock(const BlockSource& source, BlockMXFP4& block);
void searchBlock(const BlockSource& source, BlockNVFP4& block);
void searchBlock(const BlockSource& source, BlockTQ1_0& block);
void searchBlock(const BlockSource& source, BlockTQ2_0& block);
void searchBlock(const BlockSource& source, BlockQ1_0& block);
void searchBlock(const BlockSource& source, BlockQ2_0& block);
void searchBlock(const BlockSource& source, BlockQ3_K& block);
void searchBlock(const BlockSource& source, BlockQ6_K& block);
void searchBlock(const BlockSource& source, BlockIQ4_XS& block);
void searchBlock(const BlockSource& source, BlockQ4_1& block);
void searchBlock(const BlockSource& source, BlockQ5_1& block);
void searchBlock(const BlockSource& source, BlockQ2_K& block);
void searchBlock(const BlockSource& source, BlockQ4_K& block);
void searchBlock(const BlockSource& source, BlockQ5_K& block);

}  // namespace avx2

// search_grid_long.cpp
void searchBlock(const BlockSource& source, BlockIQ2_XXS& block);
void searchBlock(const BlockSource& source, BlockIQ2_XS& block);
void searchBlock(const BlockSource& source, BlockIQ2_S& block);

// search_grid_short.cpp
void searchBlock(const BlockSource& source, BlockIQ3_XXS& block);
void searchBlock(const BlockSource& source, BlockIQ3_S& block);

// search_grid_shifted.cpp
void searchBlock(const BlockSource& source, BlockIQ1_S& block);
void searchBlock(const BlockSource& source, BlockIQ1_M& block);

}  // namespace sotto
