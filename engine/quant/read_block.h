// readBlock: the weights of one block, for each type; the pieces of dequantizeRow().
//
// `out` takes the block's weights in order. Float32 arithmetic in the order that the formats
// define: kernels and files are compared bit for bit. Pure, any thread. Source: block_layouts.md.
#pragma once

#include "engine/quant/block_formats.h"
#include "engine/quant/block_formats_low.h"

namespace sotto {

// read_grid_block.cpp
void readBlock(const BlockIQ1_S& block, float* out);
void readBlock(const BlockIQ1_M& block, float* out);
void readBlock(const BlockIQ2_XXS& block, float* out);
void readBlock(const BlockIQ2_XS& block, float* out);
void readBlock(const BlockIQ2_S& block, float* out);
void readBlock(const BlockIQ3_XXS& block, float* out);
void readBlock(const BlockIQ3_S& block, float* out);

// read_level_block.cpp
void readBlock(const BlockIQ4_NL& block, float* out);
void readBlock(const BlockIQ4_XS& block, float* out);
void readBlock(const BlockMXFP4& block, float* out);
void readBlock(const BlockNVFP4& block, float* out);
void readBlock(const BlockTQ1_0& block, float* out);
void readBlock(const BlockTQ2_0& block, float* out);
void readBlock(const BlockQ1_0& block, float* out);
void readBlock(const BlockQ2_0& block, float* out);

// read_low_k_block.cpp
void readBlock(const BlockQ2_K& block, float* out);
void readBlock(const BlockQ3_K& block, float* out);

}  // namespace sotto
