// The layout that matrices are repacked to at load: records of 16 rows by 256 columns, in the order
// in which the lanes of a warp feed mma.m16n8k32 (quantized) or mma.m16n8k16 (16-bit floats).
//
// A matrix is [rowTile][step] records, rows padded with zero records to a multiple of 32 and
// columns to a multiple of 256; a record holds exactly the bits of its weights in the file (nothing
// is added), and every part of it starts on 16 bytes (but for Q6_K's d). Repacking is bit-exact:
// unpacking gives the file's bytes back (tested).
//
// lane = 4 * g + t, g = 0..7, t = 0..3 as in the PTX manual's fragments: g counts rows (g and
// g + 8), t counts columns within a group of 32. A lane's share of a group are the four registers
// of its A fragment, "fragment words", one byte per column, lowest first:
//   word 0: row g, columns 4t + 0..3 of the group     word 1: row g + 8, the same columns
//   word 2: row g, columns 16 + 4t + 0..3             word 3: row g + 8, the same columns
//
//   Q8_0   codes   [group 8][lane 32][word 4]: the fragment words themselves, signed
//          scales  half [row 16][group 8]
//
//   All other quantized types begin with
//          nibbles [pair 4][lane 32][word 4]: each byte serves two groups. Its low nibble holds the
//                  lower four bits of the code in group 2 * pair, its high nibble the upper four
//                  bits of the code in group 2 * pair + 1. The code's remaining bits come from
//                  "rest" below; together, with one AND each and no shift of the nibbles,
//                    even group: byte = code            = nibble & 0x0f | rest
//                    odd group:  byte = code * kOddStep = nibble & 0xf0 | rest
//                  as unsigned bytes, kOddStep = 16, 8, 4 for 4, 5, 6 bits.
//   Q4_0   scales  half [row 16][group 8]; the weight is scale * (code - 8)
//   Q4_1   scales  as Q4_0
//          mins    half [row 16][group 8]; the weight is scale * code + min
//   Q4_K   header  [row 16][16 bytes]: half d, half dmin, then the file's 12 scale bytes unchanged
//   Q5_K   rest    [lane 32][word 4]: for the fragment word of that number in all eight groups. Of
//                  byte j, the code's fifth bit (even group) or lowest bit (odd group) is bit
//                  (8j + 4 - group % 2 + 2 * pair) mod 32 of the word: after turning the word right
//                  by 2 * pair it is bit 4 (even) or bit 3 (odd) of byte j
//          header  as Q4_K
//   Q5_0   rest    as Q5_K
//          scales  as Q4_0; the weight is scale * (code - 16)
//   Q5_1   rest    as Q5_K
//          scales, mins  as Q4_1
//   Q6_K   rest    [quad 2][lane 32][word 4]: quad = group / 4. After turning the word right by
//                  4 * (pair % 2), the code's upper two bits (even group) are bits 4-5 of byte j,
//                  its lower two bits (odd group) are bits 2-3
//          scales  uint8 [row 16][16]: the file's signed scale + 128, per 16 columns
//          d       half [g 8][2]: rows g and g + 8; the weight is d * scale * (code - 32)
//   F16, BF16  [k16 16][lane 32][8 values]: the A fragment of mma.m16n8k16: rows g, g+8, g, g+8 of
//          columns (2t, 2t+1), (2t, 2t+1), (2t+8, 2t+9), (2t+8, 2t+9)
// F32 matrices are not packed: row-major as in the file.
//
// Why: the integer units have half the rate of the float units and an H200 has only 6 instructions
// per lane and weight byte at full bandwidth. Codes stay unsigned, so that nothing is
// sign-extended; a constant offset (-8, -16, -32) costs one mma with a constant A operand
// (record_reader.cuh).
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/cuda/common/activation_plane.h"
#include "engine/tensor/dtype.h"

namespace sotto::cuda {

inline constexpr int kTileRows = 16;
// Rows of one thread block, two tiles: one group of the next operation's input.
inline constexpr int kPanelRows = 32;

// Bytes of one record; 0 for F32, which is not packed.
constexpr std::int64_t recordBytes(DType type) {
    switch (type) {
        case DType::Q8_0: return kTileRows * 272;
        case DType::Q4_0: return kTileRows * 144;
        case DType::Q4_1: return kTileRows * 160;
        case DType::Q5_0: return kTileRows * 176;
        case DType::Q5_1: return kTileRows * 192;
        case DType::Q4_K: return kTileRows * 144;
        case DType::Q5_K: return kTileRows * 176;
        case DType::Q6_K: return kTileRows * 210;
        case DType::F16:
        case DType::BF16: return kTileRows * kStepCols * 2;
        case DType::F32: return 0;
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "recordBytes");
}

// Bits of one code, or of one float.
constexpr int codeBitsOf(DType type) {
    switch (type) {
        case DType::Q4_0:
        case DType::Q4_1:
        case DType::Q4_K: return 4;
        case DType::Q5_0:
        case DType::Q5_1:
        case DType::Q5_K: return 5;
        case DType::Q6_K: return 6;
        case DType::Q8_0: return 8;
        case DType::F16:
        case DType::BF16: return 16;
        case DType::F32: return 32;
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "codeBitsOf");
}

// Where the parts of a record begin, in bytes (codes or nibbles at 0).
template <DType type>
struct RecordLayout {
    static constexpr bool kIsFloat = type == DType::F16 || type == DType::BF16;
    static constexpr ActivationKind kInput = activationKindOf(type);
    static constexpr int kBytes = static_cast<int>(recordBytes(type));
    static constexpr int kRowBytes = kBytes / kTileRows;
    static constexpr int kCodeBits = codeBitsOf(type);
    static constexpr int kRest = 2048;                          // of codes of 5 and 6 bits
    static constexpr int kScales = kTileRows * 32 * kCodeBits;  // or headers; not of floats
    static constexpr int kMins = kScales + 16 * kTileRows;      // Q4_1, Q5_1
    static constexpr int kD = 3328;                             // Q6_K
};

constexpr std::int64_t panelsOf(std::int64_t nRows) {
    return (nRows + kPanelRows - 1) / kPanelRows;
}

// Bytes of the packed matrix [nRows, nCols].
constexpr std::int64_t packedBytes(DType type, std::int64_t nRows, std::int64_t nCols) {
    return panelsOf(nRows) * 2 * stepsOf(nCols) * recordBytes(type);
}

}  // namespace sotto::cuda
