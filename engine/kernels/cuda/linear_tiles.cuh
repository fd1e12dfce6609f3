// The parts of the prefill product: what a block's shape is, how weights and activations come in,
// and the arithmetic of one group of 32 columns. linear_tiles.cu puts them together.
//
// A warp owns 16 * kRowTiles matrix rows and all tokens of its block. Its records go from global
// memory straight to registers (they are in the order of the A fragment, and no other warp of the
// block wants them), some hundred instructions ahead of their use; the activations, which all warps
// want, pass through a ring of stages in shared memory. Arithmetic and its budget: linear_tiles.cu.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/common/async_copy.h"
#include "engine/kernels/cuda/common/mma.h"
#include "engine/kernels/cuda/common/mma_bf16_k8.h"
#include "engine/kernels/cuda/common/record_reader.cuh"
#include "engine/kernels/cuda/linear_tiles_arch.h"

namespace sotto::cuda {

// kRowTiles: 16-row tiles of a warp; kTokenTiles: 8-token tiles of a block.
template <ActivationKind kKind_, int kRowTiles_, int kTokenTiles_>
struct TileShape {
    static constexpr ActivationKind kKind = kKind_;
    static constexpr int kRowTiles = kRowTiles_;
    static constexpr int kTokenTiles = kTokenTiles_;
    static constexpr int kWarps = kTokenTiles >= 8 ? 8 : 4;
    static constexpr int kThreads = 32 * kWarps;
    static constexpr int kRows = kWarps * kRowTiles * kTileRows;
    static constexpr int kTokens = kTokenTiles * kTileTokens;
    // Sums take kRowTiles * kTokenTiles * 4 registers, weights and what is decoded of them about
    // 100: 255 in all for the largest shape, whose eight warps so fill an SM's 65536. They share
    // the activations: 56 KiB of L2 traffic per 4.2 M multiply-adds at Q4_K.
    static constexpr int kBlocksPerSm = kTokenTiles >= 8 ? 1 : kTokenTiles >= 4 ? 2 : 4;
    // A unit is what one stage holds and what is loaded of a record at a time: half a record of 8
    // groups; of the split floats, whose activations are four and six times as large and whose
    // weights two to four times, one group.
    static constexpr int kUnitGroups = kKind == ActivationKind::Int8 ? 4 : 1;
    // Two units are one round: a record, or a quarter of one.
    static constexpr int kRoundGroups = 2 * kUnitGroups;
    static constexpr int kGroupBytes = kTileTokens * static_cast<int>(groupValueBytes(kKind));
    static constexpr int kScaleBytes = kTileTokens * 8;  // of one group of a token tile
    static constexpr int kValueTileBytes = kUnitGroups * kGroupBytes;
    static constexpr int kScaleTileBytes = kRoundGroups * kScaleBytes;
    static constexpr int kStageBytes = kTokenTiles * kValueTileBytes;
    static constexpr int kRoundScaleBytes = kTokenTiles * kScaleTileBytes;
    // One stage is read, the others are on their way. A block of the largest shape computes about
    // 1800 cycles on one, longer than memory takes; the others have less to do per stage.
    static constexpr int kStages = kTokenTiles >= 8 || kKind != ActivationKind::Int8 ? 2 : 3;
    static constexpr int kRingBytes = kStages * kStageBytes + 2 * kRoundScaleBytes;
};

// Copies the block's activations into shared memory: values in a ring of stages, a unit each;
// scales of a round in one of two halves behind it. Every thread takes part and keeps its own place
// in the source. Token tiles behind the last one are left out: their columns of the sums are never
// stored.
template <class Shape>
class ActivationRing {
public:
    // values, scales: of the block's first token tile, of which nTokenTiles are there.
    __device__ __forceinline__ ActivationRing(std::byte* shared, const std::byte* values,
                                              const std::byte* scales, int nTokenTiles,
                                              int nRowGroups)
        : nGroups(nRowGroups),
          nTiles(nTokenTiles),
          m_shared(shared),
          m_values(values + ownOffset<kValueChunks>(valueStride())),
          m_scales(scales + ownOffset<kScaleChunks>(scaleStride())) {}

    // Units one after the other. Closes the group of copies, also behind the last unit, so that
    // waiting can count.
    __device__ __forceinline__ void startUnit(unsigned unit) {
        if (unit * Shape::kUnitGroups < static_cast<unsigned>(nGroups)) {
            copyTiles<kValueChunks>(stageOf(unit), m_values, valueStride());
            m_values += Shape::kValueTileBytes;
        }
        copyAsyncCommit();
    }

    // Before the startUnit() whose group the scales shall belong to.
    __device__ __forceinline__ void startScales(int round) {
        if (round * Shape::kRoundGroups >= nGroups) return;
        copyTiles<kScaleChunks>(scalesOf(round), m_scales, scaleStride());
        m_scales += Shape::kScaleTileBytes;
    }

    // Waits for a unit's values, which it returns, and starts the copy of the one that is to come
    // kStages - 1 later. One barrier: behind it everybody's copies for this unit have landed, and
    // nobody reads the stage before it any more, which is filled anew. startMore: further copies.
    template <class StartMore>
    __device__ __forceinline__ const std::byte* next(unsigned unit, const StartMore& startMore) {
        copyAsyncWait<Shape::kStages - 2>();
        __syncthreads();
        startMore();
        startUnit(unit + Shape::kStages - 1);
        return stageOf(unit);
    }

    __device__ __forceinline__ std::byte* scalesOf(int round) const {
        return m_shared + Shape::kStages * Shape::kStageBytes + round % 2 * Shape::kRoundScaleBytes;
    }
    __device__ __forceinline__ std::byte* behind() const { return m_shared + Shape::kRingBytes; }

    const int nGroups;  // of a row of the plane
    const int nTiles;

private:
    static constexpr int kValueChunks = Shape::kValueTileBytes / 16;  // per token tile
    static constexpr int kScaleChunks = Shape::kScaleTileBytes / 16;

    // From one token tile to the next: 12 KiB per 256 columns at most.
    __device__ __forceinline__ unsigned valueStride() const {
        return static_cast<unsigned>(nGroups) * Shape::kGroupBytes;
    }
    __device__ __forceinline__ unsigned scaleStride() const {
        return static_cast<unsigned>(nGroups) * Shape::kScaleBytes;
    }

    // Neighbouring threads copy neighbouring chunks of 16 bytes; a pass of all threads is one tile,
    // part of one, or several.
    template <int kChunks>
    __device__ __forceinline__ static unsigned ownOffset(unsigned tileStride) {
        const unsigned thread = threadIdx.x;
        return kChunks >= Shape::kThreads ? 16 * thread
                                          : thread / kChunks * tileStride + 16 * (thread % kChunks);
    }

    template <int kChunks>
    __device__ __forceinline__ void copyTiles(std::byte* to, const std::byte* own,
                                              unsigned tileStride) const {
        const int thread = static_cast<int>(threadIdx.x);
        to += 16 * thread;
        if constexpr (kChunks >= Shape::kThreads) {
#pragma unroll
            for (int tile = 0; tile < Shape::kTokenTiles; ++tile) {
#pragma unroll
                for (int first = 0; first < kChunks; first += Shape::kThreads)
                    if (tile < nTiles && first + thread < kChunks)
                        copyAsync16(to + 16 * (tile * kChunks + first),
                                    own + (tile * tileStride + 16 * first));
            }
        } else {
            constexpr int kPassTiles = Shape::kThreads / kChunks;
            if (thread >= kPassTiles * kChunks) return;
#pragma unroll
            for (int tile = 0; tile < Shape::kTokenTiles; tile += kPassTiles)
                if (tile + thread / kChunks < nTiles)
                    copyAsync16(to + 16 * tile * kChunks, own + tile * tileStride);
        }
    }

    __device__ __forceinline__ std::byte* stageOf(unsigned unit) const {
        return m_shared + unit % Shape::kStages * Shape::kStageBytes;
    }

    std::byte* m_shared;
    const std::byte* m_values;  // own place in the next unit to be copied
    const std::byte* m_scales;
};

// ---- Weights. A RecordReader is filled piece by piece: while one unit is used, the registers of
// the other receive what comes next. Weights are shared by all token blocks that run at the same
// time, so they go the cached way.

// The codes of unit 0 or 1 of the round that begins at `record`.
template <DType type, int unit>
__device__ __forceinline__ void loadCodes(RecordReader<type>& reader, const std::byte* record,
                                          int lane) {
    if constexpr (type == DType::Q8_0 || RecordLayout<type>::kIsFloat) {
        constexpr int kLoads = type == DType::Q8_0 ? 4 : 2;
#pragma unroll
        for (int index = kLoads * unit; index < kLoads * unit + kLoads; ++index)
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

// What both units of a record use, its end: scales or headers, before them fifth bits, behind them
// mins of Q4_1 and Q5_1 or d of Q6_K. It comes through shared memory, in slots of the warp's own,
// because waiting for it in registers would cost up to 24 of them. Two rounds' slots: one is read,
// one is filled.
template <DType type>
struct CommonPart {
    using Layout = RecordLayout<type>;
    static constexpr bool kIsPresent = !Layout::kIsFloat;
    static constexpr int kOffset = Layout::kCodeBits == 5 ? Layout::kRest : Layout::kScales;
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
        if constexpr (type == DType::Q4_K || type == DType::Q5_K) {
            reader.headers[0] = rows[0];
            reader.headers[1] = rows[8];
        } else {
            reader.scales[0] = rows[0];
            reader.scales[1] = rows[8];
        }
        if constexpr (type == DType::Q4_1 || type == DType::Q5_1) {
            reader.mins[0] = rows[kTileRows];
            reader.mins[1] = rows[kTileRows + 8];
        }
        if constexpr (Part::Layout::kCodeBits == 5)
            reader.rest = reinterpret_cast<const uint4*>(slot)[lane];
        if constexpr (type == DType::Q6_K)
            reader.d = *reinterpret_cast<const std::uint32_t*>(slot + Part::Layout::kD -
                                                               Part::kOffset + lane / 4 * 4);
    }
}

template <DType type>
constexpr bool kHasMinsByMma = kMinsByMma && (type == DType::Q4_K || type == DType::Q5_K);
template <DType type>
constexpr bool kHasMinsByFma = RecordReader<type>::kHasMin && !kHasMinsByMma<type>;

// One group of a row tile, ready to multiply with any number of tokens. Types with a constant
// offset (-8, -16, -32) get it here, once for all tokens: with the code in the upper bits of its
// byte the offset is 0x80, and subtracting that from an unsigned byte, or reading it as signed with
// that bit turned, are the same.
template <DType type>
struct GroupWeights {
    static constexpr bool kIsCentered = RecordReader<type>::kEvenOffset != 0;
    static constexpr bool kHasTwoScales = type == DType::Q6_K;

    std::uint32_t a[4];
    float scale[2][2];   // [columns 0..15, 16..31][rows g, g + 8]; without kHasTwoScales [0] only
    float unbias[2][2];  // -1.5 * 2^23 * scale, exact: scales have at most 19 bits
    float min[2];        // negative

    template <int group>
    __device__ __forceinline__ void decode(const RecordReader<type>& reader) {
        constexpr int kShift =
            !kIsCentered || group % 2 == 1 ? 0 : 8 - RecordLayout<type>::kCodeBits;
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
            if constexpr (kHasMinsByFma<type>) min[row] = -factors.min[row];
        }
    }
};

// ---- Arithmetic of one group of one row tile and one token tile.

// start: what the integer sums start from. tokens: (scale, scale * sum of codes) of tokens 2t and
// 2t + 1.
template <DType type>
__device__ __forceinline__ void addTokenTile(float (&sums)[4], const GroupWeights<type>& weights,
                                             const std::uint32_t (&b)[2], const float4& tokens,
                                             const int4& start) {
    int first[4] = {start.x, start.y, start.z, start.w};
    int second[4] = {start.x, start.y, start.z, start.w};
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
        if constexpr (kHasMinsByFma<type>)
            sums[index] = fmaf(weights.min[row], index % 2 == 0 ? tokens.y : tokens.w, sums[index]);
    }
}

template <class Shape>
using TileSums = float[Shape::kRowTiles][Shape::kTokenTiles][4];

// A unit's values and its round's scales in shared memory, and four times kSumBias. That comes from
// shared memory too, as four numbers that the compiler cannot know to be one: it then keeps them in
// the four registers that mma wants, instead of copying one there for every mma (sm_80 to sm_89: a
// tenth of all instructions).
struct StagedTokens {
    const std::byte* values;
    const std::byte* scales;
    int4 start;
};

// Group `group` of the round, 8-bit activations.
template <class Shape, DType type, int group>
__device__ __forceinline__ void addGroup(TileSums<Shape>& sums,
                                         const RecordReader<type> (&readers)[Shape::kRowTiles],
                                         const StagedTokens& tokens, int lane) {
    constexpr int kInUnit = group % Shape::kUnitGroups;
    GroupWeights<type> weights[Shape::kRowTiles];
#pragma unroll
    for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
        weights[rowTile].template decode<group>(readers[rowTile]);
    const std::byte* const values = tokens.values + kInUnit * Shape::kGroupBytes + 8 * lane;
    const std::byte* const scales = tokens.scales + group * Shape::kScaleBytes + 16 * (lane % 4);
#pragma unroll
    for (int tokenTile = 0; tokenTile < Shape::kTokenTiles; ++tokenTile) {
        const uint2 words =
            *reinterpret_cast<const uint2*>(values + tokenTile * Shape::kValueTileBytes);
        const float4 scaleAndSum =
            *reinterpret_cast<const float4*>(scales + tokenTile * Shape::kScaleTileBytes);
        const std::uint32_t b[2] = {words.x, words.y};
#pragma unroll
        for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
            addTokenTile(sums[rowTile][tokenTile], weights[rowTile], b, scaleAndSum, tokens.start);
    }
}

// ---- Minimums by mma (kMinsByMma): of the eight groups of a record at once, groups as columns.
// min is 6 bits, exact in bf16; a float is exactly three bf16, high, middle and low. dMin
// multiplies what comes out.

// The upper halves of two floats: both cut to bf16.
__device__ __forceinline__ std::uint32_t cutToBf16(float first, float second) {
    return __byte_perm(__float_as_uint(first), __float_as_uint(second), 0x7632u);
}
__device__ __forceinline__ float cutOff(float value) {
    return value - __uint_as_float(__float_as_uint(value) & 0xffff0000u);
}

// Of one row tile.
struct RecordMins {
    std::uint32_t a[2];
    float negativeDMin[2];

    __device__ __forceinline__ void decode(const uint4 (&headers)[2], int lane) {
#pragma unroll
        for (int row = 0; row < 2; ++row) {
            // Groups 2t and 2t + 1: mins 0-3 are the lower six bits of the header's bytes 8-11; of
            // mins 4-7 these hold the top two, the upper halves of bytes 12-15 the rest.
            const uint4& header = headers[row];
            const std::uint32_t lower = header.z & 0x3f3f3f3fu;
            const std::uint32_t upper =
                (header.w >> 4 & 0x0f0f0f0fu) | (header.z >> 2 & 0x30303030u);
            const std::uint32_t mins = (lane & 2) == 0 ? lower : upper;
            // A byte in the lowest bits of a float with exponent 23 is 2^23 + byte.
            const std::uint32_t selector = 0x7540u + 2u * static_cast<unsigned>(lane & 1);
            const float even = __uint_as_float(__byte_perm(mins, 0x4b000000u, selector));
            const float odd = __uint_as_float(__byte_perm(mins, 0x4b000000u, selector + 1u));
            a[row] = cutToBf16(even - 8388608.0f, odd - 8388608.0f);
            negativeDMin[row] = -halfBitsToFloat(header.x >> 16);
        }
    }
};

template <class Shape, DType type>
__device__ __forceinline__ void addMins(TileSums<Shape>& sums,
                                        const RecordReader<type> (&readers)[Shape::kRowTiles],
                                        const std::byte* scales, int lane) {
    RecordMins mins[Shape::kRowTiles];
#pragma unroll
    for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile)
        mins[rowTile].decode(readers[rowTile].headers, lane);
    // Scale * sum of token g in groups 2t and 2t + 1.
    const std::byte* const own = scales + 2 * (lane % 4) * Shape::kScaleBytes + 8 * (lane / 4) + 4;
#pragma unroll
    for (int tokenTile = 0; tokenTile < Shape::kTokenTiles; ++tokenTile) {
        const std::byte* const tile = own + tokenTile * Shape::kScaleTileBytes;
        const float even = *reinterpret_cast<const float*>(tile);
        const float odd = *reinterpret_cast<const float*>(tile + Shape::kScaleBytes);
        const float evenRest = cutOff(even);
        const float oddRest = cutOff(odd);
        const std::uint32_t high = cutToBf16(even, odd);
        const std::uint32_t middle = cutToBf16(evenRest, oddRest);
        const std::uint32_t low = cutToBf16(cutOff(evenRest), cutOff(oddRest));
#pragma unroll
        for (int rowTile = 0; rowTile < Shape::kRowTiles; ++rowTile) {
            float products[4] = {0.0f, 0.0f, 0.0f, 0.0f};
            mmaBf16k8(products, mins[rowTile].a, low);
            mmaBf16k8(products, mins[rowTile].a, middle);
            mmaBf16k8(products, mins[rowTile].a, high);
#pragma unroll
            for (int index = 0; index < 4; ++index) {
                float& sum = sums[rowTile][tokenTile][index];
                sum = fmaf(products[index], mins[rowTile].negativeDMin[index / 2], sum);
            }
        }
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
                                              const StagedTokens& tokens, int lane) {
    constexpr int kInUnit = group % Shape::kUnitGroups;
    const std::byte* const values = tokens.values + kInUnit * Shape::kGroupBytes;
    const std::byte* const scales = tokens.scales + group * Shape::kScaleBytes + 16 * (lane % 4);
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
        const float4 scaleAndSum =
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
                own[index] = fmaf(products[index], index % 2 == 0 ? scaleAndSum.x : scaleAndSum.z,
                                  own[index]);
        }
    }
}

}  // namespace sotto::cuda
