// Where a position's keys and values lie in a layer's paged cache (kv_planes.h).
//
// Used by rope_store (writes) and attention (reads). Device code only.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/device_batch.h"
#include "engine/kernels/cuda/kv_planes.h"

namespace sotto::cuda {

// Index of the cache row [dim] of (position, kvHead); times the plane's dim: its first element. A
// row index fits in 32 bits: 2^31 rows are 256 GiB of keys at headDim 64.
__device__ __forceinline__ int kvRow(const KvPlanes& cache, const DeviceBatch& batch, int sequence,
                                     int position, int kvHead) {
    const int blockIndex = position / cache.blockTokens;
    const int slot = position - blockIndex * cache.blockTokens;
    const std::int64_t entry = static_cast<std::int64_t>(sequence) * batch.tableStride + blockIndex;
    return (batch.blockIds[entry] * cache.nKvHeads + kvHead) * cache.blockTokens + slot;
}

}  // namespace sotto::cuda
