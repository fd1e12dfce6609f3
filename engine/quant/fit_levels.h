// Scales by weighted least squares for weights that are a scale times one of a few levels.
//
// Flow: the block searches (search_levels.cpp, search_level_super.cpp) name a book of levels and
// call these. For given levels c the best scale is s = sum(w x c) / sum(w c^2), which explains
// sum(w x c)^2 / sum(w c^2) of the weighted energy sum(w x^2): the greater that gain, the less
// error. Sums have eight lanes, so that their order, and with it a file's bytes, does not depend on
// the width of a register. Pure, any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "engine/quant/block_source.h"
#include "engine/quant/grids.h"
#include "engine/quant/lanes.h"

namespace sotto {
namespace SOTTO_SEARCH_SET {

// Integers from lowest to highest.
template <int lowest, int highest>
struct IntegerLevels {
    static constexpr float kLowest = lowest;
    static constexpr float kHighest = highest;
    static constexpr int kCount = highest - lowest + 1;
    template <typename Number>
    static Number nearest(const Number& value) {
        return roundClamped(value, kLowest, kHighest);
    }
    // From 0 on.
    static int code(float value) { return static_cast<int>(nearest(value)) - lowest; }
};

// A table in ascending order; kLevels of the derived book.
template <typename Book>
struct TableLevels {
    static constexpr int kCount = 16;
    static Lanes nearest(const Lanes& value) { return Lanes::nearest(Book::kLevels, value); }
    static int place(float value) {
        constexpr auto& kLevels = Book::kLevels;
        int place = 0;
        for (std::size_t index = 1; index < kLevels.size(); ++index)
            place += value > 0.5f * (kLevels[index - 1] + kLevels[index]) ? 1 : 0;
        return place;
    }
};

struct LevelsIQ4 : TableLevels<LevelsIQ4> {
    static constexpr std::array<float, 16> kLevels = [] {
        std::array<float, 16> levels{};
        std::copy(kLevelsIQ4.begin(), kLevelsIQ4.end(), levels.begin());
        return levels;
    }();
    static constexpr float kLowest = kLevelsIQ4.front();
    static constexpr float kHighest = kLevelsIQ4.back();
    static int code(float value) { return place(value); }
};

// In ascending order, where the format has the magnitudes twice.
struct LevelsFP4 : TableLevels<LevelsFP4> {
    static constexpr int kMagnitudes = 8;  // 0 among them
    static constexpr std::array<float, 2 * kMagnitudes - 1> kLevels = [] {
        std::array<float, 2 * kMagnitudes - 1> levels{};
        for (std::size_t index = 0; index < kMagnitudes; ++index) {
            levels[kMagnitudes - 1 + index] = kLevelsFP4[index];
            levels[kMagnitudes - 1 - index] = -kLevelsFP4[index];
        }
        return levels;
    }();
    static constexpr float kLowest = kLevels.front();
    static constexpr float kHighest = kLevels.back();
    static int code(float value) {
        const int fromZero = place(value) - (kMagnitudes - 1);
        return fromZero < 0 ? kMagnitudes - fromZero : fromZero;
    }
};

struct LevelSums {
    float valueLevel = 0.0f;    // sum of weight * value * level
    float levelSquared = 0.0f;  // sum of weight * level^2

    float gain() const {
        return levelSquared > 0.0f ? valueLevel * valueLevel / levelSquared : 0.0f;
    }
    // How much less error a given scale leaves than none.
    float gainAt(float scale) const { return scale * (2.0f * valueLevel - scale * levelSquared); }
    float scale() const { return levelSquared > 0.0f ? valueLevel / levelSquared : 0.0f; }
};

template <typename Book, int nWeights>
LevelSums levelSums(const float* values, const float* weights, float inverseScale) {
    const Lanes inverse(inverseScale);
    Lanes valueLevel, levelSquared;
    for (int first = 0; first < nWeights; first += kLanes) {
        const Lanes value = Lanes::at(values + first);
        const Lanes level = Book::nearest(value * inverse);
        const Lanes weighted = Lanes::at(weights + first) * level;
        valueLevel += weighted * value;
        levelSquared += weighted * level;
    }
    return {valueLevel.total(), levelSquared.total()};
}

template <int nWeights>
float extremeOf(const float* values) {
    float extreme = 0.0f;  // the value of largest magnitude, with its sign; the first one wins
    for (int index = 0; index < nWeights; ++index)
        if (std::fabs(values[index]) > std::fabs(extreme)) extreme = values[index];
    return extreme;
}

// The best scale that was found, or 0 where the weights are none.
template <typename Book, int nWeights>
float fitLevels(const BlockSource& source, int offset) {
    const float* const values = source.values + offset;
    const float* const weights = source.weights + offset;
    const float extreme = extremeOf<nWeights>(values);
    if (std::fabs(extreme) < kSmallestScale) return 0.0f;
    constexpr float kFarthest = -Book::kLowest >= Book::kHighest ? Book::kLowest : Book::kHighest;
    if (source.method == QuantizeMethod::Nearest) return extreme / kFarthest;

    // The extreme value becomes the last level of either side, lies a little inside of it or,
    // where others weigh more, far outside. Many levels lie too close together for that to pay.
    constexpr bool isFine = Book::kCount > 32;
    constexpr int kSteps = isFine ? 5 : 12;
    constexpr float kFirst = isFine ? 0.96f : 0.88f;
    constexpr float kStep = isFine ? 0.02f : 0.05f;
    LevelSums best;
    for (const float end : {Book::kLowest, Book::kHighest})
        for (int step = 0; step < kSteps; ++step) {
            const float reach = kFirst + kStep * static_cast<float>(step);
            const LevelSums sums =
                levelSums<Book, nWeights>(values, weights, end * reach / extreme);
            if (sums.gain() > best.gain()) best = sums;
        }
    // Levels and scale in turn, as Lloyd's iteration.
    for (int turn = 0; turn < 3 && best.scale() != 0.0f; ++turn) {
        const LevelSums sums = levelSums<Book, nWeights>(values, weights, 1.0f / best.scale());
        if (!(sums.gain() > best.gain())) break;
        best = sums;
    }
    return best.scale();
}

// Integer factors of sub-blocks and the scale that they have in common.
template <std::size_t nSubBlocks>
struct SuperScale {
    Half d;
    std::array<int, nSubBlocks> factors{};
};

// Of nSubBlocks times nWeights; factors from lowest to highest, of which -lowest >= highest.
template <typename Book, std::size_t nSubBlocks, int nWeights>
class LevelSuperFit {
public:
    LevelSuperFit(const BlockSource& source, int lowest, int highest)
        : m_source(source), m_lowest(lowest), m_highest(highest) {}

    SuperScale<nSubBlocks> run() {
        float extreme = 0.0f;
        for (std::size_t subBlock = 0; subBlock < nSubBlocks; ++subBlock) {
            m_scales[subBlock] = fitLevels<Book, nWeights>(m_source, offsetOf(subBlock));
            if (std::fabs(m_scales[subBlock]) > std::fabs(extreme)) extreme = m_scales[subBlock];
        }
        if (std::fabs(extreme) < kSmallestScale) return {};
        const float widest = extreme / static_cast<float>(m_lowest);
        if (m_source.method == QuantizeMethod::Nearest) return rounded(finiteHalf(widest));

        float bestScale = widest;
        float bestGain = 0.0f;
        for (const float reach : {0.94f, 0.97f, 1.0f, 1.03f}) {
            const LevelSums sums = choose(widest * reach, nullptr);
            if (!(sums.gain() > bestGain)) continue;
            bestGain = sums.gain();
            bestScale = sums.scale();
        }
        SuperScale<nSubBlocks> result{finiteHalf(bestScale), {}};
        choose(toFloat(result.d), &result);
        return result;
    }

private:
    static constexpr int offsetOf(std::size_t subBlock) {
        return static_cast<int>(subBlock) * nWeights;
    }

    SuperScale<nSubBlocks> rounded(Half d) const {
        SuperScale<nSubBlocks> result{d, {}};
        if (toFloat(d) == 0.0f) return result;
        for (std::size_t subBlock = 0; subBlock < nSubBlocks; ++subBlock)
            result.factors[subBlock] = static_cast<int>(
                roundClamped(m_scales[subBlock] / toFloat(d), static_cast<float>(m_lowest),
                             static_cast<float>(m_highest)));
        return result;
    }

    // For each sub-block the best of the three factors around its own scale. The sums are of
    // factor * level, so that they give the best common scale.
    LevelSums choose(float d, SuperScale<nSubBlocks>* result) const {
        LevelSums total;
        if (d == 0.0f) return total;
        for (std::size_t subBlock = 0; subBlock < nSubBlocks; ++subBlock) {
            const int middle =
                static_cast<int>(roundClamped(m_scales[subBlock] / d, static_cast<float>(m_lowest),
                                              static_cast<float>(m_highest)));
            LevelSums best;
            float bestGain = 0.0f;
            int bestFactor = 0;
            for (int factor = std::max(middle - 1, m_lowest);
                 factor <= std::min(middle + 1, m_highest); ++factor) {
                if (factor == 0) continue;
                const float scale = d * static_cast<float>(factor);
                const LevelSums sums =
                    levelSums<Book, nWeights>(m_source.values + offsetOf(subBlock),
                                              m_source.weights + offsetOf(subBlock), 1.0f / scale);
                if (!(sums.gainAt(scale) > bestGain)) continue;
                bestGain = sums.gainAt(scale);
                best = sums;
                bestFactor = factor;
            }
            const auto factor = static_cast<float>(bestFactor);
            total.valueLevel += factor * best.valueLevel;
            total.levelSquared += factor * factor * best.levelSquared;
            if (result != nullptr) result->factors[subBlock] = bestFactor;
        }
        return total;
    }

    const BlockSource& m_source;
    int m_lowest = 0;
    int m_highest = 0;
    std::array<float, nSubBlocks> m_scales{};
};

}  // namespace SOTTO_SEARCH_SET
}  // namespace sotto
