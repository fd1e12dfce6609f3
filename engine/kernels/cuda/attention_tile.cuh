// A warp's tile of attention on the tensor cores: 8 query rows against 16 positions at a time.
//
// S = Q K^T and O += P V by mma.m16n8k16 with float32 sums. One operand of each product is float32
// (q, then the probabilities); it is split in two halves x = high + low, and the two parts are the
// two halves of the 16-row A operand: rows 0-7 high, rows 8-15 low. A lane then holds both parts of
// its sums (c0 + c2, c1 + c3), and the same instructions serve 1 to 8 rows.
//
// Fragments straight from the cache, 16 bytes a lane, without ldmatrix, from global or shared
// memory. Three freedoms make that possible (g = lane / 4, t = lane % 4):
//   dims of S     the order of the summed dims is free if q has the same: a lane takes 8 neighbours
//                 of 32 dims of key row g: its B registers of two mma
//   positions     column n of score tile j is position 8 j + n / 2 + 4 (n % 2): the lane's columns
//                 2t, 2t + 1 are positions t and t + 4 of the tile, so that four lanes t read four
//                 neighbouring value rows: no bank conflicts, whole sectors
//   dims of O     a lane takes 8 neighbours of 64 dims of its four value rows; dim e of the 8 is
//                 column g of mma number e, and one byte permutation per register pairs two rows
// Used by attention_split (decode) and attention_prefill. Device code.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

#include "engine/kernels/cuda/attention.h"
#include "engine/kernels/cuda/common/mma.h"
#include "engine/kernels/cuda/kv_rows.cuh"

namespace sotto::cuda {

inline constexpr int kTileRows = 8;
inline constexpr int kGroupPositions = 16;

// Probabilities are stored times 2^14, just inside the range of half: what is lost of p is then
// 2^-22 of it, or 2^-39 for the smallest. The factor cancels in O / sum.
inline constexpr float kProbabilityScale = 16384.0f;
inline constexpr float kLog2E = 1.4426950408889634f;

// The rows of one (sequence, KV head) in a step: row r is query head kvHead * groupSize + r %
// groupSize of the sequence's token r / groupSize.
struct AttentionRows {
    int sequence = 0;
    int kvHead = 0;
    int groupSize = 0;
    int firstToken = 0;
    int nRows = 0;
    int lastPosition = -1;  // of the last token

    __device__ __forceinline__ int token(int row) const { return firstToken + row / groupSize; }
    __device__ __forceinline__ int head(int row) const {
        return kvHead * groupSize + row % groupSize;
    }
};

__device__ __forceinline__ AttentionRows attentionRows(const AttentionLaunch& args, int sequence,
                                                       int kvHead) {
    AttentionRows rows;
    rows.sequence = sequence;
    rows.kvHead = kvHead;
    rows.groupSize = args.nHeads / args.cache.nKvHeads;
    rows.firstToken = args.batch.firstRows[sequence];
    const int nTokens = args.batch.firstRows[sequence + 1] - rows.firstToken;
    rows.nRows = nTokens * rows.groupSize;
    if (nTokens > 0) rows.lastPosition = args.batch.positions[rows.firstToken + nTokens - 1];
    return rows;
}

// First position that a row at `position` sees.
__device__ __forceinline__ int firstVisible(const AttentionLaunch& args, int position) {
    return args.window > 0 ? max(0, position - args.window + 1) : 0;
}

// Two neighbours as the high and the low half of their split, packed for mma.
struct SplitPair {
    std::uint32_t high;
    std::uint32_t low;
};
__device__ __forceinline__ std::uint32_t bitsOf(__half2 pair) {
    std::uint32_t bits;
    memcpy(&bits, &pair, sizeof(bits));
    return bits;
}
__device__ __forceinline__ SplitPair splitPair(float first, float second) {
    const __half2 high = __floats2half2_rn(first, second);
    const float2 back = __half22float2(high);
    return {.high = bitsOf(high),
            .low = bitsOf(__floats2half2_rn(first - back.x, second - back.y))};
}

// Largest and sum over the four lanes that share a row.
__device__ __forceinline__ float quadMax(float value) {
    value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, 1));
    return fmaxf(value, __shfl_xor_sync(0xffffffffu, value, 2));
}
__device__ __forceinline__ float quadSum(float value) {
    value += __shfl_xor_sync(0xffffffffu, value, 1);
    return value + __shfl_xor_sync(0xffffffffu, value, 2);
}

template <int kHeadDim>
struct AttentionTile {
    static_assert(kHeadDim % 16 == 0);
    static constexpr int kSteps = kHeadDim / 16;       // mma steps over the dims of S
    static constexpr int kKeyWords = kHeadDim / 8;     // registers of a lane for 8 keys
    static constexpr int kValueWords = kHeadDim / 16;  // registers of a lane for one value row
    static constexpr int kColumnTiles = kHeadDim / 8;  // n tiles of O
    // The dims of O in pieces of 64, then 32, then 16: first dim and number of whole pieces.
    static constexpr int kWidePieces = kHeadDim / 64;
    static constexpr bool kHasPiece32 = kHeadDim % 64 >= 32;
    static constexpr bool kHasPiece16 = kHeadDim % 32 == 16;
    static constexpr int kPiece32 = kWidePieces * 64;
    static constexpr int kPiece16 = kPiece32 + (kHasPiece32 ? 32 : 0);

    // A row's scaled query; S is the product times `unscale`.
    struct Query {
        std::uint32_t words[kSteps][4];
        float unscale;
    };
    struct Keys {
        std::uint32_t words[2][kKeyWords];  // of score tiles 0 and 1
    };
    struct Values {
        std::uint32_t words[4][kValueWords];  // of rows t, t + 4, t + 8, t + 12
    };
    struct Scores {
        float at[2][2];  // [score tile][column]: positions 8 tile + t + 4 column
    };
    struct Output {
        float sums[kColumnTiles][4];
    };

    // First of the four dims that lane t holds of mma step `step`.
    static __device__ __forceinline__ int dimOfStep(int step, int t) {
        return step < kHeadDim / 32 * 2 ? step / 2 * 32 + 8 * t + step % 2 * 4 : step * 16 + 4 * t;
    }

    // q: the lane's row (row g of the tile), or null: zeros. `scale`: of the scores, with log2 e.
    // `turn`: what rotates it (attention_turn.cuh). The row is brought to a largest magnitude in
    // [2^13, 2^14) by a power of two: exact, and neither half can overflow or lose bits that
    // matter.
    template <class Turn>
    static __device__ __forceinline__ void loadQuery(const float* q, float scale, int t,
                                                     const Turn& turn, Query& query) {
        float4 dims[kSteps];
#pragma unroll
        for (int step = 0; step < kSteps; ++step) {
            float4 four = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
            if (q != nullptr) four = *reinterpret_cast<const float4*>(q + dimOfStep(step, t));
            dims[step] =
                make_float4(four.x * scale, four.y * scale, four.z * scale, four.w * scale);
        }
        turn(dims);
        float largest = 0.0f;
#pragma unroll
        for (const float4& four : dims)
            largest = fmaxf(largest, fmaxf(fmaxf(fabsf(four.x), fabsf(four.y)),
                                           fmaxf(fabsf(four.z), fabsf(four.w))));
        // Exponent fields; below 2^-113 a row stays as it is: its scores are 0 either way.
        const std::uint32_t exponent =
            max(min(__float_as_uint(quadMax(largest)) >> 23, 254u), 14u) - 13u;
        query.unscale = __uint_as_float(exponent << 23);
        const float factor = __uint_as_float((254u - exponent) << 23);
#pragma unroll
        for (int step = 0; step < kSteps; ++step) {
            const SplitPair first = splitPair(dims[step].x * factor, dims[step].y * factor);
            const SplitPair second = splitPair(dims[step].z * factor, dims[step].w * factor);
            query.words[step][0] = first.high;
            query.words[step][1] = first.low;
            query.words[step][2] = second.high;
            query.words[step][3] = second.low;
        }
    }

    // Position, within a group of 16, of the key row that a lane loads for a score tile.
    static __device__ __forceinline__ int keyPosition(int tile, int g) {
        return 8 * tile + g / 2 + 4 * (g % 2);
    }

    // `row`: the key row of position keyPosition(tile, g), 16-byte aligned.
    static __device__ __forceinline__ void loadKeys(const __half* row, int t,
                                                    std::uint32_t (&words)[kKeyWords]) {
#pragma unroll
        for (int piece = 0; piece < kHeadDim / 32; ++piece) {
            const uint4 eight = *reinterpret_cast<const uint4*>(row + piece * 32 + 8 * t);
            words[4 * piece] = eight.x;
            words[4 * piece + 1] = eight.y;
            words[4 * piece + 2] = eight.z;
            words[4 * piece + 3] = eight.w;
        }
        if constexpr (kHasPiece16) {
            const uint2 four = *reinterpret_cast<const uint2*>(row + kHeadDim - 16 + 4 * t);
            words[kKeyWords - 2] = four.x;
            words[kKeyWords - 1] = four.y;
        }
    }

    // `row`: the value row of position t + 4 j of the group, for words[j].
    static __device__ __forceinline__ void loadValues(const __half* row, int g,
                                                      std::uint32_t (&words)[kValueWords]) {
#pragma unroll
        for (int piece = 0; piece < kWidePieces; ++piece) {
            const uint4 eight = *reinterpret_cast<const uint4*>(row + piece * 64 + 8 * g);
            words[4 * piece] = eight.x;
            words[4 * piece + 1] = eight.y;
            words[4 * piece + 2] = eight.z;
            words[4 * piece + 3] = eight.w;
        }
        if constexpr (kHasPiece32) {
            const uint2 four = *reinterpret_cast<const uint2*>(row + kPiece32 + 4 * g);
            words[4 * kWidePieces] = four.x;
            words[4 * kWidePieces + 1] = four.y;
        }
        if constexpr (kHasPiece16)
            words[kValueWords - 1] =
                *reinterpret_cast<const std::uint32_t*>(row + kPiece16 + 2 * g);
    }

    // Base-2 logarithms of unnormalized probabilities; -infinity where the row at `last` with first
    // visible position `first` does not see the position. `base`: position 0 of the group.
    static __device__ __forceinline__ Scores scores(const Query& query, const Keys& keys, int base,
                                                    int first, int last, int t) {
        float sums[2][4] = {};
#pragma unroll
        for (int step = 0; step < kSteps; ++step)
#pragma unroll
            for (int tile = 0; tile < 2; ++tile) {
                const std::uint32_t key[2] = {keys.words[tile][2 * step],
                                              keys.words[tile][2 * step + 1]};
                mmaF16k16(sums[tile], query.words[step], key);
            }
        Scores result;
#pragma unroll
        for (int tile = 0; tile < 2; ++tile)
#pragma unroll
            for (int column = 0; column < 2; ++column) {
                const int position = base + 8 * tile + t + 4 * column;
                const float score = (sums[tile][column] + sums[tile][column + 2]) * query.unscale;
                const bool isVisible = position >= first && position <= last;
                result.at[tile][column] = isVisible ? score : -INFINITY;
            }
        return result;
    }

    static __device__ __forceinline__ float largest(const Scores& scores) {
        return fmaxf(fmaxf(scores.at[0][0], scores.at[0][1]),
                     fmaxf(scores.at[1][0], scores.at[1][1]));
    }

    // Turns scores into the A operand of P V and adds the lane's probabilities to `sum`. `largest`
    // is finite: what the scores are relative to.
    static __device__ __forceinline__ void probabilities(const Scores& scores, float largest,
                                                         float& sum, std::uint32_t (&words)[4]) {
#pragma unroll
        for (int tile = 0; tile < 2; ++tile) {
            const float first = exp2f(scores.at[tile][0] - largest) * kProbabilityScale;
            const float second = exp2f(scores.at[tile][1] - largest) * kProbabilityScale;
            sum += first + second;
            const SplitPair pair = splitPair(first, second);
            words[2 * tile] = pair.high;
            words[2 * tile + 1] = pair.low;
        }
    }

    static __device__ __forceinline__ void addValues(const std::uint32_t (&probabilities)[4],
                                                     const Values& values, Output& output) {
#pragma unroll
        for (int word = 0; word < kValueWords; ++word) {
            const std::uint32_t even[2] = {
                __byte_perm(values.words[0][word], values.words[1][word], 0x5410),
                __byte_perm(values.words[2][word], values.words[3][word], 0x5410)};
            const std::uint32_t odd[2] = {
                __byte_perm(values.words[0][word], values.words[1][word], 0x7632),
                __byte_perm(values.words[2][word], values.words[3][word], 0x7632)};
            mmaF16k16(output.sums[2 * word], probabilities, even);
            mmaF16k16(output.sums[2 * word + 1], probabilities, odd);
        }
    }

    static __device__ __forceinline__ void clear(Output& output) {
#pragma unroll
        for (int tile = 0; tile < kColumnTiles; ++tile)
#pragma unroll
            for (int index = 0; index < 4; ++index) output.sums[tile][index] = 0.0f;
    }

    static __device__ __forceinline__ void multiply(Output& output, float factor) {
#pragma unroll
        for (int tile = 0; tile < kColumnTiles; ++tile)
#pragma unroll
            for (int index = 0; index < 4; ++index) output.sums[tile][index] *= factor;
    }

    // First dim of the four that storeRow() hands on as its `quad`th.
    static __device__ __forceinline__ int dimOfQuad(int quad, int t) {
        return quad < 4 * kWidePieces ? quad / 4 * 64 + 16 * t + quad % 4 * 4
                                      : kPiece32 + 8 * t + (quad - 4 * kWidePieces) * 4;
    }

    // store(dim, four neighbours) for all dims of row g that this lane holds: column 2t of the
    // piece's mma, then column 2t + 1.
    template <class Store>
    static __device__ __forceinline__ void storeRow(const Output& output, int t,
                                                    const Store& store) {
        const auto value = [&output](int tile, int column) {
            return output.sums[tile][column] + output.sums[tile][column + 2];
        };
#pragma unroll
        for (int piece = 0; piece < kWidePieces; ++piece)
#pragma unroll
            for (int quad = 0; quad < 4; ++quad) {
                const int tile = 8 * piece + quad % 2 * 4;
                const int column = quad / 2;
                store(64 * piece + 16 * t + 4 * quad,
                      make_float4(value(tile, column), value(tile + 1, column),
                                  value(tile + 2, column), value(tile + 3, column)));
            }
        if constexpr (kHasPiece32) {
            constexpr int kTile = 8 * kWidePieces;
#pragma unroll
            for (int column = 0; column < 2; ++column)
                store(kPiece32 + 8 * t + 4 * column,
                      make_float4(value(kTile, column), value(kTile + 1, column),
                                  value(kTile + 2, column), value(kTile + 3, column)));
        }
        if constexpr (kHasPiece16) {
            constexpr int kTile = kColumnTiles - 2;
            store(kPiece16 + 4 * t, make_float4(value(kTile, 0), value(kTile + 1, 0),
                                                value(kTile, 1), value(kTile + 1, 1)));
        }
    }
};

}  // namespace sotto::cuda
