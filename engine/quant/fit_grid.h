// Scales of sub-blocks whose weights are points of a grid times d * (2 * factor + 1).
//
// Flow: the grid searches (search_grid_*.cpp) give this the sums of a sub-block at a scale, and get
// back d and factors. First each sub-block's own scale, by points and scale in turn; then a common
// d, whose factors are chosen among the neighbours of what the own scales ask for. Pure.
#pragma once

#include "engine/quant/fit_levels.h"

namespace sotto {

// Of points of four or eight weights, whose sum has the order of Lanes.
struct LaneSums {
    float of[kLanes] = {};

    float total() const {
        return ((of[0] + of[4]) + (of[2] + of[6])) + ((of[1] + of[5]) + (of[3] + of[7]));
    }
};

// Of `reach` times the scale at which the largest weight meets the grid's largest level, the
// inverse scales that are tried.
struct ReachRange {
    float first = 0.0f;
    float step = 0.0f;
    int nSteps = 0;
};

// One over a sub-block's scale, d / unit * (2 * factor + 1); 0 where that is none.
template <std::size_t nSubBlocks>
float inverseScaleOf(const SuperScale<nSubBlocks>& fit, std::size_t subBlock, float unit) {
    const float scale = toFloat(fit.d) / unit * static_cast<float>(2 * fit.factors[subBlock] + 1);
    return scale > 0.0f ? 1.0f / scale : 0.0f;
}

// The factors in zeroed nibbles, the first of two in the low one.
template <std::size_t nSubBlocks>
void putNibbleFactors(const SuperScale<nSubBlocks>& fit, std::uint8_t* scales) {
    for (std::size_t subBlock = 0; subBlock < nSubBlocks; ++subBlock)
        scales[subBlock / 2] |=
            static_cast<std::uint8_t>(fit.factors[subBlock] << (subBlock % 2 == 0 ? 0 : 4));
}

// `Points` chooses the points of one block: kSubBlocks, kMaxFactor, kReach, kLargestLevel,
// largest(subBlock): the largest magnitude, sums(subBlock, inverseScale): of the nearest points.
template <typename Points>
class GridSuperFit {
public:
    static constexpr std::size_t kSubBlocks = Points::kSubBlocks;

    GridSuperFit(const Points& points, QuantizeMethod method)
        : m_points(points), m_method(method) {}

    // `unit`: d is unit times the scale of a factor of 1/2 - 1/2.
    SuperScale<kSubBlocks> run(float unit) {
        float largest = 0.0f;
        for (std::size_t subBlock = 0; subBlock < kSubBlocks; ++subBlock) {
            m_scales[subBlock] = fitOne(subBlock);
            largest = std::max(largest, m_scales[subBlock]);
        }
        if (largest < kSmallestScale) return {};
        const float widest = largest / (2 * Points::kMaxFactor + 1);
        if (m_method == QuantizeMethod::Nearest) {
            SuperScale<kSubBlocks> result{finiteHalf(widest * unit), {}};
            const float d = toFloat(result.d) / unit;
            for (std::size_t subBlock = 0; subBlock < kSubBlocks; ++subBlock)
                result.factors[subBlock] = d > 0.0f ? middleFactor(subBlock, d) : 0;
            return result;
        }
        float bestScale = widest;
        float bestGain = 0.0f;
        for (const float reach : {0.96f, 1.02f}) {
            const LevelSums sums = choose(widest * reach, nullptr);
            if (!(sums.gain() > bestGain)) continue;
            bestGain = sums.gain();
            bestScale = sums.scale();
        }
        SuperScale<kSubBlocks> result{finiteHalf(bestScale * unit), {}};
        choose(toFloat(result.d) / unit, &result);
        return result;
    }

private:
    float fitOne(std::size_t subBlock) const {
        const float largest = m_points.largest(subBlock);
        if (largest < kSmallestScale) return 0.0f;
        const float direct = Points::kLargestLevel / largest;
        if (m_method == QuantizeMethod::Nearest) return 1.0f / direct;
        constexpr ReachRange kReach = Points::kReach;
        LevelSums best;
        for (int step = 0; step < kReach.nSteps; ++step) {
            const float reach = kReach.first + kReach.step * static_cast<float>(step);
            const LevelSums sums = m_points.sums(subBlock, direct * reach);
            if (sums.valueLevel > 0.0f && sums.gain() > best.gain()) best = sums;
        }
        for (int turn = 0; turn < 2 && best.scale() > 0.0f; ++turn) {
            const LevelSums sums = m_points.sums(subBlock, 1.0f / best.scale());
            if (!(sums.valueLevel > 0.0f && sums.gain() > best.gain())) break;
            best = sums;
        }
        return best.scale();
    }

    int middleFactor(std::size_t subBlock, float d) const {
        return static_cast<int>(roundClamped(0.5f * (m_scales[subBlock] / d - 1.0f), 0.0f,
                                             static_cast<float>(Points::kMaxFactor)));
    }

    LevelSums choose(float d, SuperScale<kSubBlocks>* result) const {
        LevelSums total;
        if (!(d > 0.0f)) return total;
        for (std::size_t subBlock = 0; subBlock < kSubBlocks; ++subBlock) {
            const int middle = middleFactor(subBlock, d);
            LevelSums best;
            float bestGain = 0.0f;
            int bestFactor = middle;
            bool isFirst = true;
            for (int factor = std::max(middle - 1, 0);
                 factor <= std::min(middle + 1, Points::kMaxFactor); ++factor) {
                const float scale = d * static_cast<float>(2 * factor + 1);
                const LevelSums sums = m_points.sums(subBlock, 1.0f / scale);
                // There is no zero: the least harm may be a loss.
                if (!isFirst && !(sums.gainAt(scale) > bestGain)) continue;
                isFirst = false;
                bestGain = sums.gainAt(scale);
                best = sums;
                bestFactor = factor;
            }
            const auto odd = static_cast<float>(2 * bestFactor + 1);
            total.valueLevel += odd * best.valueLevel;
            total.levelSquared += odd * odd * best.levelSquared;
            if (result != nullptr) result->factors[subBlock] = bestFactor;
        }
        return total;
    }

    const Points& m_points;
    QuantizeMethod m_method;
    std::array<float, kSubBlocks> m_scales{};
};

}  // namespace sotto
