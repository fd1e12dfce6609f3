// Packing is one permutation of bytes (and of nibbles and bits within a block), written as pairs of
// small functions that move one 32-column block of one row: encode to chunks, decode back.
#include "engine/kernels/cpu/packed_weight.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "base/rounding.h"

namespace sotto::cpu {
namespace {

using Byte = std::uint8_t;

constexpr std::int64_t kNibbleBytes = 256;  // of one 32-column block of 16 rows: 4 chunks

// Where things lie inside the file's blocks (bytes).
constexpr int kQ80Quants = 2;
constexpr int kKScales = 4;
constexpr int kQ4KQuants = 16, kQ5KHigh = 16, kQ5KQuants = 48;
constexpr int kQ6KHigh = 128, kQ6KScales = 192, kQ6KScale = 208;

// Where they lie inside a packed unit.
constexpr std::int64_t kHeadScales = 0, kHeadD = 192, kHeadMin = 224, kHeadBytes = 256;
constexpr std::int64_t kSmallD = 0, kSmallMin = 32, kSmallHeadBytes = 64;  // Q4_1, Q5_1

// Four neighbouring bytes. Shifts followed by a per-byte mask never mix them, in either byte order.
using Word = std::uint32_t;
constexpr Word kLowNibbles = 0x0f0f0f0fu;
constexpr Word kOnes = 0x01010101u;

Word loadWord(const Byte* source) {
    Word word;
    std::memcpy(&word, source, sizeof(word));
    return word;
}

void storeWord(Byte* target, Word word) { std::memcpy(target, &word, sizeof(word)); }

// The codes of one 32-column block of one row: word s holds columns 4s .. 4s + 3.
struct BlockCodes {
    Word word[8] = {};
};

// --- the file's side -----------------------------------------------------------------------

// Where block `block` (0..7) of a k-quant keeps its codes: column c has its low nibble in byte
// nibbles + c at bit nibbleShift, its high bits in byte high + c at bit highShift.
struct CodePlaces {
    int nibbles = 0;
    int nibbleShift = 0;
    int high = 0;
    int highShift = 0;
    Word highMask = 0;
};

CodePlaces codePlaces(DType type, int block) {
    switch (type) {
        case DType::Q4_K: return {kQ4KQuants + block / 2 * 32, block % 2 * 4, 0, 0, 0};
        case DType::Q5_K:
            return {kQ5KQuants + block / 2 * 32, block % 2 * 4, kQ5KHigh, block, kOnes};
        case DType::Q6_K:  // halves of 128 columns; blocks 0, 1 are low nibbles, 2, 3 high ones
            return {block / 4 * 64 + block % 2 * 32, block % 4 / 2 * 4, kQ6KHigh + block / 4 * 32,
                    block % 4 * 2, 3 * kOnes};
        case DType::F32:
        case DType::F16:
        case DType::BF16:
        case DType::Q8_0:
        case DType::Q4_0:
        case DType::Q4_1:
        case DType::Q5_0:
        case DType::Q5_1:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "codePlaces");
}

// The same of the small blocks with nibbles: columns c and 16 + c share byte nibbles + c, and
// column c has its fifth bit, if any, in bit c of the 32 from byte high on. Nothing of other types.
struct SmallPlaces {
    int nibbles = 0;
    int high = 0;  // 0: there is none
};

std::optional<SmallPlaces> smallPlaces(DType type) {
    switch (type) {
        case DType::Q4_0: return SmallPlaces{2, 0};
        case DType::Q4_1: return SmallPlaces{4, 0};
        case DType::Q5_0: return SmallPlaces{6, 2};
        case DType::Q5_1: return SmallPlaces{8, 4};
        case DType::F32:
        case DType::F16:
        case DType::BF16:
        case DType::Q8_0:
        case DType::Q4_K:
        case DType::Q5_K:
        case DType::Q6_K: return std::nullopt;
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "smallPlaces");
}

// Bits 0..3 to bit 4 of the word's four bytes, and back. Bit i goes to bit 8i: the factors shift it
// there, without carries, and the mask drops the other three copies.
Word spreadFifthBits(Word four) { return (four * 0x00204081u & kOnes) << 4; }
Word gatherFifthBits(Word codes) { return (codes >> 4 & kOnes) * 0x10204080u >> 28; }

BlockCodes readCodes(DType type, const Byte* file, int block) {
    BlockCodes codes;
    if (type == DType::Q8_0) {
        for (int step = 0; step < 8; ++step)
            codes.word[step] = loadWord(file + kQ80Quants + step * 4) ^ (kOnes << 7);
        return codes;
    }
    if (const auto places = smallPlaces(type)) {
        for (int step = 0; step < 4; ++step) {
            const Word both = loadWord(file + places->nibbles + step * 4);
            codes.word[step] = both & kLowNibbles;
            codes.word[step + 4] = both >> 4 & kLowNibbles;
        }
        if (places->high == 0) return codes;
        const Word fifthBits = loadWord(file + places->high);
        for (int step = 0; step < 8; ++step)
            codes.word[step] |= spreadFifthBits(fifthBits >> (4 * step) & 15u);
        return codes;
    }
    const CodePlaces places = codePlaces(type, block);
    for (int step = 0; step < 8; ++step) {
        const Word low = loadWord(file + places.nibbles + step * 4) >> places.nibbleShift;
        const Word high = loadWord(file + places.high + step * 4) >> places.highShift;
        codes.word[step] = (low & kLowNibbles) | (high & places.highMask) << 4;
    }
    return codes;
}

// `file` must be zero where codes go.
void writeCodes(DType type, Byte* file, int block, const BlockCodes& codes) {
    const auto putBits = [](Byte* place, Word bits) { storeWord(place, loadWord(place) | bits); };
    if (type == DType::Q8_0) {
        for (int step = 0; step < 8; ++step)
            storeWord(file + kQ80Quants + step * 4, codes.word[step] ^ (kOnes << 7));
        return;
    }
    if (const auto places = smallPlaces(type)) {
        for (int step = 0; step < 4; ++step)
            storeWord(file + places->nibbles + step * 4,
                      (codes.word[step] & kLowNibbles) | (codes.word[step + 4] & kLowNibbles) << 4);
        if (places->high == 0) return;
        Word fifthBits = 0;
        for (int step = 0; step < 8; ++step)
            fifthBits |= gatherFifthBits(codes.word[step]) << (4 * step);
        storeWord(file + places->high, fifthBits);
        return;
    }
    const CodePlaces places = codePlaces(type, block);
    for (int step = 0; step < 8; ++step) {
        const Word code = codes.word[step];
        putBits(file + places.nibbles + step * 4, (code & kLowNibbles) << places.nibbleShift);
        if (places.highMask != 0)
            putBits(file + places.high + step * 4, (code >> 4 & places.highMask)
                                                       << places.highShift);
    }
}

// --- the packed side -----------------------------------------------------------------------

// Offsets of the chunks inside one unit.
struct UnitChunks {
    std::int64_t quants = 0;      // the first block's quant or nibble chunks
    std::int64_t blockBytes = 0;  // from one block's chunks to the next
    int highBits = 0;             // of a code, 0 to 2: chunks of high bits after the nibbles
    bool isWholeByte = false;     // Q8_0
};

UnitChunks unitChunks(DType type) {
    switch (type) {
        case DType::Q8_0: return {0, 0, 0, true};
        case DType::Q4_0: return {0, 0, 0, false};
        case DType::Q4_1: return {kSmallHeadBytes, 0, 0, false};
        case DType::Q5_0: return {0, 0, 1, false};
        case DType::Q5_1: return {kSmallHeadBytes, 0, 1, false};
        case DType::Q4_K: return {kHeadBytes, kNibbleBytes, 0, false};
        case DType::Q5_K: return {kHeadBytes, kNibbleBytes + kChunkBytes, 1, false};
        case DType::Q6_K: return {kHeadBytes, kNibbleBytes + 2 * kChunkBytes, 2, false};
        case DType::F32:
        case DType::F16:
        case DType::BF16:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "unitChunks");
}

// High bits of steps [first, first + 8 / highBits) gathered into one word.
Word gatherHigh(const BlockCodes& codes, int first, int highBits) {
    const Word mask = highBits == 1 ? kOnes : 3 * kOnes;
    Word high = 0;
    for (int step = 0; step < 8 / highBits; ++step)
        high |= (codes.word[first + step] >> 4 & mask) << (step * highBits);
    return high;
}

void spreadCodes(const UnitChunks& chunks, const BlockCodes& codes, int block, int lane,
                 Byte* unit) {
    Byte* column = unit + chunks.quants + block * chunks.blockBytes + lane * 4;
    if (chunks.isWholeByte) {
        for (int step = 0; step < 8; ++step)
            storeWord(column + step * kChunkBytes, codes.word[step]);
        return;
    }
    for (int step = 0; step < 4; ++step)
        storeWord(column + step * kChunkBytes,
                  (codes.word[step] & kLowNibbles) | (codes.word[step + 4] & kLowNibbles) << 4);
    for (int chunk = 0; chunk < chunks.highBits; ++chunk)
        storeWord(column + kNibbleBytes + chunk * kChunkBytes,
                  gatherHigh(codes, chunk * 4, chunks.highBits));
}

BlockCodes gatherCodes(const UnitChunks& chunks, const Byte* unit, int block, int lane) {
    BlockCodes codes;
    const Byte* column = unit + chunks.quants + block * chunks.blockBytes + lane * 4;
    if (chunks.isWholeByte) {
        for (int step = 0; step < 8; ++step)
            codes.word[step] = loadWord(column + step * kChunkBytes);
        return codes;
    }
    for (int step = 0; step < 4; ++step) {
        const Word both = loadWord(column + step * kChunkBytes);
        codes.word[step] = both & kLowNibbles;
        codes.word[step + 4] = both >> 4 & kLowNibbles;
    }
    for (int chunk = 0; chunk < chunks.highBits; ++chunk) {
        const Word high = loadWord(column + kNibbleBytes + chunk * kChunkBytes);
        const Word mask = chunks.highBits == 1 ? kOnes : 3 * kOnes;
        for (int step = 0; step < 8 / chunks.highBits; ++step)
            codes.word[chunk * 4 + step] |= (high >> (step * chunks.highBits) & mask) << 4;
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
        case DType::Q4_0:
        case DType::Q5_0: return halfAt(0, scalePlane);
        case DType::Q4_1:
        case DType::Q5_1:
            halfAt(0, unit + kSmallD);
            halfAt(2, unit + kSmallMin);
            return;
        case DType::Q4_K:
        case DType::Q5_K:
            halfAt(0, unit + kHeadD);
            halfAt(2, unit + kHeadMin);
            for (int index = 0; index < 12; ++index)
                move(kKScales + index, unit + kHeadScales + index * kGroupRows + lane);
            return;
        case DType::Q6_K:
            halfAt(kQ6KScale, scalePlane);
            for (int index = 0; index < 16; ++index)
                move(kQ6KScales + index, unit + kHeadScales + index * kGroupRows + lane);
            return;
        case DType::F32:
        case DType::F16:
        case DType::BF16:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "forEachScaleByte");
}

bool hasScalePlane(DType type) {
    switch (type) {
        case DType::Q8_0:
        case DType::Q4_0:
        case DType::Q5_0:
        case DType::Q6_K: return true;
        case DType::F32:
        case DType::F16:
        case DType::BF16:
        case DType::Q4_1:
        case DType::Q5_1:
        case DType::Q4_K:
        case DType::Q5_K: return false;
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "hasScalePlane");
}

}  // namespace

bool isPackedType(DType type) {
    switch (type) {
        case DType::F32:
        case DType::F16:
        case DType::BF16: return false;
        case DType::Q8_0:
        case DType::Q4_0:
        case DType::Q4_1:
        case DType::Q5_0:
        case DType::Q5_1:
        case DType::Q4_K:
        case DType::Q5_K:
        case DType::Q6_K: return true;
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "isPackedType");
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

Result<WeightArena::Piece> WeightArena::allocate(std::size_t bytes) {
    // 32 MiB of address space; pages that no matrix reaches are never backed by memory.
    constexpr std::size_t kSlabBytes = std::size_t{32} << 20;
    const auto needed =
        static_cast<std::size_t>(roundUp(static_cast<std::int64_t>(bytes), kChunkBytes));
    if (m_slab == nullptr || m_slab->bytes() - m_usedBytes < needed) {
        Buffer buffer;
        SOTTO_ASSIGN(buffer, allocateHostBuffer(std::max(kSlabBytes, needed)));
        m_slab = std::make_shared<Buffer>(std::move(buffer));
        m_usedBytes = 0;
    }
    Piece piece{m_slab, m_slab->data() + m_usedBytes};
    m_usedBytes += needed;
    return piece;
}

}  // namespace sotto::cpu
