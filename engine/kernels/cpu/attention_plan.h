// AttentionPlan: how a step's attention is cut into pieces for the thread pool.
//
// Rows of one sequence are taken together in tiles, since they share the reading of its keys. A
// tile is one piece per KV head, or, where those are too few for the threads, one per KV head and
// split of kSplitKeys keys. The cut never shows in a result: a row's keys are summed split by split
// and the splits merged in order, in one piece or in several (isa/attention.inl.h). Owned by the
// CPU set; one caller; allocates in reserve() alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rounding.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cpu {

// Splits begin at multiples of it. 64 KiB of F16 keys and values at 64 dims, 16 groups of keys:
// long enough that merging costs a hundredth, short enough that 32 threads have work on 2 KV heads
// from depth 4096 on.
inline constexpr std::int64_t kSplitKeys = 512;
// Queries that share one reading of the keys: their sums, 64 x 2 x headDim floats, still fit the
// second-level cache.
inline constexpr std::int64_t kTileQueries = 64;

// What a query carries from split to split: sums, padded to 16 dims, weights' sums and maximum.
inline constexpr std::int64_t stateFloats(std::int64_t valueDim) {
    return roundUp(valueDim, 16) + 32;
}

// Rows [firstToken, + nTokens) of one sequence, and the splits that one of them sees keys of.
struct AttentionTile {
    std::int64_t firstToken = 0;
    std::int64_t nTokens = 0;
    std::int64_t firstSplit = 0;
    std::int64_t nSplits = 0;
    std::int64_t firstPiece = 0;  // of this tile, counted over all tiles
    std::int64_t firstState = 0;  // in the partial results of a step that is split
};

struct AttentionPiece {
    const AttentionTile* tile = nullptr;
    std::int64_t kvHead = 0;
    std::int64_t split = -1;  // -1: all of them
};

class AttentionPlan {
public:
    void reserve(const KernelLimits& limits, int nThreads);
    // Query states that a step may leave behind at most: a whole row's, or those of eight rows
    // where they are small.
    static std::int64_t maxStates(const KernelLimits& limits, int nThreads);
    static std::uint64_t bytes(const KernelLimits& limits) {
        return static_cast<std::uint64_t>(limits.maxTokens) * sizeof(AttentionTile);
    }

    void make(const AttentionArgs& args);

    bool isSplit() const { return m_isSplit; }
    std::span<const AttentionTile> tiles() const { return m_tiles; }
    std::int64_t nPieces() const { return m_nPieces; }
    AttentionPiece piece(std::int64_t index) const;
    // Where the states of (tile, KV head, split) begin: [queries of the tile].
    std::int64_t stateIndex(const AttentionPiece& piece) const;

private:
    void addTile(const AttentionArgs& args, std::int64_t firstToken, std::int64_t nTokens);

    std::vector<AttentionTile> m_tiles;
    std::int64_t m_maxStates = 0;
    int m_nThreads = 1;
    std::int64_t m_nKvHeads = 1;
    std::int64_t m_headsPerKv = 1;
    bool m_isSplit = false;
    std::int64_t m_nPieces = 0;
};

}  // namespace sotto::cpu
