#include "engine/quant/fit_levels.h"
#include "engine/quant/search_block.h"

namespace sotto {
namespace SOTTO_SEARCH_SET {
namespace {

using LevelsQ3_K = IntegerLevels<-4, 3>;
using LevelsQ6_K = IntegerLevels<-32, 31>;

// The inverse of a sub-block's scale as a reader sees it.
template <std::size_t nSubBlocks>
float inverseScale(const SuperScale<nSubBlocks>& fit, std::size_t subBlock) {
    const float scale = toFloat(fit.d) * static_cast<float>(fit.factors[subBlock]);
    return scale != 0.0f ? 1.0f / scale : 0.0f;
}

}  // namespace

void searchBlock(const BlockSource& source, BlockQ3_K& block) {
    const auto fit = LevelSuperFit<LevelsQ3_K, 16, 16>(source, -32, 31).run();
    block.d = fit.d;
    for (int subBlock = 0; subBlock < 16; ++subBlock) {
        const auto index = static_cast<std::size_t>(subBlock);
        putScaleQ3_K(block.scales, subBlock, fit.factors[index] + 32);
        for (int position = 16 * subBlock; position < 16 * (subBlock + 1); ++position) {
            const int code = LevelsQ3_K::code(source.values[position] * inverseScale(fit, index));
            putLowKCode(block.codes, position, code & 3);
            block.highBits[position % 32] |=
                static_cast<std::uint8_t>((code >> 2) << (position / 32));
        }
    }
}

void searchBlock(const BlockSource& source, BlockQ6_K& block) {
    const auto fit = LevelSuperFit<LevelsQ6_K, 16, 16>(source, -128, 127).run();
    block.d = fit.d;
    for (int position = 0; position < kSuperBlock; ++position) {
        const auto subBlock = static_cast<std::size_t>(position / 16);
        block.scales[subBlock] = static_cast<std::int8_t>(fit.factors[subBlock]);
        const int code = LevelsQ6_K::code(source.values[position] * inverseScale(fit, subBlock));
        putCodeQ6_K(block, position, code);
    }
}

void searchBlock(const BlockSource& source, BlockIQ4_XS& block) {
    const auto fit = LevelSuperFit<LevelsIQ4, 8, 32>(source, -32, 31).run();
    block.d = fit.d;
    for (int subBlock = 0; subBlock < 8; ++subBlock) {
        const auto index = static_cast<std::size_t>(subBlock);
        const int factor = fit.factors[index] + 32;
        block.scalesLow[subBlock / 2] |=
            static_cast<std::uint8_t>((factor & 0x0f) << (subBlock % 2 == 0 ? 0 : 4));
        block.scalesHigh =
            static_cast<std::uint16_t>(block.scalesHigh | (factor >> 4) << (2 * subBlock));
        const float inverse = inverseScale(fit, index);
        const float* const values = source.values + 32 * subBlock;
        for (int weight = 0; weight < 16; ++weight)
            block.codes[16 * subBlock + weight] =
                static_cast<std::uint8_t>(LevelsIQ4::code(values[weight] * inverse) |
                                          LevelsIQ4::code(values[weight + 16] * inverse) << 4);
    }
}

}  // namespace SOTTO_SEARCH_SET
}  // namespace sotto
