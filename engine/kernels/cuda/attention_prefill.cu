// Attention of prefill: many tokens of a sequence, one pass over the positions they see.
//
// out = softmax(scale Q K^T) V with the running maximum and sum of online softmax (Milakov and
// Gimelshein 2018; Dao et al. 2022). 4 rows^2 / 2 * headDim multiply-adds per query head, twice
// because of the split operands.
//
// Block: 8 warps of 8 rows; a row is a token and one of the query heads of the KV head, so K and V
// pass through shared memory once for all of them, in tiles of 32 positions, the next tile on its
// way (copyAsync16) while the present one is used. Tiles that no row of the block sees are not
// loaded, those that no row of a warp sees not computed; the blocks with most to do start first.
// Order of summation: attention_tile.cuh within a tile, tiles upwards. Rows of other types than
// halves become halves where the tile is filled (kv_codes.cuh), by one kernel for all pairs of
// types.
#include "engine/kernels/cuda/attention_variants.h"

#include "engine/kernels/cuda/attention_tile.cuh"
#include "engine/kernels/cuda/attention_turn.cuh"
#include "engine/kernels/cuda/common/async_copy.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/kv_codes.cuh"

namespace sotto::cuda {
namespace {

constexpr int kWarps = 8;
constexpr int kBlockThreads = kWarps * 32;
constexpr int kBlockRows = kWarps * kTileRows;
constexpr int kStages = 2;
constexpr int kVectorHalves = 8;  // one 16-byte copy

// Shapes of the tiles in shared memory, in halves. A lane reads 16 bytes; eight lanes are served at
// once and should hit eight different 16-byte columns of the 128 bytes that the banks are wide:
//   keys    two rows, four apart, 64 bytes each: a stride of 16 bytes mod 32 keeps them apart
//   values  four neighbouring rows, 32 bytes each: a stride of 32 or 96 bytes mod 128
template <int kHeadDim>
struct TileShape {
    // 64 KiB per block is all that sm_75 has.
    static constexpr int kPositions = kHeadDim > 128 ? 16 : 32;
    static constexpr int kGroups = kPositions / kGroupPositions;
    static constexpr int kKeyStride = kHeadDim + 8;
    static constexpr int kValueStride = kHeadDim + (kHeadDim % 32 == 16 ? 0 : 16);
    static constexpr int kKeyHalves = kPositions * kKeyStride;
    static constexpr int kStageHalves = kKeyHalves + kPositions * kValueStride;
    static constexpr std::size_t kBytes = std::size_t{kStages} * kStageHalves * sizeof(__half);
};

// Starts the copies of one tile. Positions past the last one stand for it: finite, weighted zero.
template <int kHeadDim>
__device__ __forceinline__ void startCopy(const AttentionLaunch& args, const AttentionRows& rows,
                                          int tile, int lastPosition, __half* stage) {
    using Shape = TileShape<kHeadDim>;
    constexpr int kVectors = kHeadDim / kVectorHalves;
    const auto* keys = reinterpret_cast<const __half*>(args.cache.keys.data);
    const auto* values = reinterpret_cast<const __half*>(args.cache.values.data);
    // Not unrolled: the addresses would cost registers that 256 dims do not have.
#pragma unroll 1
    for (int index = static_cast<int>(threadIdx.x); index < Shape::kPositions * kVectors;
         index += kBlockThreads) {
        const int row = index / kVectors;
        const int dim = index % kVectors * kVectorHalves;
        const int position = min(tile * Shape::kPositions + row, lastPosition);
        const std::int64_t source =
            static_cast<std::int64_t>(
                kvRow(args.cache, args.batch, rows.sequence, position, rows.kvHead)) *
                kHeadDim +
            dim;
        copyAsync16(stage + row * Shape::kKeyStride + dim, keys + source);
        copyAsync16(stage + Shape::kKeyHalves + row * Shape::kValueStride + dim, values + source);
    }
}

// The same with elements of any types: on return they are there, for the calling thread.
template <int kHeadDim>
__device__ __forceinline__ void fillTile(const AttentionLaunch& args, const AttentionRows& rows,
                                         int tile, int lastPosition, __half* stage) {
    using Shape = TileShape<kHeadDim>;
    constexpr int kVectors = kHeadDim / kCodesAtOnce;
#pragma unroll 1
    for (int index = static_cast<int>(threadIdx.x); index < Shape::kPositions * kVectors;
         index += kBlockThreads) {
        const int row = index / kVectors;
        const int dim = index % kVectors * kCodesAtOnce;
        const int source = kvRow(args.cache, args.batch, rows.sequence,
                                 min(tile * Shape::kPositions + row, lastPosition), rows.kvHead);
        const SixteenCodes key = loadCodes(args.cache.keys.type, args.cache.keys, source, dim);
        const SixteenCodes value =
            loadCodes(args.cache.values.type, args.cache.values, source, dim);
        storeHalves(args.cache.keys.type, key, stage + row * Shape::kKeyStride + dim);
        storeHalves(args.cache.values.type, value,
                    stage + Shape::kKeyHalves + row * Shape::kValueStride + dim);
    }
}

// How a kernel comes by its tiles, and what turns its rows: of caches of plain halves, and of all.
struct HalvesCache {
    template <int kHeadDim>
    static __device__ __forceinline__ void fill(const AttentionLaunch& args,
                                                const AttentionRows& rows, int tile,
                                                __half* stage) {
        startCopy<kHeadDim>(args, rows, tile, rows.lastPosition, stage);
    }
    template <int kHeadDim>
    static __device__ __forceinline__ NoTurn queryTurn(const AttentionLaunch&) {
        return {};
    }
    template <int kHeadDim>
    static __device__ __forceinline__ void write(
        const AttentionLaunch&, const typename AttentionTile<kHeadDim>::Output& output, float sum,
        int t, float* out) {
        if (out == nullptr) return;
        AttentionTile<kHeadDim>::storeRow(output, t, [out, sum](int dim, float4 four) {
            *reinterpret_cast<float4*>(out + dim) =
                make_float4(four.x / sum, four.y / sum, four.z / sum, four.w / sum);
        });
    }
};
struct AnyCache {
    template <int kHeadDim>
    static __device__ __forceinline__ void fill(const AttentionLaunch& args,
                                                const AttentionRows& rows, int tile,
                                                __half* stage) {
        fillTile<kHeadDim>(args, rows, tile, rows.lastPosition, stage);
    }
    template <int kHeadDim>
    static __device__ __forceinline__ QueryTurn<kHeadDim> queryTurn(const AttentionLaunch& args) {
        return {args.cache.keys.isRotated};
    }
    // out: null where the lane's row is none; its quad turns it all the same.
    template <int kHeadDim>
    static __device__ __forceinline__ void write(
        const AttentionLaunch& args, const typename AttentionTile<kHeadDim>::Output& output,
        float sum, int t, float* out) {
        float values[kHeadDim / 4];
        int nStored = 0;
        AttentionTile<kHeadDim>::storeRow(output, t, [&](int, float4 four) {
            values[nStored] = four.x / sum;
            values[nStored + 1] = four.y / sum;
            values[nStored + 2] = four.z / sum;
            values[nStored + 3] = four.w / sum;
            nStored += 4;
        });
        if (args.cache.values.isRotated) turnOutput<kHeadDim>(values);
        if (out == nullptr) return;
#pragma unroll
        for (int quad = 0; quad < kHeadDim / 16; ++quad)
            *reinterpret_cast<float4*>(out + AttentionTile<kHeadDim>::dimOfQuad(quad, t)) =
                make_float4(values[4 * quad], values[4 * quad + 1], values[4 * quad + 2],
                            values[4 * quad + 3]);
    }
};

// A row's running softmax: largest score so far (base 2) and the sum relative to it.
struct Softmax {
    float largest = -INFINITY;
    float sum = 0.0f;  // of this lane's positions
};

template <int kHeadDim>
__device__ __forceinline__ void attendTile(const typename AttentionTile<kHeadDim>::Query& query,
                                           const __half* stage, int tileStart, int first, int last,
                                           Softmax& softmax,
                                           typename AttentionTile<kHeadDim>::Output& output) {
    using Shape = TileShape<kHeadDim>;
    using Tile = AttentionTile<kHeadDim>;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    typename Tile::Scores scores[Shape::kGroups];
    float largest = softmax.largest;
#pragma unroll
    for (int group = 0; group < Shape::kGroups; ++group) {
        typename Tile::Keys keys;
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const int row = group * kGroupPositions + Tile::keyPosition(half, g);
            Tile::loadKeys(stage + row * Shape::kKeyStride, t, keys.words[half]);
        }
        scores[group] =
            Tile::scores(query, keys, tileStart + group * kGroupPositions, first, last, t);
        largest = fmaxf(largest, Tile::largest(scores[group]));
    }
    largest = quadMax(largest);
    // A row that has seen nothing yet stays at zero sums.
    const float reference = largest == -INFINITY ? 0.0f : largest;
    const float keep = exp2f(softmax.largest - reference);
    softmax.largest = largest;
    softmax.sum *= keep;
    if (__any_sync(0xffffffffu, keep != 1.0f)) Tile::multiply(output, keep);
#pragma unroll
    for (int group = 0; group < Shape::kGroups; ++group) {
        std::uint32_t probabilities[4];
        Tile::probabilities(scores[group], reference, softmax.sum, probabilities);
        typename Tile::Values values;
#pragma unroll
        for (int index = 0; index < 4; ++index) {
            const int row = group * kGroupPositions + t + 4 * index;
            Tile::loadValues(stage + Shape::kKeyHalves + row * Shape::kValueStride, g,
                             values.words[index]);
        }
        Tile::addValues(probabilities, values, output);
    }
}

// The positions that the rows [firstRow, firstRow + nRows) of a sequence see; empty past its end.
struct Span {
    int first = 0, last = -1;
    __device__ __forceinline__ Span(const AttentionLaunch& args, const AttentionRows& rows,
                                    int firstRow, int nRows) {
        const int endRow = min(firstRow + nRows, rows.nRows);
        if (firstRow >= endRow) return;
        first = firstVisible(args, args.batch.positions[rows.token(firstRow)]);
        last = args.batch.positions[rows.token(endRow - 1)];
    }
};

// Grid: x = blocks of rows, the last ones first, y = KV head, z = sequence. Dynamic shared memory:
// kStages tiles of keys and values. One block of 8 warps per SM is enough to ask for: with the hope
// of two, ptxas spills at 96 dims.
template <int kHeadDim, class Cache>
__global__ void __launch_bounds__(kBlockThreads, 1) attentionPrefillKernel(AttentionLaunch args) {
    using Shape = TileShape<kHeadDim>;
    using Tile = AttentionTile<kHeadDim>;
    SOTTO_DYNAMIC_SHARED(__half, stages);
    gridDependencyWait();
    gridDependencyLaunch();
    const AttentionRows rows =
        attentionRows(args, static_cast<int>(blockIdx.z), static_cast<int>(blockIdx.y));
    const int blockRow = static_cast<int>(gridDim.x - 1 - blockIdx.x) * kBlockRows;
    const Span block(args, rows, blockRow, kBlockRows);
    if (block.last < 0) return;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    const int warpRow = blockRow + static_cast<int>(threadIdx.x) / 32 * kTileRows;
    const Span warp(args, rows, warpRow, kTileRows);
    const Span own(args, rows, warpRow + g, 1);
    const int row = min(warpRow + g, rows.nRows - 1);
    const std::int64_t element =
        (static_cast<std::int64_t>(rows.token(row)) * args.nHeads + rows.head(row)) * kHeadDim;

    typename Tile::Query query;
    Tile::loadQuery(args.q + element, args.scale * kLog2E, t,
                    Cache::template queryTurn<kHeadDim>(args), query);
    typename Tile::Output output;
    Tile::clear(output);
    Softmax softmax;
    const int firstTile = block.first / Shape::kPositions;
    const int lastTile = block.last / Shape::kPositions;
    Cache::template fill<kHeadDim>(args, rows, firstTile, stages);
    copyAsyncCommit();
#pragma unroll 1
    for (int tile = firstTile; tile <= lastTile; ++tile) {
        if (tile < lastTile)
            Cache::template fill<kHeadDim>(
                args, rows, tile + 1,
                stages + (tile + 1 - firstTile) % kStages * Shape::kStageHalves);
        copyAsyncCommit();
        copyAsyncWait<1>();
        __syncthreads();
        const int tileStart = tile * Shape::kPositions;
        if (tileStart <= warp.last && tileStart + Shape::kPositions > warp.first)
            attendTile<kHeadDim>(query, stages + (tile - firstTile) % kStages * Shape::kStageHalves,
                                 tileStart, own.first, own.last, softmax, output);
        // Everybody is done with this stage before the copies after next write to it.
        __syncthreads();
    }
    const float sum = quadSum(softmax.sum);
    const bool isRow = warpRow + g < rows.nRows;
    Cache::template write<kHeadDim>(args, output, sum, t, isRow ? args.out + element : nullptr);
}

template <int kHeadDim, class Cache>
void launchPrefillOf(const AttentionLaunch& args, const LaunchStream& on) {
    const int nRows = args.batch.maxRows * (args.nHeads / args.cache.nKvHeads);
    const dim3 grid(static_cast<unsigned>((nRows + kBlockRows - 1) / kBlockRows),
                    static_cast<unsigned>(args.cache.nKvHeads),
                    static_cast<unsigned>(args.batch.nSequences));
    launch(attentionPrefillKernel<kHeadDim, Cache>, grid, dim3(kBlockThreads),
           TileShape<kHeadDim>::kBytes, on, args);
}

}  // namespace

void launchAttentionPrefill(const AttentionLaunch& args, const LaunchStream& on) {
    if (!isPlainHalves(args.cache.keys) || !isPlainHalves(args.cache.values)) {
        switch (args.cache.keys.dim) {
            case 64: return launchPrefillOf<64, AnyCache>(args, on);
            case 96: return launchPrefillOf<96, AnyCache>(args, on);
            case 128: return launchPrefillOf<128, AnyCache>(args, on);
            default: return launchPrefillOf<256, AnyCache>(args, on);
        }
    }
    switch (args.cache.keys.dim) {
        case 64: return launchPrefillOf<64, HalvesCache>(args, on);
        case 80: return launchPrefillOf<80, HalvesCache>(args, on);
        case 96: return launchPrefillOf<96, HalvesCache>(args, on);
        case 128: return launchPrefillOf<128, HalvesCache>(args, on);
        default: return launchPrefillOf<256, HalvesCache>(args, on);
    }
}

}  // namespace sotto::cuda
