// Scale and minimum by weighted least squares for weights that are scale * code - min.
//
// Flow: search_affine.cpp. For given codes both follow from two linear equations; codes and factors
// in turn approach the least error (Lloyd's iteration). Sums as in fit_levels.h. Pure, any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "engine/quant/block_source.h"
#include "engine/quant/lanes.h"

namespace sotto {
namespace SOTTO_SEARCH_SET {

// weight ~ scale * code - min
struct AffineFactors {
    float scale = 0.0f;
    float min = 0.0f;
};

struct AffineSums {
    float weight = 0.0f;
    float value = 0.0f;  // this and the others are weighted
    float code = 0.0f;
    float codeSquared = 0.0f;
    float codeValue = 0.0f;
    float valueSquared = 0.0f;

    float errorAt(AffineFactors factors) const {
        const float s = factors.scale;
        const float m = factors.min;
        return valueSquared - 2.0f * s * codeValue + 2.0f * m * value + s * s * codeSquared -
               2.0f * s * m * code + m * m * weight;
    }
};

template <int nWeights, int maxCode>
AffineSums affineSums(const float* values, const float* weights, AffineFactors factors) {
    const float inverse = factors.scale > 0.0f ? 1.0f / factors.scale : 0.0f;
    const Lanes min(factors.min), by(inverse);
    Lanes weight, valueSum, codeSum, codeSquared, codeValue, valueSquared;
    for (int first = 0; first < nWeights; first += kLanes) {
        const Lanes value = Lanes::at(values + first);
        const Lanes cost = Lanes::at(weights + first);
        const Lanes code = roundClamped((value + min) * by, 0.0f, maxCode);
        const Lanes weightedCode = cost * code;
        weight += cost;
        valueSum += cost * value;
        codeSum += weightedCode;
        codeSquared += weightedCode * code;
        codeValue += weightedCode * value;
        valueSquared += cost * value * value;
    }
    return {weight.total(),      valueSum.total(),  codeSum.total(),
            codeSquared.total(), codeValue.total(), valueSquared.total()};
}

// Least squares for fixed codes. A type that subtracts an unsigned min wants it not negative.
inline AffineFactors solveAffine(const AffineSums& sums, bool isMinUnsigned) {
    const float determinant = sums.weight * sums.codeSquared - sums.code * sums.code;
    if (determinant > 1e-6f * sums.weight * sums.codeSquared) {
        const float min =
            (sums.code * sums.codeValue - sums.codeSquared * sums.value) / determinant;
        const float scale = (sums.weight * sums.codeValue - sums.code * sums.value) / determinant;
        if (min >= 0.0f || !isMinUnsigned) return {scale, min};
    }
    return {sums.codeSquared > 0.0f ? sums.codeValue / sums.codeSquared : 0.0f, 0.0f};
}

struct Range {
    float lowest = 0.0f;
    float highest = 0.0f;
};

template <int nWeights>
Range rangeOf(const float* values) {
    Range range{values[0], values[0]};
    for (int index = 1; index < nWeights; ++index) {
        range.lowest = std::min(range.lowest, values[index]);
        range.highest = std::max(range.highest, values[index]);
    }
    return range;
}

// The best factors that were found; a scale of 0 where all weights are equal to -min.
template <int nWeights, int maxCode>
AffineFactors fitAffine(const BlockSource& source, int offset, bool isMinUnsigned) {
    const float* const values = source.values + offset;
    const float* const weights = source.weights + offset;
    Range range = rangeOf<nWeights>(values);
    if (isMinUnsigned) range.lowest = std::min(range.lowest, 0.0f);
    const float width = range.highest - range.lowest;
    const AffineFactors direct{width / maxCode, -range.lowest};
    if (!(width > kSmallestScale) || source.method == QuantizeMethod::Nearest) return direct;

    AffineFactors best = direct;
    float bestError = affineSums<nWeights, maxCode>(values, weights, direct).errorAt(direct);
    const auto consider = [&](AffineFactors start) {
        const AffineSums sums = affineSums<nWeights, maxCode>(values, weights, start);
        const AffineFactors solved = solveAffine(sums, isMinUnsigned);
        const float error = sums.errorAt(solved);
        if (!(error < bestError) || !(solved.scale > 0.0f)) return false;
        bestError = error;
        best = solved;
        return true;
    };
    constexpr int kSteps = maxCode <= 3 ? 10 : 8;
    for (int step = 0; step < kSteps; ++step) {
        // From a range that is wider than the values' to one that cuts off a third.
        const float reach = 1.08f - (maxCode <= 3 ? 0.07f : 0.05f) * static_cast<float>(step);
        // What is cut off goes from the ends of the range by their share of it.
        consider({direct.scale * reach, direct.min * reach});
        consider({direct.scale * reach, direct.min});
    }
    for (int turn = 0; turn < 4 && consider(best); ++turn) {
    }
    return best;
}

struct FactorPair {
    int scale = 0;
    int min = 0;
};

template <std::size_t nSubBlocks>
struct AffineSuper {
    Half d;
    Half dMin;
    std::array<FactorPair, nSubBlocks> factors{};
};

// Of nSubBlocks times nWeights; factors from 0 to maxFactor.
template <std::size_t nSubBlocks, int nWeights, int maxCode, int maxFactor>
class AffineSuperFit {
public:
    explicit AffineSuperFit(const BlockSource& source) : m_source(source) {}

    AffineSuper<nSubBlocks> run() {
        AffineFactors largest;
        for (std::size_t subBlock = 0; subBlock < nSubBlocks; ++subBlock) {
            m_fits[subBlock] = fitAffine<nWeights, maxCode>(m_source, offsetOf(subBlock), true);
            largest.scale = std::max(largest.scale, m_fits[subBlock].scale);
            largest.min = std::max(largest.min, m_fits[subBlock].min);
        }
        AffineFactors unit{largest.scale / maxFactor, largest.min / maxFactor};
        AffineSuper<nSubBlocks> best = rounded(unit);
        if (m_source.method == QuantizeMethod::Nearest) return best;

        float bestError = std::numeric_limits<float>::infinity();
        for (const float reach : {1.0f, 0.93f}) {
            AffineFactors start{unit.scale * reach, unit.min * reach};
            for (int turn = 0; turn < 2; ++turn) {
                AffineSuper<nSubBlocks> candidate = rounded(start);
                const float error = choose(candidate, start);
                if (!(error < bestError)) continue;
                bestError = error;
                best = candidate;
            }
        }
        return best;
    }

private:
    static constexpr int offsetOf(std::size_t subBlock) {
        return static_cast<int>(subBlock) * nWeights;
    }
    static int factorOf(float value, float unit) {
        return unit > 0.0f ? static_cast<int>(roundClamped(value / unit, 0.0f, maxFactor)) : 0;
    }

    AffineSuper<nSubBlocks> rounded(AffineFactors unit) const {
        AffineSuper<nSubBlocks> result{finiteHalf(unit.scale), finiteHalf(unit.min), {}};
        for (std::size_t subBlock = 0; subBlock < nSubBlocks; ++subBlock)
            result.factors[subBlock] = {factorOf(m_fits[subBlock].scale, toFloat(result.d)),
                                        factorOf(m_fits[subBlock].min, toFloat(result.dMin))};
        return result;
    }

    // For each sub-block the best of the factors around its own; returns the error and leaves in
    // `unit` what d and dMin had better be.
    float choose(AffineSuper<nSubBlocks>& result, AffineFactors& unit) const {
        const AffineFactors exact{toFloat(result.d), toFloat(result.dMin)};
        AffineSums total;  // of scale factor * code as the code and min factor as the weight
        float minValue = 0.0f;
        float error = 0.0f;
        for (std::size_t subBlock = 0; subBlock < nSubBlocks; ++subBlock) {
            FactorPair& pair = result.factors[subBlock];
            const Choice choice = chooseOne(subBlock, exact, pair);
            pair = choice.factors;
            error += choice.error;
            const auto scale = static_cast<float>(pair.scale);
            const auto min = static_cast<float>(pair.min);
            total.codeSquared += scale * scale * choice.sums.codeSquared;
            total.code += scale * min * choice.sums.code;
            total.weight += min * min * choice.sums.weight;
            total.codeValue += scale * choice.sums.codeValue;
            minValue += min * choice.sums.value;
        }
        total.value = minValue;
        const AffineFactors solved = solveAffine(total, true);
        if (solved.scale > 0.0f) unit = {solved.scale, total.weight > 0.0f ? solved.min : 0.0f};
        return error;
    }

    struct Choice {
        FactorPair factors;
        AffineSums sums;
        float error = 0.0f;
    };
    Choice chooseOne(std::size_t subBlock, AffineFactors exact, FactorPair middle) const {
        const float* const values = m_source.values + offsetOf(subBlock);
        const float* const weights = m_source.weights + offsetOf(subBlock);
        Choice best;
        bool isFirst = true;
        const auto consider = [&](FactorPair pair) {
            const AffineFactors factors{exact.scale * static_cast<float>(pair.scale),
                                        exact.min * static_cast<float>(pair.min)};
            const AffineSums sums = affineSums<nWeights, maxCode>(values, weights, factors);
            const float error = sums.errorAt(factors);
            if (isFirst || error < best.error) best = {pair, sums, error};
            isFirst = false;
            return sums;
        };
        for (int scale = std::max(middle.scale - 1, 0);
             scale <= std::min(middle.scale + 1, maxFactor); ++scale) {
            const AffineSums sums = consider({scale, middle.min});
            // With these codes and this scale the least squares ask for this min.
            const float min =
                (exact.scale * static_cast<float>(scale) * sums.code - sums.value) / sums.weight;
            const int factor = factorOf(min, exact.min);
            if (factor != middle.min) consider({scale, factor});
        }
        return best;
    }

    const BlockSource& m_source;
    std::array<AffineFactors, nSubBlocks> m_fits{};
};

}  // namespace SOTTO_SEARCH_SET
}  // namespace sotto
