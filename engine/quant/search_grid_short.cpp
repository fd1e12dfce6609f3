#include "engine/quant/search_block.h"
#include "engine/quant/signed_points.h"

namespace sotto {
namespace {

template <std::size_t nPoints>
struct TraitsIQ3 {
    using Finder = PointFinder<nPoints, kShortPoint, 8>;
    static constexpr int kSubBlockWeights = 32;
    static constexpr int kMaxFactor = 15;
    static constexpr ReachRange kReach{0.86f, 0.07f, 9};
};

struct TraitsIQ3_XXS : TraitsIQ3<256> {
    static constexpr float kLargestLevel = 62;
    static constexpr SignRule kSigns = SignRule::Even;
    static const Finder& finder() {
        static const Finder finder(gridIQ3_XXS(), kMagnitudesIQ3_XXS, 16);
        return finder;
    }
};

struct TraitsIQ3_S : TraitsIQ3<512> {
    static constexpr float kLargestLevel = 15;
    static constexpr SignRule kSigns = SignRule::Free;
    static const Finder& finder() {
        static const Finder finder(gridIQ3_S(), kMagnitudesIQ3_S, 16);
        return finder;
    }
};

constexpr float kUnitIQ3_XXS = 4.0f;  // a scale is d * (2 * factor + 1) / 4
constexpr float kUnitIQ3_S = 1.0f;

}  // namespace

void searchBlock(const BlockSource& source, BlockIQ3_XXS& block) {
    const SignedPoints<TraitsIQ3_XXS> points(source);
    const auto fit = GridSuperFit(points, source.method).run(kUnitIQ3_XXS);
    block.d = fit.d;
    for (std::size_t subBlock = 0; subBlock < fit.factors.size(); ++subBlock) {
        const float inverse = inverseScaleOf(fit, subBlock, kUnitIQ3_XXS);
        for (std::size_t point = 8 * subBlock; point < 8 * (subBlock + 1); ++point)
            block.codes[point] =
                static_cast<std::uint8_t>(points.nearest(kShortPoint * point, inverse));
        const std::uint32_t signs = points.signsAndFactor(subBlock, fit.factors[subBlock]);
        block.scalesAndSigns[2 * subBlock] = static_cast<std::uint16_t>(signs);
        block.scalesAndSigns[2 * subBlock + 1] = static_cast<std::uint16_t>(signs >> 16);
    }
}

void searchBlock(const BlockSource& source, BlockIQ3_S& block) {
    const SignedPoints<TraitsIQ3_S> points(source);
    const auto fit = GridSuperFit(points, source.method).run(kUnitIQ3_S);
    block.d = fit.d;
    putNibbleFactors(fit, block.scales);
    for (std::size_t subBlock = 0; subBlock < fit.factors.size(); ++subBlock) {
        const float inverse = inverseScaleOf(fit, subBlock, kUnitIQ3_S);
        for (std::size_t point = 0; point < 8; ++point) {
            const std::size_t ofBlock = 8 * subBlock + point;
            const unsigned code = points.nearest(kShortPoint * ofBlock, inverse);
            block.codes[ofBlock] = static_cast<std::uint8_t>(code & 0xff);
            block.highBits[subBlock] |= static_cast<std::uint8_t>((code >> 8) << point);
        }
    }
    for (std::size_t group = 0; group < kSuperBlock / kGroup; ++group)
        block.signs[group] = static_cast<std::uint8_t>(points.signs(group));
}

}  // namespace sotto
