#include <cmath>

#include "base/small_floats.h"
#include "engine/quant/grids.h"
#include "engine/quant/read_block.h"

namespace sotto {
namespace {

// 2 * nHalf codes as in Q4_0: low nibbles first.
void readLevels(const std::uint8_t* codes, int nHalf, const std::array<std::int8_t, 16>& levels,
                float scale, float* out) {
    for (int index = 0; index < nHalf; ++index) {
        out[index] = scale * static_cast<float>(levels[codes[index] & 0x0f]);
        out[index + nHalf] = scale * static_cast<float>(levels[codes[index] >> 4]);
    }
}

// Digit `place` of five digits of base three that a byte keeps as a fraction of 243, rounded up:
// multiplying it by 3^place moves the digit in front of the point.
int ternaryDigit(std::uint8_t code, int place) {
    constexpr std::array<int, 5> kPowers{1, 3, 9, 27, 81};
    const auto moved = static_cast<std::uint8_t>(code * kPowers[static_cast<std::size_t>(place)]);
    return moved * 3 >> 8;
}

}  // namespace

void readBlock(const BlockIQ4_NL& block, float* out) {
    readLevels(block.codes, kSmallBlock / 2, kLevelsIQ4, toFloat(block.d), out);
}

void readBlock(const BlockIQ4_XS& block, float* out) {
    const float d = toFloat(block.d);
    for (int subBlock = 0; subBlock < kSuperBlock / 32; ++subBlock) {
        const float scale = d * static_cast<float>(unpackScaleIQ4_XS(block, subBlock) - 32);
        readLevels(block.codes + 16 * subBlock, 16, kLevelsIQ4, scale, out + 32 * subBlock);
    }
}

void readBlock(const BlockMXFP4& block, float* out) {
    readLevels(block.codes, kSmallBlock / 2, kLevelsFP4, std::ldexp(1.0f, block.exponent - 128),
               out);
}

void readBlock(const BlockNVFP4& block, float* out) {
    for (int subBlock = 0; subBlock < 4; ++subBlock)
        readLevels(block.codes + 8 * subBlock, 8, kLevelsFP4,
                   fromUnsignedE4M3(block.scales[subBlock]) * 0.5f, out + 16 * subBlock);
}

void readBlock(const BlockTQ1_0& block, float* out) {
    const float d = toFloat(block.d);
    // Runs of bytes whose first digits come first: the weights of a run lie digit by digit.
    const auto readRun = [&](const std::uint8_t* codes, int nCodes, int nDigits) {
        for (int place = 0; place < nDigits; ++place)
            for (int index = 0; index < nCodes; ++index)
                *out++ = static_cast<float>(ternaryDigit(codes[index], place) - 1) * d;
    };
    readRun(block.codes, 32, 5);
    readRun(block.codes + 32, 16, 5);
    readRun(block.lastCodes, 4, 4);
}

void readBlock(const BlockTQ2_0& block, float* out) {
    const float d = toFloat(block.d);
    for (int position = 0; position < kSuperBlock; ++position)
        out[position] = static_cast<float>(lowKCode(block.codes, position) - 1) * d;
}

void readBlock(const BlockQ1_0& block, float* out) {
    const float d = toFloat(block.d);
    for (int index = 0; index < 128; ++index)
        out[index] = (block.codes[index / 8] >> (index % 8) & 1) != 0 ? d : -d;
}

void readBlock(const BlockQ2_0& block, float* out) {
    const float d = toFloat(block.d);
    for (int index = 0; index < 64; ++index)
        out[index] = static_cast<float>((block.codes[index / 4] >> (2 * (index % 4)) & 3) - 1) * d;
}

}  // namespace sotto
