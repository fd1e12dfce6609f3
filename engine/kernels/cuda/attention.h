// Causal grouped-query attention over the paged cache, one kernel family for decode and prefill.
//
// Rows are (token, query head of one KV head) pairs, 8 to a warp, on mma.m16n8k16 with q and the
// probabilities split into two halves that fill its 16 rows, so that float32 precision is kept.
// Decode cuts the positions into splits of a fixed size, kSplitPositions from position 0 on, whose
// partial results the last blocks to finish combine: a row's bits depend neither on other rows nor
// on the number of splits launched.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/common/activation_plane.h"
#include "engine/kernels/cuda/device_batch.h"
#include "engine/kernels/cuda/kv_planes.h"
#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

inline constexpr int kSplitPositions = 256;
inline constexpr int kNodeSplits = 8;  // that are added up before the rest of a row

struct AttentionLaunch {
    const float* q = nullptr;  // [nTokens, nHeads, headDim]
    float* out = nullptr;      // [nTokens, nHeads, headDim]
    float scale = 0.0f;
    std::int32_t window = 0;
    std::int32_t nHeads = 0;
    KvPlanes cache;
    DeviceBatch batch;
    // Decode (batch.nTokens <= 8, partials given) also writes its result as the next input where
    // next.values is not null; headDim is then a multiple of 32.
    ActivationPlane next;
    // Decode: attentionPartialBytes() of scratch, and attentionCounterBytes() of zeroed int32, left
    // zeroed. Null: a single pass over all positions (prefill).
    float* partials = nullptr;
    std::int32_t* finishedSplits = nullptr;
};

// Scratch of decode for up to 8 rows at this context.
std::int64_t attentionPartialBytes(std::int64_t nHeads, std::int64_t headDim,
                                   std::int64_t maxContext);
// nHeads: of the cache, or more.
std::int64_t attentionCounterBytes(std::int64_t nHeads, std::int64_t maxContext);

// headDim up to kMaxHeadDim (kv_planes.h): 64, 80, 96, 128 and 256 with an F16 cache run on the
// tensor cores; an F32 cache and any other multiple of 4 run as plain float32, one warp per row.
void launchAttention(const AttentionLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda
