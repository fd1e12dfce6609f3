// A warp of attention_split over a cache of any types: a group of positions becomes halves in the
// warp's own stage in shared memory, and from there on all is as with a cache of halves.
//
// A lane reads 16 neighbours at once, 16 bytes of Q8_0 and the eight-bit floats and 8 of Q4_0 and
// Q5_0, whole lines of a warp, where fragments straight from the cache would be words of 4 and 8
// bytes. The next group's codes are on their way while this one is computed. One kernel serves all
// pairs of types: the switches (kv_codes.cuh) go one way for the whole grid. Moves the bytes of the
// rows once from memory, and 4 headDim bytes per position through shared memory (written, read).
// Device code.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "engine/kernels/cuda/attention_places.cuh"
#include "engine/kernels/cuda/attention_tile.cuh"
#include "engine/kernels/cuda/attention_turn.cuh"
#include "engine/kernels/cuda/kv_codes.cuh"

namespace sotto::cuda {

template <int kHeadDim>
struct AnySplitWarp {
    using Tile = AttentionTile<kHeadDim>;
    static constexpr int kRowVectors = kHeadDim / kCodesAtOnce;
    static constexpr int kVectors = kGroupPositions * kRowVectors / 32;  // of a group, of a lane
    // Halves; the reasons for 8 and 16 are in attention_prefill.cu.
    static constexpr int kKeyStride = kHeadDim + 8;
    static constexpr int kValueStride = kHeadDim + 16;
    static constexpr std::size_t kStageBytes = kGroupPositions * kValueStride * sizeof(__half);

    // Whether the next group's codes are on their way while a group is computed: at 256 dims there
    // are no registers for them.
    static constexpr bool kIsAhead = kHeadDim <= 128;

    struct Codes {
        SixteenCodes vectors[kIsAhead ? kVectors : 1];
    };
    using FirstValues = Codes;

    const AttentionLaunch& args;
    const SplitShared& shared;
    WarpPlace place;
    TileView view;
    int splitStart;
    __half* stage;

    __device__ __forceinline__ AnySplitWarp(const AttentionLaunch& launch, const SplitShared& block,
                                            const WarpPlace& warpPlace, const TileView& tileView,
                                            int firstPosition, float* memory)
        : args(launch),
          shared(block),
          place(warpPlace),
          view(tileView),
          splitStart(firstPosition),
          stage(reinterpret_cast<__half*>(memory) +
                (warpPlace.tile * kSlices + warpPlace.slice) * (kStageBytes / sizeof(__half))) {}

    static __device__ __forceinline__ RowTurn<kHeadDim> rowTurn(const AttentionLaunch& args) {
        return {args.cache.values.isRotated};
    }
    // The sums of one warp may lie where another's stage is.
    static __device__ __forceinline__ void leaveStage() { __syncthreads(); }

    __device__ __forceinline__ SixteenCodes loadVector(KvType type, const KvPlane& plane, int group,
                                                       int vector) const {
        const int row = shared.cacheRows[groupStartOf(place, group) + vector / kRowVectors];
        return loadCodes(type, plane, row, vector % kRowVectors * kCodesAtOnce);
    }
    __device__ __forceinline__ void storeVector(KvType type, const SixteenCodes& codes, int vector,
                                                int stride) const {
        storeHalves(type, codes,
                    stage + vector / kRowVectors * stride + vector % kRowVectors * kCodesAtOnce);
    }
    // Also of groups that the tile does not see: their positions have rows too.
    __device__ __forceinline__ void load(const KvPlane& plane, int group, Codes& codes) const {
        if constexpr (kIsAhead) {
            if (group >= kGroupsPerSlice) return;
            withKnownType(plane.type, [&](auto type) {
#pragma unroll
                for (int index = 0; index < kVectors; ++index)
                    codes.vectors[index] = loadVector(type, plane, group, place.lane + 32 * index);
            });
        }
    }
    // The group into the stage, and the next one's codes on their way.
    __device__ __forceinline__ void store(const KvPlane& plane, int group, Codes& codes,
                                          int stride) const {
        withKnownType(plane.type, [&](auto type) {
            if constexpr (kIsAhead) {
#pragma unroll
                for (int index = 0; index < kVectors; ++index)
                    storeVector(type, codes.vectors[index], place.lane + 32 * index, stride);
            } else {
                // Four at once, of 16 bytes each.
#pragma unroll 4
                for (int index = 0; index < kVectors; ++index) {
                    const int vector = place.lane + 32 * index;
                    storeVector(type, loadVector(type, plane, group, vector), vector, stride);
                }
            }
        });
        __syncwarp();
        load(plane, group + 1, codes);
    }
    __device__ __forceinline__ void loadFirst(Codes& codes) const {
        load(args.cache.values, 0, codes);
    }

    // All scores of the slice; -infinity where a group is not seen.
    __device__ __forceinline__ void score(typename Tile::Scores (&scores)[kGroupsPerSlice]) const {
        Codes codes;
        load(args.cache.keys, 0, codes);
        typename Tile::Query query;
        Tile::loadQuery(view.q, args.scale * kLog2E, place.t,
                        QueryTurn<kHeadDim>{args.cache.keys.isRotated}, query);
#pragma unroll
        for (int group = 0; group < kGroupsPerSlice; ++group) {
            store(args.cache.keys, group, codes, kKeyStride);
            typename Tile::Keys keys;
#pragma unroll
            for (int tile = 0; tile < 2; ++tile)
                Tile::loadKeys(stage + Tile::keyPosition(tile, place.g) * kKeyStride, place.t,
                               keys.words[tile]);
            scores[group] = Tile::scores(query, keys, splitStart + groupStartOf(place, group),
                                         view.first, view.last, place.t);
            __syncwarp();  // all have read what the next group overwrites
        }
    }

    // `codes` holds the first group's already.
    __device__ __forceinline__ void addValues(
        const std::uint32_t (&probabilities)[kGroupsPerSlice][4], Codes& codes,
        typename Tile::Output& output) const {
        Tile::clear(output);
#pragma unroll
        for (int group = 0; group < kGroupsPerSlice; ++group) {
            store(args.cache.values, group, codes, kValueStride);
            if (view.sees(splitStart + groupStartOf(place, group))) {
                typename Tile::Values values;
#pragma unroll
                for (int index = 0; index < 4; ++index)
                    Tile::loadValues(stage + (place.t + 4 * index) * kValueStride, place.g,
                                     values.words[index]);
                Tile::addValues(probabilities[group], values, output);
            }
            __syncwarp();
        }
    }
};

}  // namespace sotto::cuda
