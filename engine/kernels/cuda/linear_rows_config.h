// How linear_rows cuts a product: warps per block. A pure function of the matrices' shape, so that
// a row's sum is taken in the same order whatever the number of tokens and whatever the card.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sotto::cuda {

inline constexpr int kMaxRowWarps = 16;

// nPanels: blocks of the launch; nTiles: row tiles of 16 in one block (2, or 4 where two matrices
// share a block); nSteps: records along the columns. Returns the number of warps that share the
// columns of one row tile, at most one per step.
//
// 8 warps per block, 16 where there are few blocks: an H200 (132 multiprocessors) wants about 25 KB
// in flight per multiprocessor, which is 12 warps with one 4-bit record (2.3 KB) each; 264 blocks
// are two for each multiprocessor.
constexpr int rowSplits(std::int64_t nPanels, int nTiles, std::int64_t nSteps) {
    const int nWarps = nPanels >= 264 ? kMaxRowWarps / 2 : kMaxRowWarps;
    return static_cast<int>(std::min<std::int64_t>(nWarps / nTiles, nSteps));
}

}  // namespace sotto::cuda
