// The row-interleaved form in which the CPU kernels read quantized matrices, and the way there and
// back.
//
// 16 rows form a group; one 64-byte chunk holds 4 consecutive columns of all 16 rows (byte
// row * 4 + col), so that one vector register feeds 16 dot products at once and no horizontal sum
// is ever needed. Decode reads each group front to back. The bytes are exactly those of the file,
// permuted: packing is lossless and costs no extra memory (but for padding rows of the last group).
//
// Group = [scale plane, padded to 64 bytes] [unit 0] [unit 1] ...
//   type   unit  scale plane      unit
//   Q8_0     32  f16 d[16]/unit   8 chunks of quants, each stored as q + 128
//   Q4_0     32  f16 d[16]/unit   4 nibble chunks
//   Q5_0     32  f16 d[16]/unit   4 nibble chunks, a chunk of fifth bits
//   Q4_1     32  -                f16 d[16], f16 m[16], 4 nibble chunks
//   Q5_1     32  -                as Q4_1, and a chunk of fifth bits
//   Q4_K    256  -                192 B packed 6-bit scales, f16 d[16], f16 dmin[16], then per
//   block
//                                 of 32 columns 4 nibble chunks
//   Q5_K    256  -                as Q4_K, each block followed by its chunk of fifth bits
//   Q6_K    256  f16 d[16]/unit   16 x int8 scale[16], then per block 4 nibble chunks and 2 chunks
//                                 of high bits
// Nibble chunk i (0..3) of a 32-column block: low nibbles are columns 4i..4i+3, high nibbles
// columns 16+4i..16+4i+3. Fifth bits: bit s of byte (row, col) belongs to column 4s + col. High
// bits of Q6_K: chunk h, bits 2s..2s+1 belong to column 16h + 4s + col. The packed scales of Q4_K
// and Q5_K keep the file's 12 bytes, byte b of row r at b * 16 + r.
//
// Thread rule: packing writes disjoint groups, so groups may be packed in parallel.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/kernels/kernel_set.h"

namespace sotto::cpu {

inline constexpr std::int64_t kGroupRows = 16;
inline constexpr std::int64_t kChunkBytes = 64;

// Whether this type is packed; the others (F32, F16, BF16) are used where the file is mapped.
bool isPackedType(DType type);

struct PackedLayout {
    std::int64_t unitCols = 0;         // columns per unit
    std::int64_t unitBytes = 0;        // bytes of one unit of a group
    std::int64_t scalePlaneBytes = 0;  // bytes before the first unit, a multiple of 64
    std::int64_t groupBytes = 0;       // scale plane and all units
    std::int64_t nGroups = 0;
};

PackedLayout packedLayout(DType type, std::int64_t nRows, std::int64_t nCols);

// Packs group `groupIndex` of `source` to `group` [layout.groupBytes]; rows past the end are zero.
void packGroup(const TensorView& source, const PackedLayout& layout, std::int64_t groupIndex,
               std::byte* group);

// Writes row `rowIndex` back in file order to `out` [rowBytes(type, nCols)].
void unpackRow(DType type, const PackedLayout& layout, std::int64_t nCols, const std::byte* packed,
               std::int64_t rowIndex, std::byte* out);

class CpuWeight final : public Weight {
public:
    const std::byte* data = nullptr;  // packed groups, or the file's rows
    PackedLayout layout;              // of packed types only
    // Keeps `data` when packed. Shared: the matrices of a model lie side by side in large slabs.
    std::shared_ptr<Buffer> slab;
};

// Hands out memory for packed matrices from large slabs: a matrix of a megabyte or two then lies in
// huge pages too (with 4 KiB pages its streaming was measured at half the speed), and none wastes
// the rest of its last one. Not thread-safe; used while loading.
class WeightArena {
public:
    struct Piece {
        std::shared_ptr<Buffer> slab;
        std::byte* data = nullptr;  // 64-byte aligned
    };
    // Errors: OutOfMemory.
    Result<Piece> allocate(std::size_t bytes);

private:
    std::shared_ptr<Buffer> m_slab;
    std::size_t m_usedBytes = 0;
};

}  // namespace sotto::cpu
