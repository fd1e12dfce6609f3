// KvPlanes: a layer's cache as the kernels see it: all keys in one plane, all values in another.
//
// The layout behind KvLayer (kernel_set.h), private to this set. Element (block, kvHead, slot, dim)
// lies at ((block * nKvHeads + kvHead) * blockTokens + slot) * plane.dim + dim of its plane, so
// that one row index (kv_rows.cuh) serves both planes, whatever their types and sizes.
//
// A quantized plane is cut up further, because blocks of 34, 22 or 18 bytes would keep no load
// aligned: the codes of all rows, then the fifth bits of Q5_0, then the scales, each row by row.
//   codes      Q8_0 and the floats: a byte per element. Q4_0 and Q5_0: a word per 8 elements, of
//              element e the four bits from 4 * (e / 2 + e % 2 * 4) on, so that a shift and a mask
//              leave two neighbours in the two halves of a register (kv_codes.cuh)
//   fifth bits a word per 32 elements, bit e of element e
//   scales     a half per 32 elements
// A block of such a part is contiguous, too; kv_blocks.h makes the canonical form of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/kernels/kv_layer.h"

namespace sotto::cuda {

// The kernels take head lengths that are multiples of 4 up to this: a lane's share of a head lies
// in registers, and attention without tensor cores reads four elements at once.
inline constexpr std::int32_t kMaxHeadDim = 512;

struct KvPlane {
    std::byte* data = nullptr;  // elements; of a quantized type its codes
    KvType type = KvType::F16;
    std::int32_t dim = 0;             // elements of a row
    bool isRotated = false;           // as in KvRow
    std::uint32_t* fifths = nullptr;  // Q5_0: [nRows, dim / 32]
    std::uint16_t* scales = nullptr;  // quantized: [nRows, dim / 32] halves
};

// Neither quantized nor rotated halves: what the kernels of plain caches take.
constexpr bool isPlainHalves(const KvPlane& plane) {
    return plane.type == KvType::F16 && !plane.isRotated;
}
constexpr bool isPlain(const KvPlane& plane) {
    return (plane.type == KvType::F16 || plane.type == KvType::F32) && !plane.isRotated;
}

// Attention takes keys and values of one size, and any two types.
struct KvPlanes {
    KvPlane keys;
    KvPlane values;
    std::int32_t blockTokens = 0;
    std::int32_t nKvHeads = 0;
};

KvPlanes planesOf(const KvLayer& layer);

// A stretch of a plane that has whole rows in order: of one block, `blockBytes` from
// `data + block * blockBytes` on. Those that a type has not are of 0 bytes.
struct KvPart {
    std::byte* data;
    std::size_t blockBytes;
};
inline constexpr std::size_t kKvParts = 3;
using KvParts = std::array<KvPart, kKvParts>;  // codes, fifth bits, scales
KvParts partsOf(const KvPlane& plane, std::size_t rowsPerBlock);

// Bytes of a layer's cache.
std::uint64_t kvPlanesBytes(const KvLayerShape& shape, std::int32_t nBlocks);

}  // namespace sotto::cuda
