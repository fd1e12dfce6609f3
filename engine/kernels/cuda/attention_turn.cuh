// The rotation of a query on its way into a tile, and of a tile's or a row's sums on their way out
// (KvRow::isRotated), in the places that attention_tile.cuh has them in.
//
// NoTurn where a cache is of plain halves, so that those kernels carry nothing of it. The heads
// that have variants of their own: 64, 96, 128, 256 dims. Device code.
#pragma once

#include <cuda_runtime.h>

#include "engine/kernels/cuda/attention.h"
#include "engine/kernels/cuda/hadamard.cuh"

namespace sotto::cuda {

struct NoTurn {
    template <class... Parts>
    __device__ __forceinline__ void operator()(Parts&...) const {}
};

// dims[step]: as AttentionTile::loadQuery() holds them. A float's number in the lane is bits 0 to 2
// and 5 on of its dim, the lane t bits 3 and 4.
template <int kHeadDim>
struct QueryTurn {
    bool isRotated;
    __device__ __forceinline__ void operator()(float4 (&dims)[kHeadDim / 16]) const {
        static_assert(kHeadDim % 32 == 0);
        if (!isRotated) return;
        constexpr int kBlock = kHeadDim & -kHeadDim;
        constexpr int kCount = kHeadDim / 4;
        float values[kCount];
#pragma unroll
        for (int step = 0; step < kCount / 4; ++step) {
            values[4 * step] = dims[step].x;
            values[4 * step + 1] = dims[step].y;
            values[4 * step + 2] = dims[step].z;
            values[4 * step + 3] = dims[step].w;
        }
        turnRegisters<1>(values);
        turnRegisters<2>(values);
        turnRegisters<4>(values);
        turnLanes<1, 0, kCount>(values);
        turnLanes<2, 0, kCount>(values);
        if constexpr (kBlock >= 64) turnRegisters<8>(values);
        if constexpr (kBlock >= 128) turnRegisters<16>(values);
        if constexpr (kBlock >= 256) turnRegisters<32>(values);
        const float factor = rotationFactor(kBlock);
#pragma unroll
        for (int step = 0; step < kCount / 4; ++step)
            dims[step] = make_float4(values[4 * step] * factor, values[4 * step + 1] * factor,
                                     values[4 * step + 2] * factor, values[4 * step + 3] * factor);
    }
};

// Four neighbours as AttentionTile::storeRow() hands them on, in its order. Of a piece of 64 dims a
// float's number in the lane is bits 0 to 3 and 6 on of its dim, t bits 4 and 5; of the piece of 32
// bits 0 to 2, and t bits 3 and 4.
template <int kHeadDim>
__device__ __forceinline__ void turnOutput(float (&values)[kHeadDim / 4]) {
    static_assert(kHeadDim % 64 == 0 || kHeadDim == 96);
    constexpr int kCount = kHeadDim / 4;
    constexpr int kBlock = kHeadDim & -kHeadDim;
    turnRegisters<1>(values);
    turnRegisters<2>(values);
    turnRegisters<4>(values);
    turnRegisters<8>(values);  // not of the piece of 32: it has 8 of them
    turnLanes<1, 0, kCount>(values);
    turnLanes<2, kHeadDim == 96 ? 16 : 0, kCount>(values);
    if constexpr (kBlock >= 128) turnRegisters<16>(values);
    if constexpr (kBlock >= 256) turnRegisters<32>(values);
    const float factor = rotationFactor(kBlock);
#pragma unroll
    for (int index = 0; index < kCount; ++index) values[index] *= factor;
}

// A row in shared memory, by one warp.
template <int kHeadDim>
struct RowTurn {
    bool isRotated;
    __device__ __forceinline__ void operator()(float* row) const {
        if (!isRotated) return;
        const int lane = static_cast<int>(threadIdx.x) % 32;
        float values[kHeadDim / 32];
#pragma unroll
        for (int index = 0; index < kHeadDim / 32; ++index) values[index] = row[lane + 32 * index];
        turnRow(kHeadDim, values);
#pragma unroll
        for (int index = 0; index < kHeadDim / 32; ++index) row[lane + 32 * index] = values[index];
        __syncwarp();
    }
};

}  // namespace sotto::cuda
