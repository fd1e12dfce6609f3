// KvPlanes: a layer's cache as the kernels see it: all keys in one plane, all values in another.
//
// The layout behind KvLayer (kernel_set.h), private to this set. Element (block, kvHead, slot, dim)
// lies at ((block * nKvHeads + kvHead) * blockTokens + slot) * plane.dim + dim of its plane, so
// that one row index (kv_rows.cuh) serves both planes, whatever their types and sizes. A block of
// one plane is what the canonical form has of it, so blocks go in and out by two copies each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/kv_layer.h"

namespace sotto::cuda {

// The kernels take head lengths that are multiples of 4 up to this: a lane's share of a head lies
// in registers, and attention without tensor cores reads four elements at once.
inline constexpr std::int32_t kMaxHeadDim = 512;

struct KvPlane {
    std::byte* data = nullptr;
    KvType type = KvType::F16;  // F16 or F32 in kernels
    std::int32_t dim = 0;       // elements of a row
};

// Attention takes keys and values of one type and size.
struct KvPlanes {
    KvPlane keys;
    KvPlane values;
    std::int32_t blockTokens = 0;
    std::int32_t nKvHeads = 0;
};

KvPlanes planesOf(const KvLayer& layer);

// Bytes of a layer's cache.
std::uint64_t kvPlanesBytes(const KvLayerShape& shape, std::int32_t nBlocks);

}  // namespace sotto::cuda
