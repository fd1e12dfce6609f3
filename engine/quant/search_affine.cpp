#include "engine/quant/fit_affine.h"
#include "engine/quant/search_block.h"

namespace sotto {
namespace SOTTO_SEARCH_SET {
namespace {

template <int maxCode>
int codeAt(float value, float scale, float min) {
    return scale > 0.0f ? static_cast<int>(roundClamped((value + min) / scale, 0.0f, maxCode)) : 0;
}

template <int maxCode, typename Block>
void searchFromMinimum(const BlockSource& source, Block& block) {
    const AffineFactors fit = fitAffine<kSmallBlock, maxCode>(source, 0, false);
    block.d = finiteHalf(fit.scale);
    block.m = finiteHalf(-fit.min);
    for (int index = 0; index < kSmallBlock; ++index)
        putSmallCode(block, index,
                     codeAt<maxCode>(source.values[index], toFloat(block.d), -toFloat(block.m)));
}

// Q4_K and Q5_K.
template <int maxCode, typename Block>
void searchScaleAndMin(const BlockSource& source, Block& block) {
    const auto fit = AffineSuperFit<8, 32, maxCode, 63>(source).run();
    block.d = fit.d;
    block.dMin = fit.dMin;
    ScaleAndMin factors[8];
    for (std::size_t subBlock = 0; subBlock < 8; ++subBlock)
        factors[subBlock] = {static_cast<std::uint8_t>(fit.factors[subBlock].scale),
                             static_cast<std::uint8_t>(fit.factors[subBlock].min)};
    packScalesAndMins(factors, block.scales);
    for (int position = 0; position < kSuperBlock; ++position) {
        const int subBlock = position / 32;
        const int code =
            codeAt<maxCode>(source.values[position], toFloat(fit.d) * factors[subBlock].scale,
                            toFloat(fit.dMin) * factors[subBlock].min);
        block.codes[32 * (subBlock / 2) + position % 32] |=
            static_cast<std::uint8_t>((code & 0x0f) << (subBlock % 2 == 0 ? 0 : 4));
        if constexpr (requires { block.highBits; })
            block.highBits[position % 32] |= static_cast<std::uint8_t>((code >> 4) << subBlock);
    }
}

}  // namespace

void searchBlock(const BlockSource& source, BlockQ4_1& block) {
    searchFromMinimum<15>(source, block);
}
void searchBlock(const BlockSource& source, BlockQ5_1& block) {
    searchFromMinimum<31>(source, block);
}
void searchBlock(const BlockSource& source, BlockQ4_K& block) {
    searchScaleAndMin<15>(source, block);
}
void searchBlock(const BlockSource& source, BlockQ5_K& block) {
    searchScaleAndMin<31>(source, block);
}

void searchBlock(const BlockSource& source, BlockQ2_K& block) {
    const auto fit = AffineSuperFit<16, 16, 3, 15>(source).run();
    block.d = fit.d;
    block.dMin = fit.dMin;
    for (int position = 0; position < kSuperBlock; ++position) {
        const FactorPair factors = fit.factors[static_cast<std::size_t>(position / 16)];
        block.scales[position / 16] = static_cast<std::uint8_t>(factors.scale | factors.min << 4);
        putLowKCode(
            block.codes, position,
            codeAt<3>(source.values[position], toFloat(fit.d) * static_cast<float>(factors.scale),
                      toFloat(fit.dMin) * static_cast<float>(factors.min)));
    }
}

}  // namespace SOTTO_SEARCH_SET
}  // namespace sotto
