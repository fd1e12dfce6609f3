// Prefill: out[token, row] = sum over columns of weight[row, column] * x[token, column], for any
// number of tokens, on the tensor cores.
//
// Int8 planes, per group of 32 columns:
//   out += tokenScale * (rowScale * sum of (code * activation code) - min * sum of activation
//   codes)
// The integer sum starts from the bits of 1.5 * 2^23, so that it is a float without conversion;
// fmaf(biased sum, rowScale, -1.5 * 2^23 * rowScale) gives rowScale * sum exactly rounded, since
// the second operand is exact; one more fmaf multiplies by the token's scale and adds. So a group
// costs two float operations per result; Q6_K four, a minimum one more where it does not go through
// bf16 mma (linear_tiles_arch.h).
// Split planes: two or three mma per 16 columns from zero, then one fmaf per result and group.
//
// Order: groups from the first to the last column, one chain per result, the same in all shapes: a
// result depends neither on the other tokens nor on the shape that computed it. A pending norm's
// factor comes last, from squares summed in a fixed order.
//
// A block is 8 warps of 32 matrix rows and 64 tokens; for tails and small matrices 4 warps and 32
// tokens, or 4 warps of 16 rows and 16 tokens. Neighbouring blocks share their weights in L2. Bytes
// per block and 256 columns at Q4_K: 36 KiB weights and 20 KiB activations for 4.2 M multiply-adds.
//
// Mixtures of experts: kernels of their own, which differ in what a block begins with: its tokens
// are a run of slots of one expert from a table made on the device, its rows that expert's part of
// the stack. Blocks that the table leaves empty end at once.
//
// Budget of a warp per group of 32 columns at 64 tokens, 16 mma.m16n8k32, counted in SASS (CUDA
// 13.0; loop of 8 groups: sm_90 Q8_0 1574, Q4_K 2013; sm_89 1549, 2290 instructions):
//   mma 16, float 128, shared loads 16 to 28 (the compiler splits scales without their sums),
//   decoding 8 (Q8_0) to 30 (Q4_K), minimums 64 by fmaf or 30 by mma, copies and loop about 7.
//   Hopper: 32 float lanes per scheduler, a slot per cycle: 197 cycles at Q8_0, 252 at Q4_K for 16
//   * 4096 multiply-adds, 333 and 260 per cycle of bf16's 512: at most 65 % and 51 % of its peak.
//   The mma need 64 cycles, 104 at mma.sync's share of wgmma's rate; shared memory about 110 of
//   its. Ada, GA10x: an int8 mma takes 16 cycles, 256 per group, beside 195 and 285 slots. GA100,
//   Turing: 16 float lanes, so two cycles per float operation: 270 to 400 cycles.
// The share that is really reached is unknown until it is measured: no GPU was at hand.
#include "engine/kernels/cuda/linear_tiles.h"

#include <algorithm>

#include "base/check.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/linear_tiles.cuh"
#include "engine/kernels/cuda/linear_tiles_plan.h"

namespace sotto::cuda {
namespace {

// What one launch covers: the tokens from firstToken on.
struct TilesLaunch {
    LinearTilesArgs args;
    std::int64_t firstToken;
    int nTokenBlocks;
    int nTokenTiles;  // of the whole call
    int nSteps;       // records of a row tile
};

__device__ __forceinline__ int warpIndex() { return static_cast<int>(threadIdx.x) / 32; }

// ---- One warp's product: all columns of its rows and the block's tokens.

// loadNext: loads the codes of the other unit, to be used next; in the middle, where half of this
// one's registers are free and two groups of work remain to wait for memory.
template <class Shape, DType type, int unit, class LoadNext>
__device__ __forceinline__ void addUnit(TileSums<Shape>& sums,
                                        const RecordReader<type> (&readers)[Shape::kRowTiles],
                                        const StagedTokens& tokens, int lane,
                                        const LoadNext& loadNext) {
    constexpr int kFirst = unit * Shape::kUnitGroups;
    if constexpr (Shape::kKind == ActivationKind::Int8) {
        addGroup<Shape, type, kFirst>(sums, readers, tokens, lane);
        addGroup<Shape, type, kFirst + 1>(sums, readers, tokens, lane);
        loadNext();
        // Keeps the compiler from fetching the whole unit's tokens at once: on sm_120 it spilled.
        if constexpr (type == DType::Q4_0) __syncwarp();
        addGroup<Shape, type, kFirst + 2>(sums, readers, tokens, lane);
        addGroup<Shape, type, kFirst + 3>(sums, readers, tokens, lane);
    } else {
        loadNext();
        addFloatGroup<Shape, type, kFirst>(sums, readers, tokens, lane);
    }
}

// records: of the matrix; firstTile: the warp's first row tile.
template <class Shape, DType type>
__device__ __forceinline__ void multiply(TileSums<Shape>& sums, ActivationRing<Shape>& ring,
                                         const std::byte* records, int firstTile, const int4& start,
                                         int lane) {
    constexpr int kRoundBytes = RecordLayout<type>::kBytes * Shape::kRoundGroups / kStepGroups;
    const int nRounds = ring.nGroups / Shape::kRoundGroups;
    // 32 bits: 8 KiB per 256 columns.
    const unsigned tileStride = static_cast<unsigned>(nRounds) * kRoundBytes;
    records += static_cast<std::int64_t>(firstTile) * tileStride;
    // Common parts of even and of odd rounds.
    constexpr int kSlotBytes = Shape::kRowTiles * CommonPart<type>::kBytes;
    std::byte* const slots = ring.behind() + 2 * kSlotBytes * warpIndex();
    const auto startRound = [&](int round) {
#pragma unroll
        for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
            copyCommon<type>(slots + round % 2 * kSlotBytes + rowTile * CommonPart<type>::kBytes,
                             records + rowTile * tileStride, lane);
        ring.startScales(round);
    };
    RecordReader<type> readers[Shape::kRowTiles];
    const auto readRound = [&](int round) {
#pragma unroll
        for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
            readCommon<type>(readers[rowTile],
                             slots + round % 2 * kSlotBytes + rowTile * CommonPart<type>::kBytes,
                             lane);
    };
    startRound(0);
#pragma unroll
    for (unsigned unit = 0; unit < Shape::kStages - 1; ++unit) ring.startUnit(unit);
#pragma unroll
    for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
        loadCodes<type, 0>(readers[rowTile], records + rowTile * tileStride, lane);
#pragma unroll 1
    for (int round = 0; round < nRounds; ++round) {
        const std::byte* const current = records;
        // The last round loads its own record once more, to nobody's harm and without a branch.
        if (round + 1 < nRounds) records += kRoundBytes;
        const unsigned unit = 2u * static_cast<unsigned>(round);
        StagedTokens tokens{.values = ring.next(unit, [&] { startRound(round + 1); }),
                            .scales = ring.scalesOf(round),
                            .start = start};
        // Few tokens leave too little work to wait for memory behind it: ask L2 early.
        if constexpr (Shape::kTokenTiles <= 4) {
            if (round + 2 < nRounds) {
#pragma unroll
                for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
                    for (int byte = 128 * lane; byte < kRoundBytes; byte += 32 * 128)
                        prefetchL2(current + rowTile * tileStride + (2 * kRoundBytes + byte));
            }
        }
        readRound(round);
        if constexpr (kHasMinsByMma<type>) addMins<Shape, type>(sums, readers, tokens.scales, lane);
        addUnit<Shape, type, 0>(sums, readers, tokens, lane, [&] {
#pragma unroll
            for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
                loadCodes<type, 1>(readers[rowTile], current + rowTile * tileStride, lane);
        });
        tokens.values = ring.next(unit + 1, [] {});
        readRound(round);
        addUnit<Shape, type, 1>(sums, readers, tokens, lane, [&] {
#pragma unroll
            for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
                loadCodes<type, 0>(readers[rowTile], records + rowTile * tileStride, lane);
        });
    }
    copyAsyncWait<0>();
}

template <class Shape>
__device__ __forceinline__ void multiplyAny(TileSums<Shape>& sums, ActivationRing<Shape>& ring,
                                            const RowsMatrix& matrix, int firstTile,
                                            const int4& start, int lane) {
    const std::byte* const records = matrix.records;
    if constexpr (Shape::kKind == ActivationKind::SplitF16) {
        multiply<Shape, DType::F16>(sums, ring, records, firstTile, start, lane);
    } else if constexpr (Shape::kKind == ActivationKind::SplitBf16) {
        multiply<Shape, DType::BF16>(sums, ring, records, firstTile, start, lane);
    } else {
        switch (matrix.type) {
            case DType::Q8_0:
                return multiply<Shape, DType::Q8_0>(sums, ring, records, firstTile, start, lane);
            case DType::Q4_0:
                return multiply<Shape, DType::Q4_0>(sums, ring, records, firstTile, start, lane);
            case DType::Q4_1:
                return multiply<Shape, DType::Q4_1>(sums, ring, records, firstTile, start, lane);
            case DType::Q5_0:
                return multiply<Shape, DType::Q5_0>(sums, ring, records, firstTile, start, lane);
            case DType::Q5_1:
                return multiply<Shape, DType::Q5_1>(sums, ring, records, firstTile, start, lane);
            case DType::Q4_K:
                return multiply<Shape, DType::Q4_K>(sums, ring, records, firstTile, start, lane);
            case DType::Q5_K:
                return multiply<Shape, DType::Q5_K>(sums, ring, records, firstTile, start, lane);
            case DType::Q6_K:
                return multiply<Shape, DType::Q6_K>(sums, ring, records, firstTile, start, lane);
            case DType::F32:
            case DType::F16:
            case DType::BF16:
            case SOTTO_TYPES_WITHOUT_KERNELS: break;
        }
        __trap();  // the launcher checks the types
    }
}

// ---- Before and after.

// Factors of the pending norm of the block's tokens, into shared memory; 1 where none is pending. A
// warp takes a token tile: lane = 8 * part + token sums every fourth group, then the four parts.
template <class Shape>
__device__ __forceinline__ void normFactors(const ActivationPlane& x,
                                            const ActivationRing<Shape>& ring,
                                            std::int64_t firstGroup, float* factors) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int nUsed = (x.nCols + kGroupCols - 1) / kGroupCols;
    for (int tile = warpIndex(); tile < ring.nTiles; tile += Shape::kWarps) {
        float sum = 0.0f;
        if (x.squares != nullptr) {
            const float* const squares =
                x.squares + (firstGroup + tile * ring.nGroups) * kTileTokens;
#pragma unroll 4
            for (int group = lane / kTileTokens; group < nUsed; group += 4)
                sum += squares[group * kTileTokens + lane % kTileTokens];
        }
        sum += __shfl_xor_sync(0xffffffffu, sum, 8);
        sum += __shfl_xor_sync(0xffffffffu, sum, 16);
        if (lane < kTileTokens)
            factors[tile * kTileTokens + lane] =
                x.squares == nullptr
                    ? 1.0f
                    : __fdiv_rn(1.0f, __fsqrt_rn(__fdiv_rn(sum, static_cast<float>(x.normWidth)) +
                                                 x.normEpsilon));
    }
}

// Where the block's results go: in shared memory meanwhile, the product needs all registers.
struct StorePlace {
    const float* bias;  // of the matrix, or null
    float* out;         // of the block's first token
    int nRows;
    int firstRow;
    int nTokens;
    bool isAccumulating;
};

// The sums of a lane are rows g and g + 8 of each row tile, tokens 2t and 2t + 1 of each token
// tile: eight lanes write 32 bytes in a row.
template <class Shape>
__device__ __forceinline__ void storeSums(const TileSums<Shape>& sums, const StorePlace& place,
                                          const float* factors, int lane) {
#pragma unroll
    for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const int row = place.firstRow +
                            (warpIndex() * Shape::kRowTiles + rowTile) * kTileRows + 8 * half +
                            lane / 4;
            if (row >= place.nRows) continue;
            const float bias = place.bias == nullptr ? 0.0f : place.bias[row];
#pragma unroll
            for (int index = 0; index < 2 * Shape::kTokenTiles; ++index) {
                const int token = index / 2 * kTileTokens + lane % 4 * 2 + index % 2;
                if (token >= place.nTokens) continue;
                float* const out = place.out + static_cast<std::int64_t>(token) * place.nRows + row;
                const float sum = sums[rowTile][index / 2][2 * half + index % 2];
                const float value = fmaf(sum, factors[token], bias);
                *out = place.isAccumulating ? *out + value : value;
            }
        }
    }
}

// kHasExperts: token block i is args.expertBlocks[i].
template <class Shape, bool kHasExperts>
__global__ void __launch_bounds__(Shape::kThreads, Shape::kBlocksPerSm)
    linearTilesKernel(TilesLaunch launched) {
    SOTTO_DYNAMIC_SHARED(std::byte, shared);
    SOTTO_SHARED(float[Shape::kTokens], factors);
    SOTTO_SHARED(StorePlace, place);
    SOTTO_SHARED(int4, start);  // StagedTokens::start
    const LinearTilesArgs& args = launched.args;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int tokenBlock = static_cast<int>(blockIdx.x) % launched.nTokenBlocks;
    int rowBlock = static_cast<int>(blockIdx.x) / launched.nTokenBlocks;
    ExpertBlock expert;
    if constexpr (kHasExperts) {
        gridDependencyWait();  // for the table
        expert = args.expertBlocks[tokenBlock];
        if (expert.nSlots <= 0) return;  // all threads alike
    }

    // The matrix of this row block: they lie behind one another.
    RowsMatrix matrix = args.matrices[0];
#pragma unroll
    for (int index = 1; index < kMaxRowMatrices; ++index) {
        const int nBlocks = (matrix.nRows + Shape::kRows - 1) / Shape::kRows;
        if (index >= args.nMatrices || rowBlock < nBlocks) break;
        rowBlock -= nBlocks;
        matrix = args.matrices[index];
    }
    const std::int64_t firstToken =
        kHasExperts ? expert.firstSlot
                    : launched.firstToken + static_cast<std::int64_t>(tokenBlock) * Shape::kTokens;
    if (threadIdx.x == 0) {
        start = {kSumBias, kSumBias, kSumBias, kSumBias};
        place = {matrix.bias,
                 matrix.out + firstToken * matrix.nRows,
                 matrix.nRows,
                 rowBlock * Shape::kRows,
                 kHasExperts ? min(expert.nSlots, Shape::kTokens)
                             : static_cast<int>(min(args.nTokens - firstToken,
                                                    static_cast<std::int64_t>(Shape::kTokens))),
                 matrix.isAccumulating};
    }
    __syncthreads();

    const std::int64_t firstTile = firstToken / kTileTokens;
    const std::int64_t firstGroup = firstTile * launched.nSteps * kStepGroups;
    ActivationRing<Shape> ring(
        shared, args.x.values + firstGroup * Shape::kGroupBytes,
        reinterpret_cast<const std::byte*>(args.x.scales) + firstGroup * Shape::kScaleBytes,
        min(kHasExperts ? (expert.nSlots + kTileTokens - 1) / kTileTokens
                        : launched.nTokenTiles - static_cast<int>(firstTile),
            Shape::kTokenTiles),
        launched.nSteps * kStepGroups);
    if constexpr (!kHasExperts) gridDependencyWait();
    // Read, like `place`, after the last barrier of the product.
    normFactors<Shape>(args.x, ring, firstGroup, factors);

    // Warps behind the matrix's last row compute its last rows and store nothing.
    const int firstRowTile = (rowBlock * Shape::kWarps + warpIndex()) * Shape::kRowTiles;
    const int lastRowTile = (matrix.nRows + kPanelRows - 1) / kPanelRows * 2 - Shape::kRowTiles;
    TileSums<Shape> sums = {};
    const int4 ownStart = start;
    // Of the stack: an expert has whole panels.
    const int expertTile = kHasExperts ? expert.expert * (matrix.nRows / kTileRows) : 0;
    multiplyAny<Shape>(sums, ring, matrix, expertTile + min(firstRowTile, lastRowTile), ownStart,
                       lane);
    gridDependencyLaunch();
    storeSums<Shape>(sums, place, factors, lane);
}

// ---- Host.

// Of a matrix of this type: what CommonPart says.
int commonBytes(DType type) {
    switch (type) {
        case DType::Q8_0: return CommonPart<DType::Q8_0>::kBytes;
        case DType::Q4_0: return CommonPart<DType::Q4_0>::kBytes;
        case DType::Q4_1: return CommonPart<DType::Q4_1>::kBytes;
        case DType::Q5_0: return CommonPart<DType::Q5_0>::kBytes;
        case DType::Q5_1: return CommonPart<DType::Q5_1>::kBytes;
        case DType::Q4_K: return CommonPart<DType::Q4_K>::kBytes;
        case DType::Q5_K: return CommonPart<DType::Q5_K>::kBytes;
        case DType::Q6_K: return CommonPart<DType::Q6_K>::kBytes;
        case DType::F16:
        case DType::BF16: return 0;
        case DType::F32:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "linear_tiles");
}

// Tokens from firstToken up to args.nTokens.
template <class Shape>
void launchShape(const LinearTilesArgs& args, std::int64_t firstToken, const LaunchStream& on) {
    static_assert(Shape::kRows == tileBlockRows(Shape::kTokens));
    std::int64_t nRowBlocks = 0;
    int largestCommon = 0;
    for (int index = 0; index < args.nMatrices; ++index) {
        nRowBlocks += (args.matrices[index].nRows + Shape::kRows - 1) / Shape::kRows;
        largestCommon = std::max(largestCommon, commonBytes(args.matrices[index].type));
    }
    const std::size_t sharedBytes = static_cast<std::size_t>(
        Shape::kRingBytes + 2 * Shape::kWarps * Shape::kRowTiles * largestCommon);
    const bool hasExperts = args.expertBlocks != nullptr;
    const std::int64_t nTokenBlocks =
        hasExperts ? args.nExpertBlocks
                   : (args.nTokens - firstToken + Shape::kTokens - 1) / Shape::kTokens;
    launch(hasExperts ? linearTilesKernel<Shape, true> : linearTilesKernel<Shape, false>,
           dim3(static_cast<unsigned>(nRowBlocks * nTokenBlocks)), dim3(Shape::kThreads),
           sharedBytes, on,
           TilesLaunch{.args = args,
                       .firstToken = firstToken,
                       .nTokenBlocks = static_cast<int>(nTokenBlocks),
                       .nTokenTiles = static_cast<int>(tokenTilesOf(args.nTokens)),
                       .nSteps = static_cast<int>(stepsOf(args.nCols))});
}

template <ActivationKind kKind>
void launchTokens(int tokensPerBlock, const LinearTilesArgs& args, std::int64_t firstToken,
                  const LaunchStream& on) {
    switch (tokensPerBlock) {
        case 64: return launchShape<TileShape<kKind, 2, 8>>(args, firstToken, on);
        case 32: return launchShape<TileShape<kKind, 2, 4>>(args, firstToken, on);
        default: return launchShape<TileShape<kKind, 1, 2>>(args, firstToken, on);
    }
}

void launchKind(int tokensPerBlock, const LinearTilesArgs& args, std::int64_t firstToken,
                const LaunchStream& on) {
    switch (args.x.kind) {
        case ActivationKind::Int8:
            return launchTokens<ActivationKind::Int8>(tokensPerBlock, args, firstToken, on);
        case ActivationKind::SplitF16:
            return launchTokens<ActivationKind::SplitF16>(tokensPerBlock, args, firstToken, on);
        case ActivationKind::SplitBf16:
            return launchTokens<ActivationKind::SplitBf16>(tokensPerBlock, args, firstToken, on);
    }
}

}  // namespace

TilesPlan launchLinearTiles(const LinearTilesArgs& args, const LaunchStream& on) {
    if (args.nTokens == 0 || args.nCols == 0) return {};
    std::int32_t nRows[kMaxRowMatrices] = {};
    for (int index = 0; index < args.nMatrices; ++index) {
        nRows[index] = args.matrices[index].nRows;
        SOTTO_CHECK(activationKindOf(args.matrices[index].type) == args.x.kind);
        SOTTO_DCHECK(args.expertBlocks == nullptr || args.matrices[index].bias == nullptr);
        SOTTO_DCHECK(args.expertBlocks == nullptr || nRows[index] % kPanelRows == 0);
    }
    if (args.expertBlocks != nullptr) {
        if (args.nExpertBlocks > 0) launchKind(args.blockTokens, args, 0, on);
        return {args.blockTokens, args.nTokens, 0};
    }
    int device = 0;
    int nMultiprocessors = 0;
    cudaGetDevice(&device);
    cudaDeviceGetAttribute(&nMultiprocessors, cudaDevAttrMultiProcessorCount, device);
    const TilesPlan plan =
        planTiles(nRows, args.nMatrices, args.nTokens, nMultiprocessors, args.blockTokens);
    LinearTilesArgs main = args;
    main.nTokens = plan.nMainTokens;
    launchKind(plan.mainTokens, main, 0, on);
    if (plan.tailTokens != 0) launchKind(plan.tailTokens, args, plan.nMainTokens, on);
    return plan;
}

}  // namespace sotto::cuda
