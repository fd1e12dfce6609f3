// The parts of the prefill product: what a block's shape is, how weights and activations come in,
// and the arithmetic of one group of 32 columns. linear_tiles.cu puts them together.
//
// A warp owns 16 * kRowTiles matrix rows and all tokens of its block. Its records go from global
// memory straight to registers (they are in the order of the A fragment, and no other warp of the
// block wants them), half a record ahead of their use; the activations, which all warps want, pass
// through a ring of stages in shared memory. Arithmetic and its budget: linear_tiles.cu.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/common/async_copy.h"
#include "engine/kernels/cuda/common/mma.h"
#include "engine/kernels/cuda/common/record_reader.cuh"

namespace sotto::cuda {

// kRowTiles: 16-row tiles of a warp; kTokenTiles: 8-token tiles of a block.
template <ActivationKind kKind_, int kRowTiles_, int kTokenTiles_>
struct TileShape {
    static constexpr ActivationKind kKind = kKind_;
    static constexpr int kRowTiles = kRowTiles_;
    static constexpr int kTokenTiles = kTokenTiles_;
    static constexpr int kWarps = 4;
    static constexpr int kThreads = 32 * kWarps;
    static constexpr int kRows = kWarps * kRowTiles * kTileRows;
    static constexpr int kTokens = kTokenTiles * kTileTokens;
    // Sums take kRowTiles * kTokenTiles * 4 registers, weights up to 96: two blocks of the largest
    // shape, four of the smallest fill the 65536 registers of an SM.
    static constexpr int kBlocksPerSm = kTokenTiles >= 8 ? 2 : kTokenTiles >= 4 ? 3 : 4;
    // A unit is what one stage holds and what is loaded of a record at a time: half a record of 8
    // groups; a quarter for the split floats, whose activations are four and six times as large.
    static constexpr int kUnitGroups = kKind == ActivationKind::Int8 ? 4 : 2;
    // Two units are one round: a record, or half of one.
    static constexpr int kRoundGroups = 2 * kUnitGroups;
    static constexpr int kGroupBytes = kTileTokens * static_cast<int>(groupValueBytes(kKind));
    static constexpr int kScaleBytes = kTileTokens * 8;  // of one group of a token tile
    static constexpr int kValueTileBytes = kUnitGroups * kGroupBytes;
    static constexpr int kScaleTileBytes = kUnitGroups * kScaleBytes;
    static constexpr int kStageBytes = kTokenTiles * (kValueTileBytes + kScaleTileBytes);
    // One stage is read, the others are on their way. A block of the largest shape computes about
    // 1800 cycles on one, longer than memory takes; the others have less to do per stage.
    static constexpr int kStages = kTokenTiles >= 8 || kKind != ActivationKind::Int8 ? 2 : 3;
    static constexpr int kRingBytes = kStages * kStageBytes;
};

// Copies the block's activations into the ring, unit after unit; every thread takes part. Token
// tiles behind the last one are left out: their columns of the sums are never stored.
template <class Shape>
struct ActivationRing {
    std::byte* stages;        // shared memory
    const std::byte* values;  // of the block's first token tile
    const std::byte* scales;
    int nTiles;  // valid token tiles
    int nUnits;
    std::int64_t nGroups;
    int nextUnit = 0;   // to be copied
    int fillStage = 0;  // where it goes
    int readStage = 0;

    __device__ __forceinline__ void copyPart(std::byte* to, const std::byte* from,
                                             int chunksPerTile, std::int64_t tileStride) const {
        const int thread = static_cast<int>(threadIdx.x);
#pragma unroll
        for (int first = 0; first < Shape::kTokenTiles * chunksPerTile; first += Shape::kThreads) {
            const int chunk = first + thread;
            const int tile = chunk / chunksPerTile;
            if (tile < nTiles)
                copyAsync16(to + 16 * chunk,
                            from + tile * tileStride + 16 * (chunk % chunksPerTile));
        }
    }

    // Always commits, so that waiting can count.
    __device__ __forceinline__ void startCopy() {
        if (nextUnit < nUnits) {
            std::byte* const stage = stages + fillStage * Shape::kStageBytes;
            const std::int64_t group = static_cast<std::int64_t>(nextUnit) * Shape::kUnitGroups;
            copyPart(stage, values + group * Shape::kGroupBytes, Shape::kValueTileBytes / 16,
                     nGroups * Shape::kGroupBytes);
            copyPart(stage + Shape::kTokenTiles * Shape::kValueTileBytes,
                     scales + group * Shape::kScaleBytes, Shape::kScaleTileBytes / 16,
                     nGroups * Shape::kScaleBytes);
        }
        copyAsyncCommit();
        ++nextUnit;
        fillStage = fillStage + 1 == Shape::kStages ? 0 : fillStage + 1;
    }

    // The stage of the next unit to compute; startCopy() follows. One barrier per unit: behind it
    // everybody's copies for this unit have landed, and nobody reads the stage before it any more,
    // which is filled anew.
    __device__ __forceinline__ const std::byte* next() {
        copyAsyncWait<Shape::kStages - 2>();
        __syncthreads();
        const std::byte* const stage = stages + readStage * Shape::kStageBytes;
        readStage = readStage + 1 == Shape::kStages ? 0 : readStage + 1;
        return stage;
    }
};

// ---- Weights. A RecordReader is filled piece by piece: while one half is used, the registers of
// the other receive the next record's. Weights are shared by all token blocks that run at the same
// time, so they go the cached way.

// The codes of unit 0 or 1 of the round that begins at `record`.
template <DType type, int unit>
__device__ __forceinline__ void loadCodes(RecordReader<type>& reader, const std::byte* record,
                                          int lane) {
    if constexpr (type == DType::Q8_0 || RecordLayout<type>::kIsFloat) {
#pragma unroll
        for (int index = 4 * unit; index < 4 * unit + 4; ++index)
            reader.codes[index] = loadCached(record + 16 * (32 * index + lane));
    } else {
#pragma unroll
        for (int pair = 2 * unit; pair < 2 * unit + 2; ++pair)
            reader.codes.pairs[pair] = loadCached(record + 16 * (32 * pair + lane));
    }
    if constexpr (type == DType::Q6_K)
        reader.rest[unit] =
            loadCached(record + RecordLayout<type>::kRest + 16 * (32 * unit + lane));
}

// What both units of a record use, its end: scales or headers, before them the fifth bits of Q5_K,
// behind them d of Q6_K. It comes through shared memory, in slots of the warp's own, because
// waiting for it in registers would cost up to 24 of them. Two rounds' slots: one is read, one is
// filled.
template <DType type>
struct CommonPart {
    using Layout = RecordLayout<type>;
    static constexpr bool kIsPresent = !Layout::kIsFloat;
    static constexpr int kOffset = type == DType::Q5_K ? Layout::kRest : Layout::kScales;
    static constexpr int kBytes = kIsPresent ? Layout::kBytes - kOffset : 0;
};

// Belongs to the group of copies that is open.
template <DType type>
__device__ __forceinline__ void copyCommon(std::byte* slot, const std::byte* record, int lane) {
    using Part = CommonPart<type>;
#pragma unroll
    for (int first = 0; first < Part::kBytes / 16; first += 32) {
        const int chunk = first + lane;
        if (chunk < Part::kBytes / 16)
            copyAsync16(slot + 16 * chunk, record + Part::kOffset + 16 * chunk);
    }
}

template <DType type>
__device__ __forceinline__ void readCommon(RecordReader<type>& reader, const std::byte* slot,
                                           int lane) {
    using Part = CommonPart<type>;
    if constexpr (Part::kIsPresent) {
        const std::byte* const scales = slot + Part::Layout::kScales - Part::kOffset;
        const auto* const rows = reinterpret_cast<const uint4*>(scales) + lane / 4;
        if constexpr (RecordReader<type>::kHasMin) {
            reader.headers[0] = rows[0];
            reader.headers[1] = rows[8];
        } else {
            reader.scales[0] = rows[0];
            reader.scales[1] = rows[8];
        }
        if constexpr (type == DType::Q5_K) reader.rest = reinterpret_cast<const uint4*>(slot)[lane];
        if constexpr (type == DType::Q6_K)
            reader.d = *reinterpret_cast<const std::uint32_t*>(slot + Part::Layout::kD -
                                                               Part::kOffset + lane / 4 * 4);
    }
}

// One group of a row tile, ready to multiply with any number of tokens. Types with a constant
// offset (-8, -32) get it here, once for all tokens: with the code in the upper bits of its byte
// the offset is 0x80, and subtracting that from an unsigned byte, or reading it as signed with that
// bit turned, are the same.
template <DType type>
struct GroupWeights {
    static constexpr bool kIsCentered = type == DType::Q4_0 || type == DType::Q6_K;
    static constexpr bool kHasTwoScales = type == DType::Q6_K;

    std::uint32_t a[4];
    float scale[2][2];   // [columns 0..15, 16..31][rows g, g + 8]; without kHasTwoScales [0] only
    float unbias[2][2];  // -1.5 * 2^23 * scale, exact: scales have at most 19 bits
    float min[2];        // negative

    template <int group>
    __device__ __forceinline__ void decode(const RecordReader<type>& reader) {
        constexpr int kShift = !kIsCentered || group % 2 == 1 ? 0 : type == DType::Q4_0 ? 4 : 2;
        reader.template fragment<group>(a);
        if constexpr (kIsCentered) {
#pragma unroll
            for (std::uint32_t& word : a) word = (word << kShift) ^ 0x80808080u;
        }
        const RowFactors factors = reader.template factors<group>();
        constexpr float kStep = 1.0f / (1 << kShift);
#pragma unroll
        for (int row = 0; row < 2; ++row) {
            scale[0][row] = factors.scale[row] * kStep;
            unbias[0][row] = -12582912.0f * scale[0][row];
            if constexpr (kHasTwoScales) {
                scale[1][row] = factors.scaleSecond[row] * kStep;
                unbias[1][row] = -12582912.0f * scale[1][row];
            }
            if constexpr (RecordReader<type>::kHasMin) min[row] = -factors.min[row];
        }
    }
};

// ---- Arithmetic of one group of one row tile and one token tile.

// tokens: (scale, scale * sum of codes) of tokens 2t and 2t + 1.
template <DType type>
__device__ __forceinline__ void addTokenTile(float (&sums)[4], const GroupWeights<type>& weights,
                                             const std::uint32_t (&b)[2], const float4& tokens) {
    int first[4] = {kSumBias, kSumBias, kSumBias, kSumBias};
    int second[4] = {kSumBias, kSumBias, kSumBias, kSumBias};
    if constexpr (GroupWeights<type>::kHasTwoScales) {
        mmaS8k16(first, {weights.a[0], weights.a[1]}, b[0]);
        mmaS8k16(second, {weights.a[2], weights.a[3]}, b[1]);
    } else if constexpr (RecordReader<type>::kHasMin) {
        mmaU8S8k32(first, weights.a, b);
    } else {
        mmaS8k32(first, weights.a, b);
    }
#pragma unroll
    for (int index = 0; index < 4; ++index) {
        const int row = index / 2;
        const float tokenScale = index % 2 == 0 ? tokens.x : tokens.z;
        float product =
            fmaf(__int_as_float(first[index]), weights.scale[0][row], weights.unbias[0][row]);
        if constexpr (GroupWeights<type>::kHasTwoScales)
            product +=
                fmaf(__int_as_float(second[index]), weights.scale[1][row], weights.unbias[1][row]);
        sums[index] = fmaf(product, tokenScale, sums[index]);
        if constexpr (RecordReader<type>::kHasMin)
            sums[index] = fmaf(weights.min[row], index % 2 == 0 ? tokens.y : tokens.w, sums[index]);
    }
}

template <class Shape>
using TileSums = float[Shape::kRowTiles][Shape::kTokenTiles][4];

// Group `group` of the round, 8-bit activations.
template <class Shape, DType type, int group>
__device__ __forceinline__ void addGroup(TileSums<Shape>& sums,
                                         const RecordReader<type> (&readers)[Shape::kRowTiles],
                                         const std::byte* stage, int lane) {
    constexpr int kInUnit = group % Shape::kUnitGroups;
    GroupWeights<type> weights[Shape::kRowTiles];
#pragma unroll
    for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
        weights[rowTile].template decode<group>(readers[rowTile]);
    const std::byte* const values = stage + kInUnit * Shape::kGroupBytes + 8 * lane;
    const std::byte* const scales = stage + Shape::kTokenTiles * Shape::kValueTileBytes +
                                    kInUnit * Shape::kScaleBytes + 16 * (lane % 4);
#pragma unroll
    for (int tokenTile = 0; tokenTile < Shape::kTokenTiles; ++tokenTile) {
        const uint2 words =
            *reinterpret_cast<const uint2*>(values + tokenTile * Shape::kValueTileBytes);
        const float4 tokens =
            *reinterpret_cast<const float4*>(scales + tokenTile * Shape::kScaleTileBytes);
        const std::uint32_t b[2] = {words.x, words.y};
#pragma unroll
        for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
            addTokenTile(sums[rowTile][tokenTile], weights[rowTile], b, tokens);
    }
}

// ---- The same for split 16-bit floats: two halves of 16 columns, two or three parts each.

template <ActivationKind kKind>
struct SplitParts {
    static constexpr int kParts = kKind == ActivationKind::SplitF16 ? 2 : 3;
    std::uint32_t b[kParts][2];

    // 16 bytes per lane, or 24, which come as three times 8.
    __device__ __forceinline__ void load(const std::byte* values, int lane) {
        const std::byte* const own = values + 8 * kParts * lane;
        if constexpr (kParts == 2) {
            const uint4 words = *reinterpret_cast<const uint4*>(own);
            b[0][0] = words.x;
            b[0][1] = words.y;
            b[1][0] = words.z;
            b[1][1] = words.w;
        } else {
#pragma unroll
            for (int part = 0; part < kParts; ++part) {
                const uint2 words = *reinterpret_cast<const uint2*>(own + 8 * part);
                b[part][0] = words.x;
                b[part][1] = words.y;
            }
        }
    }
};

template <class Shape, DType type, int group>
__device__ __forceinline__ void addFloatGroup(TileSums<Shape>& sums,
                                              const RecordReader<type> (&readers)[Shape::kRowTiles],
                                              const std::byte* stage, int lane) {
    constexpr int kInUnit = group % Shape::kUnitGroups;
    const std::byte* const values = stage + kInUnit * Shape::kGroupBytes;
    const std::byte* const scales = stage + Shape::kTokenTiles * Shape::kValueTileBytes +
                                    kInUnit * Shape::kScaleBytes + 16 * (lane % 4);
    std::uint32_t a[Shape::kRowTiles][2][4];
#pragma unroll
    for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile) {
        readers[rowTile].template fragment<2 * group>(a[rowTile][0]);
        readers[rowTile].template fragment<2 * group + 1>(a[rowTile][1]);
    }
#pragma unroll
    for (int tokenTile = 0; tokenTile < Shape::kTokenTiles; ++tokenTile) {
        const std::byte* const tile = values + tokenTile * Shape::kValueTileBytes;
        SplitParts<Shape::kKind> parts[2];
        parts[0].load(tile, lane);
        parts[1].load(tile + Shape::kGroupBytes / 2, lane);
        const float4 tokens =
            *reinterpret_cast<const float4*>(scales + tokenTile * Shape::kScaleTileBytes);
#pragma unroll
        for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile) {
            // From zero in every group: the tensor cores cut what does not fit their accumulator
            // off, which over thousands of columns would add up in one direction.
            float products[4] = {0.0f, 0.0f, 0.0f, 0.0f};
#pragma unroll
            for (int k16 = 0; k16 < 2; ++k16) {
#pragma unroll
                for (int part = 0; part < SplitParts<Shape::kKind>::kParts; ++part) {
                    if constexpr (type == DType::F16)
                        mmaF16k16(products, a[rowTile][k16], parts[k16].b[part]);
                    else
                        mmaBf16k16(products, a[rowTile][k16], parts[k16].b[part]);
                }
            }
            float(&own)[4] = sums[rowTile][tokenTile];
#pragma unroll
            for (int index = 0; index < 4; ++index)
                own[index] =
                    fmaf(products[index], index % 2 == 0 ? tokens.x : tokens.z, own[index]);
        }
    }
}

}  // namespace sotto::cuda
