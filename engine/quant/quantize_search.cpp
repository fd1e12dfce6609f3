#include "engine/quant/quantize_search.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sotto {
namespace {

constexpr int kSubBlocks = 8;       // of 32 weights, in Q4_K and Q5_K
constexpr int kSubBlock = 32;       // weights
constexpr int kSmallSubBlock = 16;  // weights, in Q6_K
constexpr int kMaxFactor = 63;      // scales and mins of sub-blocks have six bits
// Sub-blocks below this are written as zeros: their scale has no finite inverse worth having.
constexpr float kSmallestMagnitude = 1e-15f;

int clampedCode(float value, int lowest, int highest) {
    return std::clamp(roundToEven(value), lowest, highest);
}

// weight[i] ~ scale * code[i] - min, min >= 0
struct AffineFit {
    float scale = 0.0f;
    float min = 0.0f;
    std::array<std::uint8_t, kSubBlock> codes{};
};

// Which candidate inverse scales are tried: (maxCode + start + 0.1 * step) / (highest + min).
struct AffineSearch {
    int maxCode = 0;
    float start = 0.0f;
    int nSteps = 0;
};

// Sums over a sub-block that do not depend on the codes.
struct WeightedSums {
    float lowest = 0.0f;
    float highest = 0.0f;
    float weight = 0.0f;
    float value = 0.0f;  // weight * value
};

WeightedSums weightedSums(const float* values, const float* weights) {
    WeightedSums sums{.lowest = values[0],
                      .highest = values[0],
                      .weight = weights[0],
                      .value = weights[0] * values[0]};
    for (int index = 1; index < kSubBlock; ++index) {
        sums.lowest = std::min(sums.lowest, values[index]);
        sums.highest = std::max(sums.highest, values[index]);
        sums.weight += weights[index];
        sums.value += weights[index] * values[index];
    }
    // Zero must be representable: the min is stored as a non-negative number to subtract.
    sums.lowest = std::min(sums.lowest, 0.0f);
    return sums;
}

float affineError(const AffineFit& fit, const float* values, const float* weights) {
    float error = 0.0f;
    for (int index = 0; index < kSubBlock; ++index) {
        const float code = static_cast<float>(fit.codes[static_cast<std::size_t>(index)]);
        // `min` is negated here, so that the expression rounds as scale * code + lowest.
        const float difference = fit.scale * code + -fit.min - values[index];
        error += weights[index] * (difference * difference);
    }
    return error;
}

// Fixes the codes by a candidate inverse scale and the min that `fit` comes with, then solves the
// weighted least squares for scale and min. False when the codes leave the system singular.
bool refit(AffineFit& fit, float inverseScale, int maxCode, const WeightedSums& sums,
           const float* values, const float* weights) {
    const float origin = -fit.min;
    float sumCode = 0.0f;
    float sumCodeSquared = 0.0f;
    float sumCodeValue = 0.0f;
    for (int index = 0; index < kSubBlock; ++index) {
        const int code = clampedCode(inverseScale * (values[index] - origin), 0, maxCode);
        fit.codes[static_cast<std::size_t>(index)] = static_cast<std::uint8_t>(code);
        const float weightedCode = weights[index] * static_cast<float>(code);
        sumCode += weightedCode;
        sumCodeSquared += weightedCode * static_cast<float>(code);
        sumCodeValue += weightedCode * values[index];
    }
    const float determinant = sums.weight * sumCodeSquared - sumCode * sumCode;
    if (!(determinant > 0.0f)) return false;
    fit.scale = (sums.weight * sumCodeValue - sums.value * sumCode) / determinant;
    float lowest = (sumCodeSquared * sums.value - sumCode * sumCodeValue) / determinant;
    if (lowest > 0.0f) {
        lowest = 0.0f;
        fit.scale = sumCodeValue / sumCodeSquared;
    }
    fit.min = -lowest;
    return true;
}

// The best of the direct fit (codes from the range) and all refits.
AffineFit searchAffine(const float* values, const AffineSearch& search) {
    // Larger weights matter more, but none is free: root mean square plus magnitude.
    std::array<float, kSubBlock> weights{};
    float sumSquares = 0.0f;
    for (int index = 0; index < kSubBlock; ++index) sumSquares += values[index] * values[index];
    const float rms = std::sqrt(sumSquares / static_cast<float>(kSubBlock));
    for (int index = 0; index < kSubBlock; ++index)
        weights[static_cast<std::size_t>(index)] = rms + std::fabs(values[index]);

    const WeightedSums sums = weightedSums(values, weights.data());
    const float range = sums.highest - sums.lowest;
    AffineFit best;
    best.min = -sums.lowest;
    if (!(range > 0.0f)) return best;

    const float directInverse = static_cast<float>(search.maxCode) / range;
    best.scale = 1.0f / directInverse;
    for (int index = 0; index < kSubBlock; ++index)
        best.codes[static_cast<std::size_t>(index)] = static_cast<std::uint8_t>(
            clampedCode(directInverse * (values[index] - sums.lowest), 0, search.maxCode));
    float bestError = affineError(best, values, weights.data());

    // Every step starts from the best min so far, not from the lowest value: so the bytes come out
    // as in the files of other tools.
    for (int step = 0; step <= search.nSteps; ++step) {
        const float inverse =
            (search.start + 0.1f * static_cast<float>(step) + static_cast<float>(search.maxCode)) /
            (sums.highest + best.min);
        AffineFit candidate;
        candidate.min = best.min;
        if (!refit(candidate, inverse, search.maxCode, sums, values, weights.data())) continue;
        const float error = affineError(candidate, values, weights.data());
        if (error < bestError) {
            bestError = error;
            best = candidate;
        }
    }
    return best;
}

// Fills d, dMin and scales of a Q4_K or Q5_K block and returns the final codes.
template <typename Block>
std::array<std::uint8_t, kSuperBlock> fitBlock(SuperBlockValues values, const AffineSearch& search,
                                               Block& block) {
    std::array<AffineFit, kSubBlocks> fits;
    float maxScale = 0.0f;
    float maxMin = 0.0f;
    for (std::size_t subBlock = 0; subBlock < kSubBlocks; ++subBlock) {
        fits[subBlock] = searchAffine(values.data() + kSubBlock * subBlock, search);
        maxScale = std::max(maxScale, fits[subBlock].scale);
        maxMin = std::max(maxMin, fits[subBlock].min);
    }

    constexpr float kTop = kMaxFactor;
    const float inverseScale = maxScale > 0.0f ? kTop / maxScale : 0.0f;
    const float inverseMin = maxMin > 0.0f ? kTop / maxMin : 0.0f;
    ScaleAndMin factors[kSubBlocks];
    for (std::size_t subBlock = 0; subBlock < kSubBlocks; ++subBlock) {
        factors[subBlock].scale = static_cast<std::uint8_t>(
            clampedCode(inverseScale * fits[subBlock].scale, 0, kMaxFactor));
        factors[subBlock].min =
            static_cast<std::uint8_t>(clampedCode(inverseMin * fits[subBlock].min, 0, kMaxFactor));
    }
    packScalesAndMins(factors, block.scales);
    block.d = toHalf(maxScale / kTop);
    block.dMin = toHalf(maxMin / kTop);

    // The codes are chosen again with the factors as a reader will see them.
    std::array<std::uint8_t, kSuperBlock> codes{};
    for (std::size_t subBlock = 0; subBlock < kSubBlocks; ++subBlock) {
        const float scale = toFloat(block.d) * static_cast<float>(factors[subBlock].scale);
        const float min = toFloat(block.dMin) * static_cast<float>(factors[subBlock].min);
        for (std::size_t index = 0; index < kSubBlock; ++index) {
            const std::size_t position = kSubBlock * subBlock + index;
            codes[position] = scale == 0.0f
                                  ? fits[subBlock].codes[index]
                                  : static_cast<std::uint8_t>(clampedCode(
                                        (values[position] + min) / scale, 0, search.maxCode));
        }
    }
    return codes;
}

// Low nibbles of two sub-blocks share 32 bytes.
void packNibbles(const std::array<std::uint8_t, kSuperBlock>& codes, std::uint8_t* out) {
    for (std::size_t pair = 0; pair < kSubBlocks / 2; ++pair)
        for (std::size_t index = 0; index < kSubBlock; ++index) {
            const int low = codes[64 * pair + index] & 0x0f;
            const int high = codes[64 * pair + kSubBlock + index] & 0x0f;
            out[kSubBlock * pair + index] = static_cast<std::uint8_t>(low | (high << 4));
        }
}

// weight[i] ~ scale * code[i], code in [-32, 31], of 16 weights.
struct SymmetricFit {
    float scale = 0.0f;
    std::array<std::int8_t, kSmallSubBlock> codes{};
};

constexpr int kSymmetricReach = 32;

// Errors are weighted by the squared value, which keeps the large ones exact.
SymmetricFit searchSymmetric(const float* values) {
    float extreme = 0.0f;  // the value of largest magnitude, with its sign; the first one wins
    for (int index = 0; index < kSmallSubBlock; ++index)
        if (std::fabs(values[index]) > std::fabs(extreme)) extreme = values[index];
    SymmetricFit best;
    // A block of nothing: file form wants the code bits 0, which is -32, under a scale of 0.
    best.codes.fill(-kSymmetricReach);
    if (std::fabs(extreme) < kSmallestMagnitude) return best;

    float bestGain = 0.0f;  // how much of the weighted energy the fit explains
    const auto tryInverse = [&](float inverseScale, bool isFirst) {
        SymmetricFit candidate;
        float sumCodeValue = 0.0f;
        float sumCodeSquared = 0.0f;
        for (std::size_t index = 0; index < kSmallSubBlock; ++index) {
            const int code =
                clampedCode(inverseScale * values[index], -kSymmetricReach, kSymmetricReach - 1);
            candidate.codes[index] = static_cast<std::int8_t>(code);
            const float weight = values[index] * values[index];
            sumCodeValue += weight * values[index] * static_cast<float>(code);
            sumCodeSquared += weight * static_cast<float>(code) * static_cast<float>(code);
        }
        candidate.scale = sumCodeSquared > 0.0f ? sumCodeValue / sumCodeSquared : 0.0f;
        const bool isBetter =
            sumCodeSquared > 0.0f && sumCodeValue * sumCodeValue > bestGain * sumCodeSquared;
        if (!isFirst && !isBetter) return;
        best = candidate;
        bestGain = candidate.scale * sumCodeValue;
    };
    // The extreme value maps to -32 first, then a little inside and outside of it.
    constexpr auto kReach = static_cast<float>(kSymmetricReach);
    tryInverse(-kReach / extreme, true);
    for (int step = -9; step <= 9; ++step)
        if (step != 0) tryInverse(-(kReach + 0.1f * static_cast<float>(step)) / extreme, false);
    return best;
}

void packQ6(const std::array<std::uint8_t, kSuperBlock>& codes, BlockQ6_K& block) {
    for (std::size_t half = 0; half < 2; ++half)
        for (std::size_t index = 0; index < 32; ++index) {
            const std::uint8_t* const first = codes.data() + 128 * half + index;
            const int group0 = first[0];
            const int group1 = first[32];
            const int group2 = first[64];
            const int group3 = first[96];
            block.lowBits[64 * half + index] =
                static_cast<std::uint8_t>((group0 & 0x0f) | ((group2 & 0x0f) << 4));
            block.lowBits[64 * half + 32 + index] =
                static_cast<std::uint8_t>((group1 & 0x0f) | ((group3 & 0x0f) << 4));
            block.highBits[32 * half + index] = static_cast<std::uint8_t>(
                (group0 >> 4) | ((group1 >> 4) << 2) | ((group2 >> 4) << 4) | ((group3 >> 4) << 6));
        }
}

}  // namespace

int roundToEven(float value) {
    // The default rounding mode is to nearest even; the result is clamped by every caller, and
    // values that are not finite give some integer rather than undefined behaviour.
    return static_cast<int>(std::lrint(std::clamp(value, -1e9f, 1e9f)));
}

BlockQ4_K quantizeBlockQ4_K(SuperBlockValues values) {
    BlockQ4_K block{};
    packNibbles(fitBlock(values, {15, -1.0f, 20}, block), block.codes);
    return block;
}

BlockQ5_K quantizeBlockQ5_K(SuperBlockValues values) {
    BlockQ5_K block{};
    const auto codes = fitBlock(values, {31, -0.5f, 15}, block);
    packNibbles(codes, block.codes);
    for (std::size_t position = 0; position < kSuperBlock; ++position)
        block.highBits[position % kSubBlock] |=
            static_cast<std::uint8_t>((codes[position] >> 4) << (position / kSubBlock));
    return block;
}

BlockQ6_K quantizeBlockQ6_K(SuperBlockValues values) {
    BlockQ6_K block{};
    std::array<SymmetricFit, kSuperBlock / kSmallSubBlock> fits;
    float extreme = 0.0f;  // the scale of largest magnitude, with its sign
    for (std::size_t subBlock = 0; subBlock < fits.size(); ++subBlock) {
        fits[subBlock] = searchSymmetric(values.data() + kSmallSubBlock * subBlock);
        if (std::fabs(fits[subBlock].scale) > std::fabs(extreme)) extreme = fits[subBlock].scale;
    }
    if (std::fabs(extreme) < kSmallestMagnitude) return block;

    // The extreme scale maps to -128, the one code that has no positive twin.
    const float inverse = -128.0f / extreme;
    block.d = toHalf(1.0f / inverse);
    std::array<std::uint8_t, kSuperBlock> codes{};
    for (std::size_t subBlock = 0; subBlock < fits.size(); ++subBlock) {
        const int factor = clampedCode(inverse * fits[subBlock].scale, -128, 127);
        block.scales[subBlock] = static_cast<std::int8_t>(factor);
        const float scale = toFloat(block.d) * static_cast<float>(factor);
        for (std::size_t index = 0; index < kSmallSubBlock; ++index) {
            const std::size_t position = kSmallSubBlock * subBlock + index;
            // Without a scale every code means zero; the file form then keeps the search's own.
            const int code = scale == 0.0f ? fits[subBlock].codes[index]
                                           : clampedCode(values[position] / scale, -32, 31);
            codes[position] = static_cast<std::uint8_t>(code + 32);
        }
    }
    packQ6(codes, block);
    return block;
}

}  // namespace sotto
