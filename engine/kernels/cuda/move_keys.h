// Keys that go on to other positions in the cache (engine/kernels/move_keys.h), on the card.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/kv_planes.h"
#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

inline constexpr std::int32_t kMaxMovedPairs = kMaxHeadDim / 2;
inline constexpr std::int32_t kMaxMovedBlocks = 128;

// By value, so that no memory of the card is taken for it: 2.6 KiB of the 4 that arguments may
// have.
struct MoveKeysLaunch {
    KvPlane keys;
    std::int32_t nKvHeads = 0;
    std::int32_t blockTokens = 0;
    RopeKind kind = RopeKind::Interleaved;
    std::int32_t nPairs = 0;
    std::int32_t nBlocks = 0;
    std::int64_t nTokens = 0;  // slots that are filled, counted over all blocks
    float cosines[kMaxMovedPairs];
    float sines[kMaxMovedPairs];
    std::int32_t blockIds[kMaxMovedBlocks];  // in order of position; moved in place
};

void launchMoveKeys(const MoveKeysLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda
