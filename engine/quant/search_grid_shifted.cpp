#include "engine/quant/block_formats_low.h"
#include "engine/quant/fit_grid.h"
#include "engine/quant/point_finder.h"
#include "engine/quant/search_block.h"

namespace sotto {
namespace {

using FinderIQ1 = PointFinder<2048, kLongPoint, 3>;

const FinderIQ1& finderIQ1() {
    static const FinderIQ1 finder(gridIQ1(), kCoordinatesIQ1, 16);
    return finder;
}

// A group's point, and whether its shift is downwards.
struct ShiftedPoint {
    unsigned index = 0;
    bool isDown = false;
};

// The points of IQ1: all coordinates of a group, or of a whole sub-block, are shifted up or down.
template <int nSubBlockWeights, bool isShiftOfGroup>
class ShiftedPoints {
public:
    static constexpr std::size_t kSubBlocks = kSuperBlock / nSubBlockWeights;
    static constexpr std::size_t kGroups = nSubBlockWeights / kGroup;
    static constexpr int kMaxFactor = 7;
    static constexpr float kLargestLevel = 1.0f + kShiftIQ1;
    // Of three levels the best cut far into the range.
    static constexpr ReachRange kReach{0.9f, 0.2f, 10};
    using Choice = std::array<ShiftedPoint, kGroups>;

    explicit ShiftedPoints(const BlockSource& source) : m_source(source) {}

    float largest(std::size_t subBlock) const {
        return std::fabs(extremeOf<nSubBlockWeights>(m_source.values + offsetOf(subBlock)));
    }

    LevelSums sums(std::size_t subBlock, float inverseScale) const {
        Choice unused;
        return choose(subBlock, inverseScale, unused);
    }

    LevelSums choose(std::size_t subBlock, float inverseScale, Choice& choice) const {
        std::array<LevelSums, 2> ofShift;
        std::array<Choice, 2> choices;
        LevelSums mixed;
        for (std::size_t group = 0; group < kGroups; ++group) {
            std::array<LevelSums, 2> one;
            for (const bool isDown : {false, true}) {
                one[isDown] = chooseGroup(offsetOf(subBlock) + kGroup * static_cast<int>(group),
                                          inverseScale, isDown, choices[isDown][group]);
                ofShift[isDown].valueLevel += one[isDown].valueLevel;
                ofShift[isDown].levelSquared += one[isDown].levelSquared;
            }
            const bool isDown = gainOf(one[1], inverseScale) > gainOf(one[0], inverseScale);
            mixed.valueLevel += one[isDown].valueLevel;
            mixed.levelSquared += one[isDown].levelSquared;
            choice[group] = choices[isDown][group];
        }
        if (isShiftOfGroup) return mixed;
        const bool isDown = gainOf(ofShift[1], inverseScale) > gainOf(ofShift[0], inverseScale);
        choice = choices[isDown];
        return ofShift[isDown];
    }

private:
    static constexpr int offsetOf(std::size_t subBlock) {
        return static_cast<int>(subBlock) * nSubBlockWeights;
    }
    // In units of the squared scale.
    static float gainOf(const LevelSums& sums, float inverseScale) {
        return 2.0f * inverseScale * sums.valueLevel - sums.levelSquared;
    }

    LevelSums chooseGroup(int offset, float inverseScale, bool isDown, ShiftedPoint& chosen) const {
        const float shift = isDown ? -kShiftIQ1 : kShiftIQ1;
        const float* const values = m_source.values + offset;
        const float* const weights = m_source.weights + offset;
        std::array<float, kGroup> scaled;
        for (std::size_t index = 0; index < kGroup; ++index)
            scaled[index] = values[index] * inverseScale - shift;
        const std::size_t found = m_finder.nearest(scaled.data(), weights);
        chosen = {static_cast<unsigned>(found), isDown};
        const auto& point = m_finder.point(found);
        LaneSums valueLevel;
        LaneSums levelSquared;
        for (std::size_t lane = 0; lane < kGroup; ++lane) {
            const float level = point[lane] + shift;
            const float weighted = weights[lane] * level;
            valueLevel.of[lane] = weighted * values[lane];
            levelSquared.of[lane] = weighted * level;
        }
        return {valueLevel.total(), levelSquared.total()};
    }

    const FinderIQ1& m_finder = finderIQ1();
    const BlockSource& m_source;
};

}  // namespace

void searchBlock(const BlockSource& source, BlockIQ1_S& block) {
    const ShiftedPoints<32, false> points(source);
    const auto fit = GridSuperFit(points, source.method).run(1.0f);
    block.d = fit.d;
    for (std::size_t subBlock = 0; subBlock < fit.factors.size(); ++subBlock) {
        ShiftedPoints<32, false>::Choice choice;
        points.choose(subBlock, inverseScaleOf(fit, subBlock, 1.0f), choice);
        unsigned shared = static_cast<unsigned>(fit.factors[subBlock]) << 12;
        if (choice[0].isDown) shared |= 0x8000;
        for (std::size_t group = 0; group < 4; ++group) {
            block.codes[4 * subBlock + group] =
                static_cast<std::uint8_t>(choice[group].index & 0xff);
            shared |= (choice[group].index >> 8) << (3 * group);
        }
        block.highBits[subBlock] = static_cast<std::uint16_t>(shared);
    }
}

void searchBlock(const BlockSource& source, BlockIQ1_M& block) {
    const ShiftedPoints<16, true> points(source);
    const auto fit = GridSuperFit(points, source.method).run(1.0f);
    for (std::size_t quarter = 0; quarter < 4; ++quarter)
        block.scales[quarter] =
            static_cast<std::uint16_t>((fit.d.bits >> (4 * quarter) & 0x0f) << 12);
    for (std::size_t subBlock = 0; subBlock < fit.factors.size(); ++subBlock) {
        block.scales[subBlock / 4] = static_cast<std::uint16_t>(
            block.scales[subBlock / 4] | fit.factors[subBlock] << (3 * (subBlock % 4)));
        ShiftedPoints<16, true>::Choice choice;
        points.choose(subBlock, inverseScaleOf(fit, subBlock, 1.0f), choice);
        for (std::size_t group = 0; group < 2; ++group) {
            const unsigned high = choice[group].index >> 8 | (choice[group].isDown ? 8u : 0u);
            block.codes[2 * subBlock + group] =
                static_cast<std::uint8_t>(choice[group].index & 0xff);
            block.highBits[subBlock] |= static_cast<std::uint8_t>(high << (4 * group));
        }
    }
}

}  // namespace sotto
