#include <cstring>

#include "engine/quant/grids.h"
#include "engine/quant/read_block.h"

namespace sotto {
namespace {

constexpr int kSubBlockWeights = 32;
constexpr int kSubBlocksOfSuper = kSuperBlock / kSubBlockWeights;
constexpr int kGroupsOfSubBlock = kSubBlockWeights / kGroup;

// One point with its signs, of the first nWeights bits.
template <std::size_t nWeights>
void readPoint(const std::array<std::int8_t, nWeights>& point, unsigned signs, float scale,
               float* out) {
    for (std::size_t index = 0; index < nWeights; ++index) {
        const float magnitude = scale * static_cast<float>(point[index]);
        out[index] = (signs >> index & 1) != 0 ? -magnitude : magnitude;
    }
}

// The scale of four bits of IQ2 and IQ3_XXS.
float halfStepScale(float d, unsigned scale, float unit) {
    return d * (0.5f + static_cast<float>(scale & 0x0f)) * unit;
}

std::uint32_t joined(const std::uint16_t* halves) {
    return halves[0] | static_cast<std::uint32_t>(halves[1]) << 16;
}

void readShifted(const std::array<std::int8_t, kLongPoint>& point, float scale, bool isDown,
                 float* out) {
    const float shift = isDown ? -kShiftIQ1 : kShiftIQ1;
    for (std::size_t index = 0; index < kLongPoint; ++index)
        out[index] = scale * (static_cast<float>(point[index]) + shift);
}

}  // namespace

void readBlock(const BlockIQ2_XXS& block, float* out) {
    const float d = toFloat(block.d);
    for (int subBlock = 0; subBlock < kSubBlocksOfSuper; ++subBlock) {
        const std::uint32_t indices = joined(block.codes + 4 * subBlock);
        const std::uint32_t signs = joined(block.codes + 4 * subBlock + 2);
        const float scale = halfStepScale(d, signs >> 28, 0.25f);
        for (int group = 0; group < kGroupsOfSubBlock; ++group)
            readPoint(gridIQ2_XXS()[indices >> (8 * group) & 0xff], evenSigns(signs >> (7 * group)),
                      scale, out + kSubBlockWeights * subBlock + kGroup * group);
    }
}

void readBlock(const BlockIQ2_XS& block, float* out) {
    const float d = toFloat(block.d);
    for (int group = 0; group < kSuperBlock / kGroup; ++group) {
        const unsigned scale = block.scales[group / 4] >> (group % 4 < 2 ? 0 : 4);
        const unsigned code = block.codes[group];
        readPoint(gridIQ2_XS()[code & 0x1ff], evenSigns(code >> 9), halfStepScale(d, scale, 0.25f),
                  out + kGroup * group);
    }
}

void readBlock(const BlockIQ2_S& block, float* out) {
    const float d = toFloat(block.d);
    for (int group = 0; group < kSuperBlock / kGroup; ++group) {
        const unsigned scale = block.scales[group / 4] >> (group % 4 < 2 ? 0 : 4);
        const unsigned high = block.highBits[group / 4] >> (2 * (group % 4)) & 3;
        readPoint(gridIQ2_S()[block.codes[group] | high << 8], block.signs[group],
                  halfStepScale(d, scale, 0.25f), out + kGroup * group);
    }
}

void readBlock(const BlockIQ3_XXS& block, float* out) {
    const float d = toFloat(block.d);
    for (int subBlock = 0; subBlock < kSubBlocksOfSuper; ++subBlock) {
        const std::uint32_t signs = joined(block.scalesAndSigns + 2 * subBlock);
        const float scale = halfStepScale(d, signs >> 28, 0.5f);
        for (int group = 0; group < kGroupsOfSubBlock; ++group) {
            const int position = kSubBlockWeights * subBlock + kGroup * group;
            const std::uint8_t* const codes = block.codes + position / 4;
            const unsigned ofGroup = evenSigns(signs >> (7 * group));
            readPoint(gridIQ3_XXS()[codes[0]], ofGroup, scale, out + position);
            readPoint(gridIQ3_XXS()[codes[1]], ofGroup >> 4, scale, out + position + 4);
        }
    }
}

void readBlock(const BlockIQ3_S& block, float* out) {
    const float d = toFloat(block.d);
    for (int group = 0; group < kSuperBlock / kGroup; ++group) {
        const int subBlock = group / 4;
        const unsigned factor = block.scales[subBlock / 2] >> (subBlock % 2 == 0 ? 0 : 4) & 0x0f;
        const float scale = d * static_cast<float>(1 + 2 * factor);
        for (int half = 0; half < 2; ++half) {
            const int point = 2 * group + half;
            const unsigned high = block.highBits[subBlock] >> (point % 8) & 1;
            readPoint(gridIQ3_S()[block.codes[point] | high << 8], block.signs[group] >> (4 * half),
                      scale, out + 4 * point);
        }
    }
}

void readBlock(const BlockIQ1_S& block, float* out) {
    const float d = toFloat(block.d);
    for (int group = 0; group < kSuperBlock / kGroup; ++group) {
        const unsigned shared = block.highBits[group / 4];
        const float scale = d * static_cast<float>(2 * (shared >> 12 & 7) + 1);
        const unsigned high = shared >> (3 * (group % 4)) & 7;
        readShifted(gridIQ1()[block.codes[group] | high << 8], scale, (shared & 0x8000) != 0,
                    out + kGroup * group);
    }
}

void readBlock(const BlockIQ1_M& block, float* out) {
    unsigned bitsOfD = 0;
    for (int quarter = 0; quarter < 4; ++quarter)
        bitsOfD |= static_cast<unsigned>(block.scales[quarter] >> 12) << (4 * quarter);
    const float d = toFloat(Half{static_cast<std::uint16_t>(bitsOfD)});
    for (int group = 0; group < kSuperBlock / kGroup; ++group) {
        const int ofSixteen = group / 2;
        const unsigned factor = block.scales[ofSixteen / 4] >> (3 * (ofSixteen % 4)) & 7;
        const unsigned shared = block.highBits[ofSixteen] >> (4 * (group % 2));
        readShifted(gridIQ1()[block.codes[group] | (shared & 7) << 8],
                    d * static_cast<float>(2 * factor + 1), (shared & 8) != 0,
                    out + kGroup * group);
    }
}

}  // namespace sotto
