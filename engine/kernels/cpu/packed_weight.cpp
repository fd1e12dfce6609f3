// Packing is one permutation of bytes (and of nibbles and bits within a block), written as pairs of
// small functions that move one 32-column block of one row: encode to chunks, decode back.
#include "engine/kernels/cpu/packed_weight.h"

#include <cstring>

#include "engine/base/check.h"

namespace sotto::cpu {
namespace {

using Byte = std::uint8_t;

constexpr std::int64_t kKUnit = 256;        // columns of a k-quant unit
constexpr int kBlocksPerKUnit = 8;          // blocks of 32 columns in it
constexpr std::int64_t kNibbleBlock = 256;  // bytes of one 32-column block of 16 rows, 4 chunks

// Where things lie inside the file's blocks (bytes).
constexpr int kQ80Quants = 2, kQ40Quants = 2;
constexpr int kQ4KScales = 4, kQ4KQuants = 16;
constexpr int kQ5KHigh = 16, kQ5KQuants = 48;
constexpr int kQ6KHigh = 128, kQ6KScales = 192, kQ6KScale = 208;

// Where they lie inside a packed unit.
constexpr std::int64_t kHeadScales = 0, kHeadD = 192, kHeadMin = 224, kHeadBytes = 256;

std::int64_t roundUp(std::int64_t value, std::int64_t unit) {
    return (value + unit - 1) / unit * unit;
}

// The codes of one 32-column block of one row, before they are spread over chunks.
struct BlockCodes {
    Byte value[32] = {};
};

// --- the file's side -----------------------------------------------------------------------

// Reads or writes 4-bit, 5-bit or 6-bit codes of block `block` (0..7) of a k-quant, or of a Q4_0.
struct FileNibbles {
    // Position of column `col`'s nibble: byte offset and shift.
    struct Place {
        int byte;
        int shift;
    };
    static Place q40(int col) { return {kQ40Quants + col % 16, col / 16 * 4}; }
    static Place q4k(int base, int block, int col) {
        return {base + block / 2 * 32 + col, block % 2 * 4};
    }
    // Q6_K: two halves of 128 columns; blocks 0,1 of a half are low nibbles, 2,3 high ones.
    static Place q6k(int block, int col) {
        return {block / 4 * 64 + block % 2 * 32 + col, block % 4 / 2 * 4};
    }
    static Place q6kHigh(int block, int col) {
        return {kQ6KHigh + block / 4 * 32 + col, block % 4 * 2};
    }
};

int takeBits(const Byte* file, FileNibbles::Place place, int mask) {
    return (file[place.byte] >> place.shift) & mask;
}

void putBits(Byte* file, FileNibbles::Place place, int bits) {
    file[place.byte] = static_cast<Byte>(file[place.byte] | (bits << place.shift));
}

BlockCodes readCodes(DType type, const Byte* file, int block) {
    BlockCodes codes;
    for (int col = 0; col < 32; ++col) {
        int code = 0;
        switch (type) {
            case DType::Q8_0: code = file[kQ80Quants + col] ^ 0x80; break;
            case DType::Q4_0: code = takeBits(file, FileNibbles::q40(col), 15); break;
            case DType::Q4_K:
                code = takeBits(file, FileNibbles::q4k(kQ4KQuants, block, col), 15);
                break;
            case DType::Q5_K:
                code = takeBits(file, FileNibbles::q4k(kQ5KQuants, block, col), 15) |
                       takeBits(file, {kQ5KHigh + col, block}, 1) << 4;
                break;
            default:
                code = takeBits(file, FileNibbles::q6k(block, col), 15) |
                       takeBits(file, FileNibbles::q6kHigh(block, col), 3) << 4;
        }
        codes.value[col] = static_cast<Byte>(code);
    }
    return codes;
}

// `file` must be zero where codes go.
void writeCodes(DType type, Byte* file, int block, const BlockCodes& codes) {
    for (int col = 0; col < 32; ++col) {
        const int code = codes.value[col];
        switch (type) {
            case DType::Q8_0: file[kQ80Quants + col] = static_cast<Byte>(code ^ 0x80); break;
            case DType::Q4_0: putBits(file, FileNibbles::q40(col), code); break;
            case DType::Q4_K: putBits(file, FileNibbles::q4k(kQ4KQuants, block, col), code); break;
            case DType::Q5_K:
                putBits(file, FileNibbles::q4k(kQ5KQuants, block, col), code & 15);
                putBits(file, {kQ5KHigh + col, block}, code >> 4);
                break;
            default:
                putBits(file, FileNibbles::q6k(block, col), code & 15);
                putBits(file, FileNibbles::q6kHigh(block, col), code >> 4);
        }
    }
}

// --- the packed side -----------------------------------------------------------------------

// Offsets of the chunks inside one unit.
struct UnitChunks {
    std::int64_t quants = 0;   // first quant or nibble chunk
    std::int64_t high = 0;     // first chunk of high bits
    int highBits = 0;          // 0, 1 (Q5_K) or 2 (Q6_K)
    bool isWholeByte = false;  // Q8_0
};

UnitChunks unitChunks(DType type) {
    const std::int64_t afterNibbles = kHeadBytes + kBlocksPerKUnit * kNibbleBlock;
    switch (type) {
        case DType::Q8_0: return {0, 0, 0, true};
        case DType::Q4_0: return {0, 0, 0, false};
        case DType::Q4_K: return {kHeadBytes, 0, 0, false};
        case DType::Q5_K: return {kHeadBytes, afterNibbles, 1, false};
        default: return {kHeadBytes, afterNibbles, 2, false};
    }
}

void spreadCodes(const UnitChunks& chunks, const BlockCodes& codes, int block, int lane,
                 Byte* unit) {
    for (int col = 0; col < 32; ++col) {
        const int step = col / 4;
        const int place = lane * 4 + col % 4;
        const int code = codes.value[col];
        if (chunks.isWholeByte) {
            unit[step * kChunkBytes + place] = static_cast<Byte>(code);
            continue;
        }
        Byte& nibbles = unit[chunks.quants + block * kNibbleBlock + step % 4 * kChunkBytes + place];
        nibbles = static_cast<Byte>(nibbles | (code & 15) << (step / 4 * 4));
        if (chunks.highBits == 1) {
            Byte& high = unit[chunks.high + block * kChunkBytes + place];
            high = static_cast<Byte>(high | (code >> 4) << step);
        } else if (chunks.highBits == 2) {
            Byte& high = unit[chunks.high + (block * 2 + step / 4) * kChunkBytes + place];
            high = static_cast<Byte>(high | (code >> 4) << (step % 4 * 2));
        }
    }
}

BlockCodes gatherCodes(const UnitChunks& chunks, const Byte* unit, int block, int lane) {
    BlockCodes codes;
    for (int col = 0; col < 32; ++col) {
        const int step = col / 4;
        const int place = lane * 4 + col % 4;
        if (chunks.isWholeByte) {
            codes.value[col] = unit[step * kChunkBytes + place];
            continue;
        }
        int code = unit[chunks.quants + block * kNibbleBlock + step % 4 * kChunkBytes + place];
        code = (code >> (step / 4 * 4)) & 15;
        if (chunks.highBits == 1) {
            code |= (unit[chunks.high + block * kChunkBytes + place] >> step & 1) << 4;
        } else if (chunks.highBits == 2) {
            const Byte high = unit[chunks.high + (block * 2 + step / 4) * kChunkBytes + place];
            code |= (high >> (step % 4 * 2) & 3) << 4;
        }
        codes.value[col] = static_cast<Byte>(code);
    }
    return codes;
}

// Scales: for each byte of the file's scale fields its place among the packed bytes. `move` is
// called with (offset in the file's block, pointer to the packed byte).
template <typename Move>
void forEachScaleByte(DType type, Byte* scalePlane, Byte* unit, int lane, const Move& move) {
    const auto halfAt = [&](int fileOffset, Byte* plane) {
        move(fileOffset, plane + lane * 2);
        move(fileOffset + 1, plane + lane * 2 + 1);
    };
    switch (type) {
        case DType::Q8_0:
        case DType::Q4_0: halfAt(0, scalePlane); break;
        case DType::Q4_K:
        case DType::Q5_K:
            halfAt(0, unit + kHeadD);
            halfAt(2, unit + kHeadMin);
            for (int index = 0; index < 12; ++index)
                move(kQ4KScales + index, unit + kHeadScales + index * kGroupRows + lane);
            break;
        default:
            halfAt(kQ6KScale, scalePlane);
            for (int index = 0; index < 16; ++index)
                move(kQ6KScales + index, unit + kHeadScales + index * kGroupRows + lane);
    }
}

bool hasScalePlane(DType type) {
    return type == DType::Q8_0 || type == DType::Q4_0 || type == DType::Q6_K;
}

}  // namespace

bool isPackedType(DType type) {
    return type == DType::Q8_0 || type == DType::Q4_0 || type == DType::Q4_K ||
           type == DType::Q5_K || type == DType::Q6_K;
}

PackedLayout packedLayout(DType type, std::int64_t nRows, std::int64_t nCols) {
    const DTypeTraits& traits = dtypeTraits(type);
    PackedLayout layout;
    layout.unitCols = traits.blockElements;
    const std::int64_t nUnits = nCols / layout.unitCols;
    const std::int64_t planeBytes = hasScalePlane(type) ? nUnits * kGroupRows * 2 : 0;
    layout.unitBytes = traits.blockBytes * kGroupRows - (hasScalePlane(type) ? kGroupRows * 2 : 0);
    layout.scalePlaneBytes = roundUp(planeBytes, kChunkBytes);
    layout.groupBytes = layout.scalePlaneBytes + nUnits * layout.unitBytes;
    layout.nGroups = (nRows + kGroupRows - 1) / kGroupRows;
    SOTTO_DCHECK(layout.unitBytes % kChunkBytes == 0);
    return layout;
}

void packGroup(const TensorView& source, const PackedLayout& layout, std::int64_t groupIndex,
               std::byte* group) {
    auto* packed = reinterpret_cast<Byte*>(group);
    std::memset(packed, 0, static_cast<std::size_t>(layout.groupBytes));
    const std::int64_t fileRowBytes =
        static_cast<std::int64_t>(rowBytes(source.type, static_cast<std::size_t>(source.nCols)));
    const std::int64_t fileBlockBytes = dtypeTraits(source.type).blockBytes;
    const UnitChunks chunks = unitChunks(source.type);
    const int nBlocks = static_cast<int>(layout.unitCols / 32);
    const std::int64_t firstRow = groupIndex * kGroupRows;
    const int nLanes = static_cast<int>(std::min(kGroupRows, source.nRows - firstRow));
    for (std::int64_t unitIndex = 0; unitIndex < source.nCols / layout.unitCols; ++unitIndex) {
        Byte* unit = packed + layout.scalePlaneBytes + unitIndex * layout.unitBytes;
        Byte* scalePlane = packed + unitIndex * kGroupRows * 2;
        for (int lane = 0; lane < nLanes; ++lane) {
            const Byte* file = reinterpret_cast<const Byte*>(source.data) +
                               (firstRow + lane) * fileRowBytes + unitIndex * fileBlockBytes;
            forEachScaleByte(source.type, scalePlane, unit, lane,
                             [&](int offset, Byte* place) { *place = file[offset]; });
            for (int block = 0; block < nBlocks; ++block)
                spreadCodes(chunks, readCodes(source.type, file, block), block, lane, unit);
        }
    }
}

void unpackRow(DType type, const PackedLayout& layout, std::int64_t nCols, const std::byte* packed,
               std::int64_t rowIndex, std::byte* out) {
    // The byte visitor is shared with packing, which writes through it; here it only reads.
    auto* group = const_cast<Byte*>(reinterpret_cast<const Byte*>(packed)) +
                  rowIndex / kGroupRows * layout.groupBytes;
    auto* file = reinterpret_cast<Byte*>(out);
    const std::int64_t fileBlockBytes = dtypeTraits(type).blockBytes;
    const UnitChunks chunks = unitChunks(type);
    const int nBlocks = static_cast<int>(layout.unitCols / 32);
    const int lane = static_cast<int>(rowIndex % kGroupRows);
    std::memset(file, 0, rowBytes(type, static_cast<std::size_t>(nCols)));
    for (std::int64_t unitIndex = 0; unitIndex < nCols / layout.unitCols; ++unitIndex) {
        Byte* unit = group + layout.scalePlaneBytes + unitIndex * layout.unitBytes;
        Byte* scalePlane = group + unitIndex * kGroupRows * 2;
        forEachScaleByte(type, scalePlane, unit, lane,
                         [&](int offset, const Byte* place) { file[offset] = *place; });
        for (int block = 0; block < nBlocks; ++block)
            writeCodes(type, file, block, gatherCodes(chunks, unit, block, lane));
        file += fileBlockBytes;
    }
}

}  // namespace sotto::cpu
