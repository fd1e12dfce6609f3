// One row group (16 rows) against one tile of T tokens, for every packed type.
//
// Formula, per row and block of 32 columns (16 for Q6_K), blocks in order:
//   offset types (Q8_0: 128, Q4_0: 8, Q5_0: 16, Q6_K: 32):
//     acc += float(sum(code * xq) - offset * sum(xq)) * (d * xScale)
//   minimum types (Q4_K, Q5_K): acc += float(sum(code * xq)) * (d * sc * xScale);
//     acc -= (dmin * m) * (xScale * sum(xq))
//   Q4_1, Q5_1: the same with d for d * sc, and acc += m * (xScale * sum(xq))
// The integer sums are exact (at most 32 * 255 * 127 = 1 036 320 in magnitude), d * sc is exact in
// float (11 + 8 bits), and the float chain runs over the blocks in order, whatever T is: each
// token's result is the same bits in every batch.
// Lanes are rows; the tokens' bytes are broadcast. With AVX-512 T = 12 uses 12 integer and 12 float
// accumulators of the 32 registers. Bytes moved: the group once, the tile once (from L1/L2). A
// block of Q4_K is 288 bytes, 17 to 20 ns of one core's share of memory; its arithmetic takes 6 ns
// for one token and 2.4 for each further one, so up to eight tokens are nearly free where both
// overlap. Source of the formats: engine/quant/block_layouts.md; of the layout: packed_weight.h.
#pragma once

#include <limits>
#include <utility>

#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

// Into the second-level cache: requests for the first-level one occupy its 10 to 16 line buffers
// until memory answers, those for the second level only its own, three times as many.
inline __attribute__((always_inline)) void fetchLine(const std::byte* line) {
    __builtin_prefetch(line, 0, 2);
}

// Scales of one unit of Q4_K or Q5_K: the file's 6-bit fields, spread to floats per block.
// Fields: sc[j] = q[j] & 63, m[j] = q[j+4] & 63 for j < 4; for j >= 4
// sc[j] = (q[j+4] & 15) | (q[j-4] >> 6) << 4 and m[j] = (q[j+4] >> 4) | (q[j] >> 6) << 4. Byte
// planes of 16 rows lie side by side, so that one chunk holds four of the fields.
template <class V>
struct MinimumScales {
    alignas(64) std::uint8_t scale[8 * 16];
    alignas(64) std::uint8_t minimum[8 * 16];
    typename V::F d;
    typename V::F dMin;

    void read(const std::byte* unit) {
        const auto q0 = V::loadBytes(unit);
        const auto q4 = V::loadBytes(unit + 64);
        const auto q8 = V::loadBytes(unit + 128);
        V::storeBytes(scale, V::andMask(q0, 63));
        V::storeBytes(minimum, V::andMask(q4, 63));
        V::storeBytes(scale + 64,
                      V::orBytes(V::andMask(q8, 15), V::template shiftRightMasked<2>(q0, 0x30)));
        V::storeBytes(minimum + 64, V::orBytes(V::template shiftRightMasked<4>(q8, 15),
                                               V::template shiftRightMasked<2>(q4, 0x30)));
        d = V::loadHalf(unit + 192);
        dMin = V::loadHalf(unit + 224);
    }
};

// Step kStep of a block's nibble chunks, with the chunk of fifth bits behind them where there is
// one.
template <class V, int kStep, bool kHasFifthBit>
inline __attribute__((always_inline)) typename V::B nibbleCodes(const std::byte* nibbles) {
    const auto low = V::template shiftRightMasked<kStep / 4 * 4>(
        V::loadBytes(nibbles + kStep % 4 * kChunkBytes), 15);
    if constexpr (kHasFifthBit)
        return V::orBytes(low, V::template shiftRightMasked<kStep - 4>(
                                   V::loadBytes(nibbles + 4 * kChunkBytes), 0x10));
    else
        return low;
}

// A weight source hands out the 16 x 4 codes of one step (0..7) of the current block of 32 columns
// and that block's scales.
//
// Q8_0, Q4_0 and Q5_0, with a plane of scales; Q4_1 and Q5_1, whose scales and minima lie in front
// of the block's codes.
template <class V, int kCodeBits, bool kHasMin>
struct SourceSmall {
    static constexpr bool kHasMinimum = kHasMin;
    static constexpr bool kIsMinimumAdded = true;
    static constexpr int kOffsetShift = kHasMin ? 0 : kCodeBits - 1;
    static constexpr int kScalesPerBlock = 1;
    static constexpr std::int64_t kHeadBytes = kHasMin ? 64 : 0;
    static constexpr std::int64_t kBytesPerBlock = kHeadBytes + kCodeBits * kChunkBytes;
    const std::byte* scales;
    const std::byte* unit;

    SourceSmall(const std::byte* group, std::int64_t scalePlaneBytes)
        : scales(group), unit(group + scalePlaneBytes) {}
    void beginBlock(std::int64_t) {}
    void endBlock(std::int64_t) {
        scales += kHasMin ? kBytesPerBlock : 32;
        unit += kBytesPerBlock;
    }
    template <int kStep>
    typename V::B codes() const {
        if constexpr (kCodeBits == 8)
            return V::loadBytes(unit + kStep * kChunkBytes);
        else
            return nibbleCodes<V, kStep, kCodeBits == 5>(unit + kHeadBytes);
    }
    typename V::F scale(std::int64_t, int) const { return V::loadHalf(scales); }
    typename V::F minimum(std::int64_t) const { return V::loadHalf(scales + 32); }
};

// Q4_K and Q5_K differ by the chunk of fifth bits.
template <class V, bool kHasFifthBit>
struct SourceMinimum {
    static constexpr bool kHasMinimum = true;
    static constexpr bool kIsMinimumAdded = false;
    static constexpr int kOffsetShift = 0;
    static constexpr int kScalesPerBlock = 1;
    static constexpr std::int64_t kBlockBytes = 256 + (kHasFifthBit ? 64 : 0);
    static constexpr std::int64_t kUnitBytes = 256 + 8 * kBlockBytes;
    static constexpr std::int64_t kBytesPerBlock = kUnitBytes / 8;
    const std::byte* unit;
    const std::byte* nibbles = nullptr;
    MinimumScales<V> unitScales;

    SourceMinimum(const std::byte* group, std::int64_t) : unit(group) {}
    void beginBlock(std::int64_t block) {
        if (block % 8 == 0) unitScales.read(unit);
        nibbles = unit + 256 + block % 8 * kBlockBytes;
    }
    void endBlock(std::int64_t block) {
        if (block % 8 == 7) unit += kUnitBytes;
    }
    template <int kStep>
    typename V::B codes() const {
        return nibbleCodes<V, kStep, kHasFifthBit>(nibbles);
    }
    typename V::F scale(std::int64_t block, int) const {
        return V::mul(unitScales.d, V::loadUint8(unitScales.scale + block % 8 * 16));
    }
    typename V::F minimum(std::int64_t block) const {
        return V::mul(unitScales.dMin, V::loadUint8(unitScales.minimum + block % 8 * 16));
    }
};

// Q6_K: a signed 8-bit scale per 16 columns.
template <class V>
struct SourceQ6K {
    static constexpr bool kHasMinimum = false;
    static constexpr int kOffsetShift = 5;
    static constexpr int kScalesPerBlock = 2;
    static constexpr std::int64_t kBlockBytes = 256 + 2 * 64;
    static constexpr std::int64_t kUnitBytes = 256 + 8 * kBlockBytes;
    static constexpr std::int64_t kBytesPerBlock = kUnitBytes / 8;
    const std::byte* scales;
    const std::byte* unit;
    const std::byte* nibbles = nullptr;

    SourceQ6K(const std::byte* group, std::int64_t scalePlaneBytes)
        : scales(group), unit(group + scalePlaneBytes) {}
    void beginBlock(std::int64_t block) { nibbles = unit + 256 + block % 8 * kBlockBytes; }
    void endBlock(std::int64_t block) {
        if (block % 8 == 7) unit += kUnitBytes, scales += 32;
    }
    template <int kStep>
    typename V::B codes() const {
        const auto low = nibbleCodes<V, kStep, false>(nibbles);
        return V::orBytes(low, V::template shiftRightMasked<kStep % 4 * 2 - 4>(
                                   V::loadBytes(nibbles + (4 + kStep / 4) * kChunkBytes), 0x30));
    }
    typename V::F scale(std::int64_t block, int half) const {
        return V::mul(V::loadHalf(scales), V::loadInt8(unit + (block % 8 * 2 + half) * 16));
    }
};

// A line of what comes next is asked for with every step, not all at once: then the requests and
// the arithmetic share the ports evenly.
template <class V, class Source, int T, int kFirstStep, int kLastStep>
inline __attribute__((always_inline)) void addSteps(const Source& source, const std::int8_t* x,
                                                    const std::byte* ahead, typename V::I* sums) {
    if constexpr (kFirstStep < kLastStep) {
        static_assert(Source::kBytesPerBlock <= 8 * 64);
        if constexpr (kFirstStep * 64 < Source::kBytesPerBlock) fetchLine(ahead + kFirstStep * 64);
        const auto codes = source.template codes<kFirstStep>();
#pragma GCC unroll 16
        for (int token = 0; token < T; ++token) {
            const std::int8_t* four = x + (kFirstStep * T + token) * 4;
            if constexpr (Source::kOffsetShift == 7 && !V::kHasUnsignedDot)
                sums[token] = V::dotOffset128(sums[token], codes, four);
            else
                sums[token] = V::dot(sums[token], codes, four);
        }
        addSteps<V, Source, T, kFirstStep + 1, kLastStep>(source, x, ahead, sums);
    }
}

// The integer sums before the first step: minus the offset times the sum of the activations.
template <class V, class Source, int T>
inline __attribute__((always_inline)) void startSums(const std::int32_t* negSums,
                                                     typename V::I* sums) {
    constexpr bool isFolded =
        Source::kHasMinimum || (Source::kOffsetShift == 7 && !V::kHasUnsignedDot);
#pragma GCC unroll 16
    for (int token = 0; token < T; ++token) {
        if constexpr (isFolded) {
            sums[token] = V::set1Int(0);
        } else {
            std::int32_t negative = negSums[token];
            if constexpr (Source::kScalesPerBlock == 1) negative += negSums[T + token];
            sums[token] = V::template shiftLeft<Source::kOffsetShift>(V::set1Int(negative));
        }
    }
}

template <class V>
inline void storeTileRow(const PackedTileArgs& args, int token, typename V::F value) {
    float* out = args.out + token * args.outStride;
    if (args.bias != nullptr) value = V::add(value, V::loadPartial(args.bias, args.nLanes));
    if (args.isAccumulating) value = V::add(V::loadPartial(out, args.nLanes), value);
    V::storePartial(out, value, args.nLanes);
}

template <class V, class Source, int T>
void packedTile(const PackedTileArgs& args) {
    constexpr int kHalves = Source::kScalesPerBlock;
    constexpr int kStepsPerScale = 8 / kHalves;
    Source source(args.group, args.scalePlaneBytes);
    typename V::F acc[T];
#pragma GCC unroll 16
    for (int token = 0; token < T; ++token) acc[token] = V::zero();
    const std::int8_t* x = args.x.quants;
    const float* xScales = args.x.scales;
    const float* xSums = args.x.sums;
    const std::int32_t* negSums = args.x.negSums;
    const std::byte* here = source.unit;
    std::int64_t untilFetch = args.fetchFirst;
    for (std::int64_t block = 0; block < args.nCols / 32; ++block) {
        source.beginBlock(block);
        // Where nothing is to be fetched, the block itself, which is there.
        const std::byte* ahead = here;
        if (untilFetch-- == 0) {
            untilFetch = args.fetchEvery - 1;
            if (here + args.fetchBytes <= args.fetchEnd) ahead += args.fetchBytes;
        }
        typename V::I sums[T];
        startSums<V, Source, T>(negSums, sums);
        addSteps<V, Source, T, 0, kStepsPerScale>(source, x, ahead, sums);
        const auto scale = source.scale(block, 0);
#pragma GCC unroll 16
        for (int token = 0; token < T; ++token)
            acc[token] = V::fma(V::toFloatVector(sums[token]),
                                V::mul(scale, V::set1(xScales[token])), acc[token]);
        if constexpr (kHalves == 2) {
            startSums<V, Source, T>(negSums + T, sums);
            addSteps<V, Source, T, kStepsPerScale, 8>(source, x, ahead, sums);
            const auto second = source.scale(block, 1);
#pragma GCC unroll 16
            for (int token = 0; token < T; ++token)
                acc[token] = V::fma(V::toFloatVector(sums[token]),
                                    V::mul(second, V::set1(xScales[token])), acc[token]);
        }
        if constexpr (Source::kHasMinimum) {
            const auto minimum = source.minimum(block);
#pragma GCC unroll 16
            for (int token = 0; token < T; ++token)
                acc[token] = Source::kIsMinimumAdded
                                 ? V::fma(minimum, V::set1(xSums[token]), acc[token])
                                 : V::fnma(minimum, V::set1(xSums[token]), acc[token]);
        }
        source.endBlock(block);
        here += Source::kBytesPerBlock;
        x += 32 * T, xScales += T, xSums += T, negSums += 2 * T;
    }
#pragma GCC unroll 16
    for (int token = 0; token < T; ++token) storeTileRow<V>(args, token, acc[token]);
}

template <class V, class Source, int... kTokensBelow>
constexpr void fillTilesOf(PackedTileFunction* tiles, std::integer_sequence<int, kTokensBelow...>) {
    ((tiles[kTokensBelow + 1] = packedTile<V, Source, kTokensBelow + 1>), ...);
}

// A tile for every count of tokens up to kTileTokens: however few they are, a weight is unpacked
// once for all of them.
template <class V, int kTileTokens>
constexpr void fillPackedTiles(KernelTable& table) {
    static_assert(kTileTokens <= kMaxTileTokens);
    constexpr std::make_integer_sequence<int, kTileTokens> sizes;
    fillTilesOf<V, SourceSmall<V, 8, false>>(table.packedTile[0], sizes);
    fillTilesOf<V, SourceSmall<V, 4, false>>(table.packedTile[1], sizes);
    fillTilesOf<V, SourceSmall<V, 4, true>>(table.packedTile[2], sizes);
    fillTilesOf<V, SourceSmall<V, 5, false>>(table.packedTile[3], sizes);
    fillTilesOf<V, SourceSmall<V, 5, true>>(table.packedTile[4], sizes);
    fillTilesOf<V, SourceMinimum<V, false>>(table.packedTile[5], sizes);
    fillTilesOf<V, SourceMinimum<V, true>>(table.packedTile[6], sizes);
    fillTilesOf<V, SourceQ6K<V>>(table.packedTile[7], sizes);
    table.tileTokens = kTileTokens;
}

// Activations of one token to int8, 32 columns at a time, written into the tile's interleaved form.
// Where a column is NaN or infinite the scale is, and with it all that is made from it.
template <class V>
void quantizeToken(const float* x, std::int64_t nCols, int nTileTokens, int tokenIndex,
                   const ActivationTile& tile) {
    const std::int64_t stride = nTileTokens;
    for (std::int64_t block = 0; block < nCols / 32; ++block) {
        const auto first = V::load(x + block * 32);
        const auto second = V::load(x + block * 32 + 16);
        const float largest = V::reduceMaxMagnitude(first, second);
        const float inverse = largest > 0.0f ? 127.0f / largest : 0.0f;
        const float scale = largest / 127.0f;
        // 127 / largest overflows for subnormal inputs; those are as good as zero.
        const auto factor = V::set1(inverse <= 3.0e38f ? inverse : 0.0f);
        // What is no number has no whole one: the scale alone carries it on.
        const bool isFinite = largest <= std::numeric_limits<float>::max();
        const auto low = V::roundToInt(isFinite ? V::mul(first, factor) : V::set1(0.0f));
        const auto high = V::roundToInt(isFinite ? V::mul(second, factor) : V::set1(0.0f));
        alignas(32) std::int8_t bytes[32];
        V::storeInt8(bytes, low, high);
        const std::int32_t sumLow = V::reduceAddInt(low);
        const std::int32_t sumHigh = V::reduceAddInt(high);
        tile.scales[block * stride + tokenIndex] = scale;
        tile.sums[block * stride + tokenIndex] = scale * static_cast<float>(sumLow + sumHigh);
        tile.negSums[(block * 2) * stride + tokenIndex] = -sumLow;
        tile.negSums[(block * 2 + 1) * stride + tokenIndex] = -sumHigh;
        std::int8_t* target = tile.quants + (block * 8 * stride + tokenIndex) * 4;
        for (int step = 0; step < 8; ++step)
            std::memcpy(target + step * stride * 4, bytes + step * 4, 4);
    }
}

}  // namespace sotto::cpu
