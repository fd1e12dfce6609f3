#include "engine/quant/search_block.h"
#include "engine/quant/signed_points.h"

namespace sotto {
namespace {

template <std::size_t nPoints>
struct TraitsIQ2 {
    using Finder = PointFinder<nPoints, kLongPoint, 3>;
    static constexpr int kMaxFactor = 15;
    static constexpr float kLargestLevel = 43;
    static constexpr ReachRange kReach{0.8f, 0.08f, 10};
};

struct TraitsIQ2_XXS : TraitsIQ2<256> {
    static constexpr int kSubBlockWeights = 32;
    static constexpr SignRule kSigns = SignRule::Even;
    static const Finder& finder() {
        static const Finder finder(gridIQ2_XXS(), kMagnitudesIQ2, 16);
        return finder;
    }
};

struct TraitsIQ2_XS : TraitsIQ2<512> {
    static constexpr int kSubBlockWeights = 16;
    static constexpr SignRule kSigns = SignRule::Even;
    static const Finder& finder() {
        static const Finder finder(gridIQ2_XS(), kMagnitudesIQ2, 16);
        return finder;
    }
};

struct TraitsIQ2_S : TraitsIQ2<1024> {
    static constexpr int kSubBlockWeights = 16;
    static constexpr SignRule kSigns = SignRule::Free;
    static const Finder& finder() {
        static const Finder finder(gridIQ2_S(), kMagnitudesIQ2, 16);
        return finder;
    }
};

// A scale is d * (2 * factor + 1) / 8 in all three.
constexpr float kUnitIQ2 = 8.0f;

}  // namespace

void searchBlock(const BlockSource& source, BlockIQ2_XXS& block) {
    const SignedPoints<TraitsIQ2_XXS> points(source);
    const auto fit = GridSuperFit(points, source.method).run(kUnitIQ2);
    block.d = fit.d;
    for (std::size_t subBlock = 0; subBlock < fit.factors.size(); ++subBlock) {
        const float inverse = inverseScaleOf(fit, subBlock, kUnitIQ2);
        std::uint32_t indices = 0;
        for (std::size_t group = 0; group < 4; ++group)
            indices |= points.nearest(kGroup * (4 * subBlock + group), inverse) << (8 * group);
        const std::uint32_t signs = points.signsAndFactor(subBlock, fit.factors[subBlock]);
        std::uint16_t* const codes = block.codes + 4 * subBlock;
        codes[0] = static_cast<std::uint16_t>(indices);
        codes[1] = static_cast<std::uint16_t>(indices >> 16);
        codes[2] = static_cast<std::uint16_t>(signs);
        codes[3] = static_cast<std::uint16_t>(signs >> 16);
    }
}

void searchBlock(const BlockSource& source, BlockIQ2_XS& block) {
    const SignedPoints<TraitsIQ2_XS> points(source);
    const auto fit = GridSuperFit(points, source.method).run(kUnitIQ2);
    block.d = fit.d;
    putNibbleFactors(fit, block.scales);
    for (std::size_t group = 0; group < kSuperBlock / kGroup; ++group) {
        const float inverse = inverseScaleOf(fit, group / 2, kUnitIQ2);
        block.codes[group] = static_cast<std::uint16_t>(points.nearest(kGroup * group, inverse) |
                                                        (points.signs(group) & 0x7f) << 9);
    }
}

void searchBlock(const BlockSource& source, BlockIQ2_S& block) {
    const SignedPoints<TraitsIQ2_S> points(source);
    const auto fit = GridSuperFit(points, source.method).run(kUnitIQ2);
    block.d = fit.d;
    putNibbleFactors(fit, block.scales);
    for (std::size_t group = 0; group < kSuperBlock / kGroup; ++group) {
        const unsigned point =
            points.nearest(kGroup * group, inverseScaleOf(fit, group / 2, kUnitIQ2));
        block.codes[group] = static_cast<std::uint8_t>(point & 0xff);
        block.highBits[group / 4] |= static_cast<std::uint8_t>((point >> 8) << (2 * (group % 4)));
        block.signs[group] = static_cast<std::uint8_t>(points.signs(group));
    }
}

}  // namespace sotto
