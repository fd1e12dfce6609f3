#include "engine/model/rope_frequencies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sotto {
namespace {

// The pair index at which a frequency turns `rotations` times over the original context.
double yarnPair(const RopeConfig& rope, double rotations) {
    return rope.rotaryDims *
           std::log(double(rope.originalContext) / (rotations * 2.0 * std::numbers::pi)) /
           (2.0 * std::log(rope.base));
}

// 1: the pair keeps its speed (it turns often enough), 0: it is slowed down by the factor.
double yarnKept(const RopeConfig& rope, std::int32_t pairIndex) {
    const double low = std::max(0.0, std::floor(yarnPair(rope, rope.betaFast)));
    const double high = std::min(rope.rotaryDims - 1.0, std::ceil(yarnPair(rope, rope.betaSlow)));
    // 0.001 keeps the ramp finite when both ends meet, as the reference engine does.
    const double ramp = (pairIndex - low) / std::max(0.001, high - low);
    return 1.0 - std::clamp(ramp, 0.0, 1.0);
}

double yarnMagnitude(double factor, double multiplier) {
    return factor <= 1.0 ? 1.0 : 0.1 * multiplier * std::log(factor) + 1.0;
}

}  // namespace

RopeTable ropeTable(const RopeConfig& rope, std::span<const float> factors) {
    RopeTable table;
    double magnitude = rope.attentionFactor;
    if (rope.scaling == RopeScaling::Yarn) {
        magnitude *= yarnMagnitude(rope.factor, 1.0);
        if (rope.logMultiplier != 0.0) magnitude /= yarnMagnitude(rope.factor, rope.logMultiplier);
    }
    table.magnitude = static_cast<float>(magnitude);

    const std::int32_t nPairs = rope.rotaryDims / 2;
    table.frequencies.reserve(static_cast<std::size_t>(nPairs));
    for (std::int32_t pairIndex = 0; pairIndex < nPairs; ++pairIndex) {
        double own = std::pow(rope.base, -2.0 * pairIndex / rope.rotaryDims);
        if (!factors.empty()) own /= factors[static_cast<std::size_t>(pairIndex)];
        double scaled = own;
        if (rope.scaling == RopeScaling::Linear) scaled = own / rope.factor;
        if (rope.scaling == RopeScaling::Yarn) {
            const double kept = yarnKept(rope, pairIndex);
            scaled = own / rope.factor * (1.0 - kept) + own * kept;
        }
        table.frequencies.push_back(static_cast<float>(scaled));
    }
    return table;
}

}  // namespace sotto
