// Attention of decode: up to 8 tokens against long contexts, cut into splits of 256 positions.
//
// out = softmax(scale Q K^T) V (Vaswani et al. 2017), grouped queries (Ainslie et al. 2023), the
// positions in parallel and combined afterwards by their maxima and sums, as flash decoding does
// (Dao et al. 2023). Reads K and V of the sequence once per 8 rows (one row tile serves a token
// with up to 8 query heads per KV head; two tiles of a block meet in L1, more in L2): 4 headDim
// bytes per position and KV head.
//
// Block: 4 warps per row tile. Warp (slice) w takes the groups of 16 positions w, w + 4, w + 8,
// w + 12 of the split, first all keys, then all values, so that queries and sums never share the
// registers, and each phase streams. Order of summation, the same whatever else is in the step:
// dims and positions as in attention_tile.cuh, slices 0 to 3, then splits upwards, up to 128 dims
// eight by eight (attention_combine.cuh). Groups and splits that a row does not see add exact
// zeros. Caches that are not of plain halves: attention_split_any.cuh.
#include "engine/kernels/cuda/attention_variants.h"

#include "engine/kernels/cuda/attention_combine.cuh"
#include "engine/kernels/cuda/attention_places.cuh"
#include "engine/kernels/cuda/attention_split_any.cuh"
#include "engine/kernels/cuda/attention_tile.cuh"
#include "engine/kernels/cuda/attention_turn.cuh"
#include "engine/kernels/cuda/common/launch.h"

namespace sotto::cuda {
namespace {

constexpr std::int64_t kMaxTokens = 8;  // of a step

template <int kHeadDim>
struct SplitWarp {
    using Tile = AttentionTile<kHeadDim>;
    // Groups on their way at once, as registers allow: at 128 dims each buffer is 32 of them, 4 KiB
    // of a warp, and all keys, later all values of the slice are waited for once.
    static constexpr int kBuffers = kHeadDim <= 128 ? kGroupsPerSlice : 1;
    using FirstValues = typename Tile::Values[kBuffers];

    const AttentionLaunch& args;
    const SplitShared& shared;
    WarpPlace place;
    TileView view;
    int splitStart;

    __device__ __forceinline__ SplitWarp(const AttentionLaunch& launch, const SplitShared& block,
                                         const WarpPlace& warpPlace, const TileView& tileView,
                                         int firstPosition, float*)
        : args(launch),
          shared(block),
          place(warpPlace),
          view(tileView),
          splitStart(firstPosition) {}

    static __device__ __forceinline__ NoTurn rowTurn(const AttentionLaunch&) { return {}; }
    // Before the slices' sums are put into shared memory.
    static __device__ __forceinline__ void leaveStage() {}

    __device__ __forceinline__ int groupStart(int group) const {
        return groupStartOf(place, group);
    }
    __device__ __forceinline__ const __half* row(const std::byte* base, int position) const {
        return reinterpret_cast<const __half*>(base) +
               static_cast<std::int64_t>(shared.cacheRows[position]) * kHeadDim;
    }
    // Also of groups that the tile does not see, whose positions have rows too (cacheRows): ptxas
    // moves loads into the branch that uses them, and then the warp waits there.
    __device__ __forceinline__ void load(int group, typename Tile::Keys& keys) const {
        if (group >= kGroupsPerSlice) return;
#pragma unroll
        for (int tile = 0; tile < 2; ++tile)
            Tile::loadKeys(
                row(args.cache.keys.data, groupStart(group) + Tile::keyPosition(tile, place.g)),
                place.t, keys.words[tile]);
    }
    __device__ __forceinline__ void load(int group, typename Tile::Values& values) const {
        if (group >= kGroupsPerSlice) return;
#pragma unroll
        for (int index = 0; index < 4; ++index)
            Tile::loadValues(row(args.cache.values.data, groupStart(group) + place.t + 4 * index),
                             place.g, values.words[index]);
    }

    template <class Part>
    __device__ __forceinline__ void loadFirst(Part (&buffers)[kBuffers]) const {
#pragma unroll
        for (int group = 0; group < kBuffers; ++group) load(group, buffers[group]);
    }

    // All scores of the slice; -infinity where a group is not seen.
    __device__ __forceinline__ void score(typename Tile::Scores (&scores)[kGroupsPerSlice]) const {
        typename Tile::Keys keys[kBuffers];
        loadFirst(keys);
        typename Tile::Query query;
        Tile::loadQuery(view.q, args.scale * kLog2E, place.t, NoTurn{}, query);
#pragma unroll
        for (int group = 0; group < kGroupsPerSlice; ++group) {
            scores[group] =
                Tile::scores(query, keys[group % kBuffers], splitStart + groupStart(group),
                             view.first, view.last, place.t);
            load(group + kBuffers, keys[group % kBuffers]);
        }
    }

    // `values` holds the first groups' already.
    __device__ __forceinline__ void addValues(
        const std::uint32_t (&probabilities)[kGroupsPerSlice][4], FirstValues& values,
        typename Tile::Output& output) const {
        Tile::clear(output);
#pragma unroll
        for (int group = 0; group < kGroupsPerSlice; ++group) {
            if (view.sees(splitStart + groupStart(group)))
                Tile::addValues(probabilities[group], values[group % kBuffers], output);
            load(group + kBuffers, values[group % kBuffers]);
        }
    }
};

// The four slices of each row into one partial result in global memory.
template <int kHeadDim>
__device__ __forceinline__ void writePartials(const AttentionLaunch& args,
                                              const AttentionRows& rows, const SplitShared& shared,
                                              const float* sums, int split, int firstTile) {
    constexpr int kQuads = kHeadDim / 4;
    const int nRows = static_cast<int>(blockDim.x) / kSliceThreads * kTileRows;
    for (int index = static_cast<int>(threadIdx.x); index < nRows * kQuads; index += blockDim.x) {
        const int rowInBlock = index / kQuads;
        const int quad = index % kQuads;
        const int tile = rowInBlock / kTileRows;
        const int g = rowInBlock % kTileRows;
        const int row = firstTile * kTileRows + rowInBlock;
        if (row >= rows.nRows) break;
        float4 total = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        float sum = 0.0f;
        for (int slice = 0; slice < kSlices; ++slice) {
            const float4 part = *reinterpret_cast<const float4*>(
                sums + ((tile * kSlices + slice) * kTileRows + g) * sumsStride(kHeadDim) +
                4 * quad);
            total =
                make_float4(total.x + part.x, total.y + part.y, total.z + part.z, total.w + part.w);
            sum += shared.sums[tile][slice][g];
        }
        float* partial = partialOf(args, split, rows.token(row), rows.head(row));
        *reinterpret_cast<float4*>(partial + 4 * quad) = total;
        if (quad == 0) {
            float largest = shared.largest[tile][0][g];
            for (int slice = 1; slice < kSlices; ++slice)
                largest = fmaxf(largest, shared.largest[tile][slice][g]);
            *reinterpret_cast<float2*>(partial + kHeadDim) = make_float2(largest, sum);
        }
    }
}

// A block of the grid below.
template <int kHeadDim, class Warp>
__device__ __forceinline__ void attendSplit(const AttentionLaunch& args, SplitShared& shared,
                                            float* sums) {
    using Tile = AttentionTile<kHeadDim>;
    const int nTilesInBlock = static_cast<int>(blockDim.x) / kSliceThreads;
    const int nTileBlocks = static_cast<int>(gridDim.x) / args.cache.nKvHeads;
    const int split = static_cast<int>(blockIdx.y);
    const AttentionRows rows = attentionRows(args, static_cast<int>(blockIdx.z),
                                             static_cast<int>(blockIdx.x) / nTileBlocks);
    const int firstTile = static_cast<int>(blockIdx.x) % nTileBlocks * nTilesInBlock;
    // The grid is an upper bound: most of it may have nothing to do.
    if (firstTile * kTileRows >= rows.nRows) return;
    const int firstSplit =
        firstVisible(args, args.batch.positions[rows.firstToken]) / kSplitPositions;
    const int lastSplit = rows.lastPosition / kSplitPositions;
    if (split < firstSplit || split > lastSplit) return;

    // Positions past the end stand for the last one: their values are finite, their weights zero.
    for (int index = static_cast<int>(threadIdx.x); index < kSplitPositions; index += blockDim.x)
        shared.cacheRows[index] =
            kvRow(args.cache, args.batch, rows.sequence,
                  min(split * kSplitPositions + index, rows.lastPosition), rows.kvHead);
    __syncthreads();

    const WarpPlace place;
    const TileView view(args, rows, (firstTile + place.tile) * kTileRows, place.g);
    const Warp warp(args, shared, place, view, split * kSplitPositions, sums);
    typename Tile::Scores scores[kGroupsPerSlice];
    warp.score(scores);
    // On their way while the slices agree on the largest score.
    typename Warp::FirstValues values;
    warp.loadFirst(values);
    float largest = Tile::largest(scores[0]);
#pragma unroll
    for (int group = 1; group < kGroupsPerSlice; ++group)
        largest = fmaxf(largest, Tile::largest(scores[group]));
    largest = quadMax(largest);
    if (place.t == 0) shared.largest[place.tile][place.slice][place.g] = largest;
    __syncthreads();
    // All slices work relative to the split's largest, so that their sums can simply be added.
    for (int slice = 0; slice < kSlices; ++slice)
        largest = fmaxf(largest, shared.largest[place.tile][slice][place.g]);
    if (largest == -INFINITY) largest = 0.0f;  // a row without visible positions here

    float sum = 0.0f;
    std::uint32_t probabilities[kGroupsPerSlice][4];
#pragma unroll
    for (int group = 0; group < kGroupsPerSlice; ++group)
        Tile::probabilities(scores[group], largest, sum, probabilities[group]);
    sum = quadSum(sum);
    if (place.t == 0) shared.sums[place.tile][place.slice][place.g] = sum;
    typename Tile::Output output;
    warp.addValues(probabilities, values, output);
    Warp::leaveStage();
    float* mine =
        sums + ((place.tile * kSlices + place.slice) * kTileRows + place.g) * sumsStride(kHeadDim);
    Tile::storeRow(output, place.t,
                   [mine](int dim, float4 four) { *reinterpret_cast<float4*>(mine + dim) = four; });
    __syncthreads();
    writePartials<kHeadDim>(args, rows, shared, sums, split, firstTile);

    // A single split needs nobody else; otherwise the last block to come combines all rows, of a
    // node its own splits and the last of all the nodes.
    const int firstRow = firstTile * kTileRows;
    const int endRow = min(firstRow + nTilesInBlock * kTileRows, rows.nRows);
    if (firstSplit == lastSplit) {
        __syncthreads();
        combineRows<kHeadDim>(args, rows, {.begin = firstRow, .end = endRow, .hasNodes = false},
                              Warp::rowTurn(args), sums);
        return;
    }
    const int nTiles = (rows.nRows + kTileRows - 1) / kTileRows;
    const int nSplitBlocks = (nTiles + nTilesInBlock - 1) / nTilesInBlock;
    const int firstNode = firstSplit / kNodeSplits;
    const int lastNode = lastSplit / kNodeSplits;
    // At 256 dims there is no register left for nodes on sm_86.
    const bool hasNodes = kHeadDim <= 128 && firstNode < lastNode;
    int nFinished = nSplitBlocks * (lastSplit - firstSplit + 1);
    if (hasNodes) {
        const int node = split / kNodeSplits;
        const int nOwn = min(lastSplit, node * kNodeSplits + kNodeSplits - 1) -
                         max(firstSplit, node * kNodeSplits) + 1;
        if (!isLastBlock(nodeCounter(args, rows, node), nSplitBlocks * nOwn, shared.isLast)) return;
        combineNode<kHeadDim>(args, rows, node);
        nFinished = lastNode - firstNode + 1;
    }
    if (isLastBlock(totalCounter(args, rows), nFinished, shared.isLast))
        combineRows<kHeadDim>(args, rows, {.begin = 0, .end = rows.nRows, .hasNodes = hasNodes},
                              Warp::rowTurn(args), sums);
}

// Grid: x = KV head and tile block, y = split, z = sequence. Dynamic shared memory: the slices'
// sums [tile][slice][row][sumsStride], later a row per warp. The 1 of the launch bounds keeps ptxas
// from spilling at 96 dims for the sake of a second block of 8 warps.
template <int kHeadDim>
__global__ void __launch_bounds__(kSliceThreads* tilesPerBlock(kHeadDim), 1)
    attentionSplitKernel(AttentionLaunch args) {
    SOTTO_DYNAMIC_SHARED(float, sums);
    SOTTO_SHARED(SplitShared, shared);
    gridDependencyWait();
    gridDependencyLaunch();
    attendSplit<kHeadDim, SplitWarp<kHeadDim>>(args, shared, sums);
}

// The same of a cache of any types; the dynamic shared memory first holds a stage per warp.
template <int kHeadDim>
__global__ void __launch_bounds__(kSliceThreads* tilesPerBlock(kHeadDim), 1)
    attentionSplitAnyKernel(AttentionLaunch args) {
    SOTTO_DYNAMIC_SHARED(float, sums);
    SOTTO_SHARED(SplitShared, shared);
    gridDependencyWait();
    gridDependencyLaunch();
    attendSplit<kHeadDim, AnySplitWarp<kHeadDim>>(args, shared, sums);
}

template <int kHeadDim, class Kernel>
void launchSplitOf(Kernel kernel, std::size_t stageBytes, const AttentionLaunch& args,
                   const LaunchStream& on) {
    const int nRows = args.batch.maxRows * (args.nHeads / args.cache.nKvHeads);
    const int nTiles = (nRows + kTileRows - 1) / kTileRows;
    const int nTilesInBlock = nTiles < tilesPerBlock(kHeadDim) ? nTiles : tilesPerBlock(kHeadDim);
    const int nTileBlocks = (nTiles + nTilesInBlock - 1) / nTilesInBlock;
    const int nSplits = (args.batch.maxPositions + kSplitPositions - 1) / kSplitPositions;
    const dim3 grid(static_cast<unsigned>(args.cache.nKvHeads * nTileBlocks),
                    static_cast<unsigned>(nSplits), static_cast<unsigned>(args.batch.nSequences));
    const std::size_t sumsBytes = kTileRows * sumsStride(kHeadDim) * sizeof(float);
    const std::size_t sharedBytes = static_cast<std::size_t>(nTilesInBlock) * kSlices *
                                    (stageBytes > sumsBytes ? stageBytes : sumsBytes);
    launch(kernel, grid, dim3(static_cast<unsigned>(nTilesInBlock * kSliceThreads)), sharedBytes,
           on, args);
}
template <int kHeadDim>
void launchSplit(const AttentionLaunch& args, const LaunchStream& on) {
    launchSplitOf<kHeadDim>(attentionSplitKernel<kHeadDim>, 0, args, on);
}
template <int kHeadDim>
void launchSplitAny(const AttentionLaunch& args, const LaunchStream& on) {
    launchSplitOf<kHeadDim>(attentionSplitAnyKernel<kHeadDim>, AnySplitWarp<kHeadDim>::kStageBytes,
                            args, on);
}

}  // namespace

std::int64_t attentionPartialBytes(std::int64_t nHeads, std::int64_t headDim,
                                   std::int64_t maxContext) {
    const std::int64_t nSplits = (maxContext + kSplitPositions - 1) / kSplitPositions;
    return kMaxTokens * nHeads * nSplits * partialFloats(static_cast<int>(headDim)) *
           static_cast<std::int64_t>(sizeof(float));
}

std::int64_t attentionCounterBytes(std::int64_t nHeads, std::int64_t maxContext) {
    constexpr std::int64_t kNodePositions = kNodeSplits * kSplitPositions;
    const std::int64_t nNodes = (maxContext + kNodePositions - 1) / kNodePositions;
    return kMaxTokens * nHeads * (1 + nNodes) * static_cast<std::int64_t>(sizeof(std::int32_t));
}

void launchAttentionSplit(const AttentionLaunch& args, const LaunchStream& on) {
    if (!isPlainHalves(args.cache.keys) || !isPlainHalves(args.cache.values)) {
        switch (args.cache.keys.dim) {
            case 64: return launchSplitAny<64>(args, on);
            case 96: return launchSplitAny<96>(args, on);
            case 128: return launchSplitAny<128>(args, on);
            default: return launchSplitAny<256>(args, on);
        }
    }
    switch (args.cache.keys.dim) {
        case 64: return launchSplit<64>(args, on);
        case 80: return launchSplit<80>(args, on);
        case 96: return launchSplit<96>(args, on);
        case 128: return launchSplit<128>(args, on);
        default: return launchSplit<256>(args, on);
    }
}

}  // namespace sotto::cuda
