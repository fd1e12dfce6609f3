// Repacking: a permutation of the file's bits into packed records, and reading rows back from them.
//
// repackKernel: one block of 256 threads per record (16 rows x 256 columns). The rows' pieces go to
// shared memory in 2-byte units (file blocks are only 2-byte aligned), then each thread puts 4-byte
// words of the record together from single codes. Moves every byte once in, once out; some hundred
// integer instructions per word still leave it far above the speed of PCIe.
// unpackRowsKernel: one block per (row, 256 columns), one thread per column; the arithmetic of
// engine/quant/dequantize_reference.cpp, operation by operation (never fused): same bits.
// Source: common/packed_record.h, engine/quant/block_layouts.md.
#include "engine/kernels/cuda/repack.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "base/check.h"
#include "engine/kernels/cuda/choose_tokens.h"
#include "engine/kernels/cuda/common/byte_ops.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/packed_record.h"
#include "engine/kernels/cuda/common/record_weight.cuh"
#include "engine/kernels/cuda/common/vector_load.h"

namespace sotto::cuda {
namespace {

constexpr int kThreads = 256;
static_assert(kThreads == kStepCols);

// ---- The file's side: `piece` is one row's bytes of 256 columns in shared memory.

template <DType type>
__device__ __forceinline__ std::uint32_t fileCode(const std::uint8_t* piece, int col) {
    const int inGroup = col % 32;
    if constexpr (type == DType::Q8_0) {
        return piece[col / 32 * 34 + 2 + inGroup];
    } else if constexpr (kIsSmallNibble<type>) {
        constexpr bool kIsFive = RecordLayout<type>::kCodeBits == 5;
        constexpr int kHigh = kHasAddedMin<type> ? 4 : 2;
        const std::uint8_t* const block =
            piece + col / 32 * (RecordLayout<type>::kRowBytes / kStepGroups);
        const std::uint32_t both = block[kHigh + (kIsFive ? 4 : 0) + inGroup % 16];
        const std::uint32_t low = inGroup < 16 ? both & 15u : both >> 4;
        if constexpr (!kIsFive) return low;
        return low | (block[kHigh + inGroup / 8] >> (inGroup % 8) & 1u) << 4;
    } else if constexpr (type == DType::Q4_K || type == DType::Q5_K) {
        constexpr int kCodes = type == DType::Q4_K ? 16 : 48;
        const std::uint32_t both = piece[kCodes + col / 64 * 32 + inGroup];
        const std::uint32_t low = col / 32 % 2 == 0 ? both & 15u : both >> 4;
        if constexpr (type == DType::Q4_K) return low;
        return low | (piece[16 + inGroup] >> (col / 32) & 1u) << 4;
    } else {
        static_assert(type == DType::Q6_K);
        const int half = col / 128;
        const int group = col / 32 % 4;
        const std::uint32_t low =
            piece[64 * half + 32 * (group % 2) + inGroup] >> (group < 2 ? 0 : 4);
        const std::uint32_t high = piece[128 + 32 * half + inGroup] >> (2 * group);
        return (low & 15u) | (high & 3u) << 4;
    }
}

// Byte `byteIndex` of what follows the codes in the record: scales and headers.
template <DType type>
__device__ __forceinline__ std::uint32_t fileScaleByte(const std::uint8_t* pieces, int byteIndex) {
    constexpr int kPiece = RecordLayout<type>::kRowBytes;
    const std::uint8_t* const piece = pieces + byteIndex / 16 % kTileRows * kPiece;
    const int inRow = byteIndex % 16;
    if constexpr (kHasAddedMin<type>) {
        // Scales of all rows, then mins: byteIndex / 256 says which.
        return piece[inRow / 2 * (kPiece / kStepGroups) + inRow % 2 + byteIndex / 256 * 2];
    } else if constexpr (type == DType::Q8_0 || kIsSmallNibble<type>) {
        return piece[inRow / 2 * (kPiece / kStepGroups) + inRow % 2];
    } else if constexpr (type == DType::Q4_K || type == DType::Q5_K) {
        return piece[inRow];
    } else {
        static_assert(type == DType::Q6_K);
        if (byteIndex < 256) return piece[192 + inRow] ^ 0x80u;
        // d: [g][rows g, g + 8]
        const int pair = (byteIndex - 256) / 2;
        return pieces[(pair / 2 + pair % 2 * 8) * kPiece + 208 + byteIndex % 2];
    }
}

// The code at byte j of a fragment word: row and column by lane and word (packed_record.h).
template <DType type>
__device__ __forceinline__ std::uint32_t fragmentCode(const std::uint8_t* pieces, int group,
                                                      int lane, int word, int byteIndex) {
    const int row = lane / 4 + word % 2 * 8;
    const int col = 32 * group + word / 2 * 16 + lane % 4 * 4 + byteIndex;
    return fileCode<type>(pieces + row * RecordLayout<type>::kRowBytes, col);
}

// The bits that the nibbles leave over, of one word of "rest".
template <DType type>
__device__ __forceinline__ std::uint32_t restWord(const std::uint8_t* pieces, int wordIndex) {
    constexpr int kRestBits = RecordLayout<type>::kCodeBits - 4;
    constexpr int kPairs = 4 / kRestBits;  // pairs of groups that share one word
    const int firstPair = wordIndex / 128 * kPairs;
    const int lane = wordIndex / 4 % 32;
    std::uint32_t result = 0;
    for (int index = 0; index < 8 * kPairs; ++index) {
        const int pair = index / 8;
        const int isOdd = index / 4 % 2;
        const int byteIndex = index % 4;
        const int group = 2 * (firstPair + pair) + isOdd;
        const std::uint32_t code =
            fragmentCode<type>(pieces, group, lane, wordIndex % 4, byteIndex);
        const std::uint32_t bits = isOdd ? code & ((1u << kRestBits) - 1u) : code >> 4;
        const int position = 8 * byteIndex + 4 - kRestBits * isOdd + 2 * kRestBits * pair;
        result |= bits << (position % 32);
    }
    return result;
}

// Byte `byteIndex` of word `wordIndex` of the codes or nibbles.
template <DType type>
__device__ __forceinline__ std::uint32_t codeByte(const std::uint8_t* pieces, int wordIndex,
                                                  int byteIndex) {
    const int lane = wordIndex / 4 % 32;
    const int word = wordIndex % 4;
    if constexpr (type == DType::Q8_0) {
        return fragmentCode<type>(pieces, wordIndex / 128, lane, word, byteIndex);
    } else {
        const int pair = wordIndex / 128;
        const std::uint32_t even = fragmentCode<type>(pieces, 2 * pair, lane, word, byteIndex);
        const std::uint32_t odd = fragmentCode<type>(pieces, 2 * pair + 1, lane, word, byteIndex);
        return (even & 15u) | odd >> (RecordLayout<type>::kCodeBits - 4) << 4;
    }
}

template <DType type>
__device__ __forceinline__ std::uint32_t recordWord(const std::uint8_t* pieces, int wordIndex) {
    using Layout = RecordLayout<type>;
    if constexpr (Layout::kIsFloat) {
        const int lane = wordIndex / 4 % 32;
        const int word = wordIndex % 4;
        const int row = lane / 4 + word % 2 * 8;
        const int col = wordIndex / 128 * 16 + word / 2 * 8 + lane % 4 * 2;
        const std::uint8_t* const bytes = pieces + row * Layout::kRowBytes + 2 * col;
        return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
               static_cast<std::uint32_t>(bytes[3]) << 24;
    } else {
        std::uint32_t result = 0;
        if (4 * wordIndex >= Layout::kScales) {
            for (int byteIndex = 0; byteIndex < 4; ++byteIndex)
                result |= fileScaleByte<type>(pieces, 4 * wordIndex - Layout::kScales + byteIndex)
                          << (8 * byteIndex);
            return result;
        }
        if constexpr (Layout::kCodeBits == 5 || Layout::kCodeBits == 6) {
            if (4 * wordIndex >= Layout::kRest)
                return restWord<type>(pieces, wordIndex - Layout::kRest / 4);
        }
        for (int byteIndex = 0; byteIndex < 4; ++byteIndex)
            result |= codeByte<type>(pieces, wordIndex, byteIndex) << (8 * byteIndex);
        return result;
    }
}

struct RepackShape {
    const std::byte* source;
    std::byte* records;  // of the range's first row tile
    std::int64_t rowBytes;
    int nRows;
    int nSteps;
};

template <DType type>
__global__ void __launch_bounds__(kThreads) repackKernel(RepackShape shape) {
    using Layout = RecordLayout<type>;
    constexpr int kPieceUnits = Layout::kRowBytes / 2;
    SOTTO_SHARED(std::uint16_t[kTileRows * kPieceUnits], pieces);
    gridDependencyWait();
    const int thread = static_cast<int>(threadIdx.x);
    const int step = static_cast<int>(blockIdx.x) % shape.nSteps;
    const int firstRow = static_cast<int>(blockIdx.x) / shape.nSteps * kTileRows;
    const std::int64_t firstByte = static_cast<std::int64_t>(step) * Layout::kRowBytes;
    for (int unit = thread; unit < kTileRows * kPieceUnits; unit += kThreads) {
        const int row = firstRow + unit / kPieceUnits;
        const std::int64_t byte = firstByte + unit % kPieceUnits * 2;
        const bool isInside = row < shape.nRows && byte < shape.rowBytes;
        pieces[unit] = isInside ? *reinterpret_cast<const std::uint16_t*>(
                                      shape.source + row * shape.rowBytes + byte)
                                : std::uint16_t{0};
    }
    __syncthreads();
    auto* const words = reinterpret_cast<std::uint32_t*>(
        shape.records + static_cast<std::int64_t>(blockIdx.x) * Layout::kBytes);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(pieces);
    for (int word = thread; word < Layout::kBytes / 4; word += kThreads)
        words[word] = recordWord<type>(bytes, word);
}

// ---- The record's side: rows read back.

struct UnpackShape {
    const std::byte* records;
    const std::int32_t* rowIds;
    float* out;
    float scale;
    int nCols;
    int nSteps;
    const ChosenHeader* chosen;
};

template <DType type>
__global__ void __launch_bounds__(kThreads) unpackRowsKernel(UnpackShape shape) {
    gridDependencyWait();
    const int step = static_cast<int>(blockIdx.x) % shape.nSteps;
    const std::int64_t rowIndex = static_cast<int>(blockIdx.x) / shape.nSteps;
    const int inStep = static_cast<int>(threadIdx.x);
    const int col = step * kStepCols + inStep;
    if (col >= shape.nCols) return;
    std::int32_t row = shape.rowIds[rowIndex];
    if (row < 0) row = max(shape.chosen[-1 - row].token, 0);
    float weight;
    if constexpr (type == DType::F32) {
        weight = reinterpret_cast<const float*>(
            shape.records)[static_cast<std::int64_t>(row) * shape.nCols + col];
    } else {
        const std::int64_t record =
            static_cast<std::int64_t>(row / kTileRows) * shape.nSteps + step;
        weight = recordWeight<type>(shape.records + record * RecordLayout<type>::kBytes,
                                    row % kTileRows, inStep);
    }
    shape.out[rowIndex * shape.nCols + col] = __fmul_rn(weight, shape.scale);
}

template <DType type>
void launchRepackOf(const RepackArgs& args, const LaunchStream& on) {
    const std::int64_t nSteps = stepsOf(args.nCols);
    const std::int64_t nRecords = panelsOf(args.nRows) * 2 * nSteps;
    const std::int64_t firstRecord = args.firstRow / kTileRows * nSteps;
    const RepackShape shape{.source = args.source,
                            .records = args.records + firstRecord * recordBytes(type),
                            .rowBytes = static_cast<std::int64_t>(rowBytes(type, args.nCols)),
                            .nRows = static_cast<int>(args.nRows),
                            .nSteps = static_cast<int>(nSteps)};
    noteWeights(shape.records, static_cast<std::size_t>(nRecords) * recordBytes(type));
    launch(repackKernel<type>, dim3(static_cast<unsigned>(nRecords)), dim3(kThreads), 0, on, shape);
}

template <DType type>
void launchUnpackOf(const UnpackRowsArgs& args, const LaunchStream& on) {
    const std::int64_t nSteps = stepsOf(args.nCols);
    const UnpackShape shape{.records = args.records,
                            .rowIds = args.rowIds,
                            .out = args.out,
                            .scale = args.scale,
                            .nCols = static_cast<int>(args.nCols),
                            .nSteps = static_cast<int>(nSteps),
                            .chosen = args.chosen};
    launch(unpackRowsKernel<type>, dim3(static_cast<unsigned>(args.nRows * nSteps)), dim3(kThreads),
           0, on, shape);
}

}  // namespace

void launchRepack(const RepackArgs& args, const LaunchStream& on) {
    SOTTO_CHECK(args.firstRow % kPanelRows == 0);
    if (args.nRows == 0) return;
    switch (args.type) {
        case DType::Q8_0: return launchRepackOf<DType::Q8_0>(args, on);
        case DType::Q4_0: return launchRepackOf<DType::Q4_0>(args, on);
        case DType::Q4_1: return launchRepackOf<DType::Q4_1>(args, on);
        case DType::Q5_0: return launchRepackOf<DType::Q5_0>(args, on);
        case DType::Q5_1: return launchRepackOf<DType::Q5_1>(args, on);
        case DType::Q4_K: return launchRepackOf<DType::Q4_K>(args, on);
        case DType::Q5_K: return launchRepackOf<DType::Q5_K>(args, on);
        case DType::Q6_K: return launchRepackOf<DType::Q6_K>(args, on);
        case DType::F16: return launchRepackOf<DType::F16>(args, on);
        case DType::BF16: return launchRepackOf<DType::BF16>(args, on);
        case DType::F32:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(args.type, "repack");
}

void launchUnpackRows(const UnpackRowsArgs& args, const LaunchStream& on) {
    if (args.nRows == 0) return;
    switch (args.type) {
        case DType::Q8_0: return launchUnpackOf<DType::Q8_0>(args, on);
        case DType::Q4_0: return launchUnpackOf<DType::Q4_0>(args, on);
        case DType::Q4_1: return launchUnpackOf<DType::Q4_1>(args, on);
        case DType::Q5_0: return launchUnpackOf<DType::Q5_0>(args, on);
        case DType::Q5_1: return launchUnpackOf<DType::Q5_1>(args, on);
        case DType::Q4_K: return launchUnpackOf<DType::Q4_K>(args, on);
        case DType::Q5_K: return launchUnpackOf<DType::Q5_K>(args, on);
        case DType::Q6_K: return launchUnpackOf<DType::Q6_K>(args, on);
        case DType::F16: return launchUnpackOf<DType::F16>(args, on);
        case DType::BF16: return launchUnpackOf<DType::BF16>(args, on);
        case DType::F32: return launchUnpackOf<DType::F32>(args, on);
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(args.type, "unpackRows");
}

}  // namespace sotto::cuda
