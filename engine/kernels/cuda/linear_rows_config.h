// How linear_rows cuts a product: warps per block. A pure function of the matrices' shape, so that
// a row's sum is taken in the same order whatever the number of tokens and whatever the card.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sotto::cuda {

inline constexpr int kMaxRowWarps = 16;
// Blocks of a launch that are more than the multiprocessors of a large card (H200 132, RTX 4090
// 128).
inline constexpr std::int64_t kManyBlocks = 132;

// nPanels: blocks of the launch; nTiles: row tiles of 16 in one block (2, or 4 where two matrices
// share a block); nSteps: records along the columns. Returns the number of warps that share the
// columns of one row tile, at most one per step.
//
// 8 warps per block, 16 where no multiprocessor gets a second block: an H200 wants about 25 KB in
// flight per multiprocessor, which is 12 warps with one 4-bit record (2.3 KB) each. Of blocks of 16
// warps, which fit a multiprocessor once, 133 would take as long as 264.
constexpr int rowSplits(std::int64_t nPanels, int nTiles, std::int64_t nSteps) {
    const int nWarps = nPanels > kManyBlocks ? kMaxRowWarps / 2 : kMaxRowWarps;
    return static_cast<int>(std::min<std::int64_t>(nWarps / nTiles, nSteps));
}

// How much of the next matrices is asked for ahead, bytes: half of L2, because what a launch reads
// passes through it too, and no more than 6 MB, what 1 TB/s delivers in the 6 us from the last
// loads of one launch to the first ones of the next (not measured). An RTX 3060 has 3 MB of L2:
// 1.5 MB; an RTX 4090 72 MB.
constexpr std::int64_t bytesAhead(std::int64_t l2Bytes) {
    return std::min<std::int64_t>(l2Bytes / 2, std::int64_t{6} << 20);
}

// Row tiles of a matrix whose first `firstBytes` each are asked for, of `nTiles`.
constexpr std::int64_t tilesAhead(std::int64_t nTiles, std::int64_t firstBytes,
                                  std::int64_t budget) {
    return std::min(nTiles, budget / firstBytes);
}

}  // namespace sotto::cuda
