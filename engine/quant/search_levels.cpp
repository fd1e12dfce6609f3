#include <bit>
#include <cmath>
#include <limits>

#include "base/small_floats.h"
#include "engine/quant/fit_levels.h"
#include "engine/quant/search_block.h"

namespace sotto {
namespace SOTTO_SEARCH_SET {
namespace {

using LevelsQ4_0 = IntegerLevels<-8, 7>;
using LevelsQ5_0 = IntegerLevels<-16, 15>;
using LevelsTernary = IntegerLevels<-1, 1>;
using LevelsQ2_0 = IntegerLevels<-1, 2>;

float inverseOf(float scale) { return scale != 0.0f ? 1.0f / scale : 0.0f; }

// Nibbles of 2 * nHalf weights, as in Q4_0.
template <typename Book, int nHalf>
void putNibbles(const float* values, float scale, std::uint8_t* codes) {
    const float inverse = inverseOf(scale);
    for (int index = 0; index < nHalf; ++index)
        codes[index] = static_cast<std::uint8_t>(Book::code(values[index] * inverse) |
                                                 Book::code(values[index + nHalf] * inverse) << 4);
}

float e4m3(int bits) { return fromUnsignedE4M3(static_cast<unsigned>(bits)); }

// The bits of the nearest E4M3 without a sign.
int nearestE4M3(float value) {
    constexpr int kLargest = 0x7e;  // 448; 0x7f is NaN
    int low = 0;
    int high = kLargest;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        (e4m3(middle) <= value ? low : high) = middle;
    }
    return value - e4m3(low) <= e4m3(high) - value ? low : high;
}

// The ternary digits of nDigits * nCodes weights, digit by digit, as bytes whose value over 256 is
// the digits' over 3^nDigits, rounded up.
void putTernary(const float* values, float inverse, int nCodes, int nDigits, std::uint8_t* codes) {
    for (int index = 0; index < nCodes; ++index) {
        int number = 0;
        for (int place = 0; place < 5; ++place) {
            const int digit =
                place < nDigits ? LevelsTernary::code(values[place * nCodes + index] * inverse) : 0;
            number = 3 * number + digit;
        }
        codes[index] = static_cast<std::uint8_t>((number * 256 + 242) / 243);
    }
}

}  // namespace

void searchBlock(const BlockSource& source, BlockQ4_0& block) {
    block.d = finiteHalf(fitLevels<LevelsQ4_0, kSmallBlock>(source, 0));
    putNibbles<LevelsQ4_0, kSmallBlock / 2>(source.values, toFloat(block.d), block.codes);
}

void searchBlock(const BlockSource& source, BlockQ5_0& block) {
    block.d = finiteHalf(fitLevels<LevelsQ5_0, kSmallBlock>(source, 0));
    const float inverse = inverseOf(toFloat(block.d));
    for (int index = 0; index < kSmallBlock; ++index)
        putSmallCode(block, index, LevelsQ5_0::code(source.values[index] * inverse));
}

void searchBlock(const BlockSource& source, BlockIQ4_NL& block) {
    block.d = finiteHalf(fitLevels<LevelsIQ4, kSmallBlock>(source, 0));
    putNibbles<LevelsIQ4, kSmallBlock / 2>(source.values, toFloat(block.d), block.codes);
}

void searchBlock(const BlockSource& source, BlockMXFP4& block) {
    const float extreme = std::fabs(extremeOf<kSmallBlock>(source.values));
    if (extreme < kSmallestScale) return;
    // The format's own rule (OCP Microscaling v1.0, 6.3): the extreme's exponent less that of the
    // largest level. With its neighbours where there is a search.
    const int direct = std::ilogb(extreme) - 3;
    float bestGain = -std::numeric_limits<float>::infinity();
    int best = direct;
    for (int exponent = direct - 1; exponent <= direct + 1; ++exponent) {
        if (source.method == QuantizeMethod::Nearest) break;
        const float scale = std::ldexp(1.0f, exponent);
        const float gain =
            levelSums<LevelsFP4, kSmallBlock>(source.values, source.weights, 1.0f / scale)
                .gainAt(scale);
        if (!(gain > bestGain)) continue;
        bestGain = gain;
        best = exponent;
    }
    best = std::clamp(best, -127, 127);
    block.exponent = static_cast<std::uint8_t>(best + 128);
    putNibbles<LevelsFP4, kSmallBlock / 2>(source.values, std::ldexp(1.0f, best), block.codes);
}

void searchBlock(const BlockSource& source, BlockNVFP4& block) {
    for (int subBlock = 0; subBlock < 4; ++subBlock) {
        const float* const values = source.values + 16 * subBlock;
        // A level is twice an E2M1 number.
        const int direct =
            nearestE4M3(2.0f * std::fabs(fitLevels<LevelsFP4, 16>(source, 16 * subBlock)));
        float bestGain = 0.0f;
        int best = direct;
        for (int bits = std::max(direct - 1, 1); bits <= std::min(direct + 1, 0x7e); ++bits) {
            if (source.method == QuantizeMethod::Nearest) break;
            const float scale = 0.5f * e4m3(bits);
            const float gain =
                levelSums<LevelsFP4, 16>(values, source.weights + 16 * subBlock, 1.0f / scale)
                    .gainAt(scale);
            if (!(gain > bestGain)) continue;
            bestGain = gain;
            best = bits;
        }
        block.scales[subBlock] = static_cast<std::uint8_t>(best);
        putNibbles<LevelsFP4, 8>(values, 0.5f * e4m3(best), block.codes + 8 * subBlock);
    }
}

void searchBlock(const BlockSource& source, BlockTQ1_0& block) {
    block.d = finiteHalf(std::fabs(fitLevels<LevelsTernary, kSuperBlock>(source, 0)));
    const float inverse = inverseOf(toFloat(block.d));
    putTernary(source.values, inverse, 32, 5, block.codes);
    putTernary(source.values + 160, inverse, 16, 5, block.codes + 32);
    putTernary(source.values + 240, inverse, 4, 4, block.lastCodes);
}

void searchBlock(const BlockSource& source, BlockTQ2_0& block) {
    block.d = finiteHalf(std::fabs(fitLevels<LevelsTernary, kSuperBlock>(source, 0)));
    const float inverse = inverseOf(toFloat(block.d));
    for (int position = 0; position < kSuperBlock; ++position)
        putLowKCode(block.codes, position, LevelsTernary::code(source.values[position] * inverse));
}

void searchBlock(const BlockSource& source, BlockQ1_0& block) {
    constexpr int kWeights = 128;
    // With only signs to choose the least squares give the weighted mean of the magnitudes.
    float magnitudes = 0.0f;
    float costs = 0.0f;
    for (int index = 0; index < kWeights; ++index) {
        const float cost = source.method == QuantizeMethod::Nearest ? 1.0f : source.weights[index];
        magnitudes += cost * std::fabs(source.values[index]);
        costs += cost;
        if (source.values[index] >= 0.0f)
            block.codes[index / 8] |= static_cast<std::uint8_t>(1 << (index % 8));
    }
    block.d = finiteHalf(magnitudes / costs);
}

void searchBlock(const BlockSource& source, BlockQ2_0& block) {
    block.d = finiteHalf(fitLevels<LevelsQ2_0, 64>(source, 0));
    const float inverse = inverseOf(toFloat(block.d));
    for (int index = 0; index < 64; ++index)
        block.codes[index / 4] |= static_cast<std::uint8_t>(
            LevelsQ2_0::code(source.values[index] * inverse) << (2 * (index % 4)));
}

}  // namespace SOTTO_SEARCH_SET
}  // namespace sotto
