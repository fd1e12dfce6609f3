// The kernels that launchAttention() chooses from. Inside kernels/cuda only.
#pragma once

#include "engine/kernels/cuda/attention.h"

namespace sotto::cuda {

// Decode: splits of kSplitPositions, combined by the last blocks. No F32 cache, a compiled headDim.
void launchAttentionSplit(const AttentionLaunch& args, const LaunchStream& on);

// Prefill: one pass over all positions. No F32 cache, a compiled headDim.
void launchAttentionPrefill(const AttentionLaunch& args, const LaunchStream& on);

// One warp per row, plain float32: caches of any types, any headDims.
void launchAttentionRows(const AttentionLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda
