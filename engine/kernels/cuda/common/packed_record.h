// The layout that matrices are repacked to at load: records of 16 rows by 256 columns, in the order
// in which the lanes of a warp feed mma.m16n8k32 (quantized) or mma.m16n8k16 (16-bit floats).
//
// A matrix is [rowTile][step] records, rows padded with zero records to a multiple of 32 and
// columns to a multiple of 256; a record holds exactly the bytes of its weights in the file
// (nothing is added), and every part of it starts on 16 bytes. lane = 4 * g + t, g = 0..7, t = 0..3
// as in the PTX manual's fragments: g counts rows (g and g + 8), t counts columns within a group
// of 32. "column word (row, group, half)" below: the 4 columns half * 16 + 4t + 0..3 of the group,
// one per byte, lowest first. Repacking is bit-exact: unpacking gives the file's bytes back
// (tested).
//
//   Q8_0   codes   [group 8][lane 32][4 words]: words of rows g, g+8 (half 0), g, g+8 (half 1)
//          then scales  half [row 16][group 8]
//   nibbles of Q4_0, Q4_K, Q5_K, Q6_K:
//          codes   [pair 4][lane 32][4 words]: rows g, g+8 of group 2*pair, then of 2*pair + 1; in
//                  each byte the low nibble is half 0's column, the high nibble half 1's
//   Q4_0   nibbles hold code ^ 8: two's complement of code - 8, so that (nibble << 4) as int8 is
//          16 * (code - 8);  then scales  half [row 16][group 8]
//   Q4_K   then header [row 16][16 bytes]: half d, half dmin, then the file's 12 scale bytes
//   unchanged Q5_K   as Q4_K with, after the nibbles and before the header, high bits [lane 32][4
//   words]: word
//          2 * quad + (0: row g, 1: row g + 8), quad = group / 4; in byte j of a word, bit
//          2 * (group % 4) + half is the fifth bit of column j of that half
//   Q6_K   nibbles and high pairs hold code ^ 32: two's complement of code - 32, so that
//          (low4 << 2 | high2 << 6) as int8 is 4 * (code - 32);
//          high pairs [quad 2][lane 32][4 words]: quad covers groups 4*quad .. 4*quad+3; word w
//          (0: row g of groups 0,1; 1: row g+8 of groups 0,1; 2, 3: the same of groups 2, 3 of the
//          quad); in byte j of a word, bits 0-1: even group half 0 column j, bits 2-3: even group
//          half 1, bits 4-5: odd group half 0, bits 6-7: odd group half 1; then scales int8 [row
//          16][16], then d half [row 16]
//   F16, BF16  [k16 16][lane 32][8 values]: the A fragment of mma.m16n8k16: rows g, g+8, g, g+8 of
//          columns (2t, 2t+1), (2t, 2t+1), (2t+8, 2t+9), (2t+8, 2t+9)
// F32 matrices are not packed: row-major as in the file.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/cuda/common/activation_plane.h"
#include "engine/tensor/dtype.h"

namespace sotto::cuda {

inline constexpr int kTileRows = 16;
inline constexpr int kPanelRows =
    32;  // rows of one thread block, two tiles: one group of the next input

// Bytes of one record; 0 for types that are not packed.
constexpr std::int64_t recordBytes(DType type) {
    switch (type) {
        case DType::Q8_0: return kTileRows * 272;
        case DType::Q4_0: return kTileRows * 144;
        case DType::Q4_K: return kTileRows * 144;
        case DType::Q5_K: return kTileRows * 176;
        case DType::Q6_K: return kTileRows * 210;
        case DType::F16:
        case DType::BF16: return kTileRows * kStepCols * 2;
        default: return 0;
    }
}

constexpr std::int64_t panelsOf(std::int64_t nRows) {
    return (nRows + kPanelRows - 1) / kPanelRows;
}

// Bytes of the packed matrix [nRows, nCols].
constexpr std::int64_t packedBytes(DType type, std::int64_t nRows, std::int64_t nCols) {
    return panelsOf(nRows) * 2 * stepsOf(nCols) * recordBytes(type);
}

}  // namespace sotto::cuda
