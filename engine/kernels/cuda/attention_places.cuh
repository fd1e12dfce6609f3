// Where a warp of attention_split stands: in its block, in its tile of rows, among the positions.
//
// Used by the two kinds of warps that there are, for caches of plain halves and for all others.
// Device code.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/attention.h"
#include "engine/kernels/cuda/attention_tile.cuh"

namespace sotto::cuda {

inline constexpr int kSlices = 4;
inline constexpr int kSliceThreads = kSlices * 32;
inline constexpr int kGroupsPerSlice = kSplitPositions / kGroupPositions / kSlices;
// Two tiles of 256 floats a row would not fit into 48 KiB of shared memory.
inline constexpr int kMaxTilesPerBlock = 2;
constexpr int tilesPerBlock(int headDim) { return headDim > 128 ? 1 : kMaxTilesPerBlock; }

// Shared memory row of the sums: the 4 keeps neighbouring rows off the same banks.
__host__ __device__ constexpr int sumsStride(int headDim) { return headDim + 4; }

struct SplitShared {
    int cacheRows[kSplitPositions];
    float largest[kMaxTilesPerBlock][kSlices][kTileRows];
    float sums[kMaxTilesPerBlock][kSlices][kTileRows];
    int isLast;  // for isLastBlock()
};

// A warp's place in its block.
struct WarpPlace {
    int lane = 0, g = 0, t = 0;
    int slice = 0;
    int tile = 0;  // in the block
    __device__ __forceinline__ WarpPlace() {
        const int thread = static_cast<int>(threadIdx.x);
        lane = thread % 32;
        g = lane / 4;
        t = lane % 4;
        slice = thread / 32 % kSlices;
        tile = thread / kSliceThreads;
    }
};

// First position, in the split, of the groups of a warp.
__device__ __forceinline__ int groupStartOf(const WarpPlace& place, int group) {
    return (group * kSlices + place.slice) * kGroupPositions;
}

// What a lane knows of row g of its warp's tile, and the positions that the whole tile sees.
struct TileView {
    const float* q = nullptr;
    int first = 0, last = -1;          // visible positions of the row; none for padding
    int tileFirst = 0, tileLast = -1;  // of all rows of the tile
    // Whether any row of the tile sees the group of positions from `start` on; the same for the
    // warp.
    __device__ __forceinline__ bool sees(int start) const {
        return start <= tileLast && start + kGroupPositions > tileFirst;
    }
    __device__ __forceinline__ TileView(const AttentionLaunch& args, const AttentionRows& rows,
                                        int firstRow, int g) {
        const int endRow = min(firstRow + kTileRows, rows.nRows);
        if (firstRow >= endRow) return;
        tileFirst = firstVisible(args, args.batch.positions[rows.token(firstRow)]);
        tileLast = args.batch.positions[rows.token(endRow - 1)];
        const int row = firstRow + g;
        if (row >= endRow) return;
        const int token = rows.token(row);
        last = args.batch.positions[token];
        first = firstVisible(args, last);
        q = args.q +
            (static_cast<std::int64_t>(token) * args.nHeads + rows.head(row)) * args.cache.keys.dim;
    }
};

}  // namespace sotto::cuda
