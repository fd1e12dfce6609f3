#include "engine/quant/quantize_search.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/quant/block_source.h"

namespace sotto {
namespace {

constexpr int kSubBlocks = 8;        // of 32 weights, in Q4_K and Q5_K
constexpr int kSubBlock = 32;        // weights
constexpr int kSmallSubBlocks = 16;  // of 16 weights, in Q6_K
constexpr int kSmallSubBlock = 16;   // weights
constexpr int kMaxFactor = 63;       // scales and mins of sub-blocks have six bits
// Sub-blocks below this are written as zeros: their scale has no finite inverse worth having.
constexpr float kSmallestMagnitude = 1e-15f;

// A number of each sub-block of a block. The sub-blocks are searched side by side, each in the
// order of its weights, so that the sums round as in the files of other tools whatever the width of
// a register is.
template <int nLanes>
struct SideBySide {
    float of[nLanes] = {};

    float& operator[](int lane) { return of[lane]; }
    float operator[](int lane) const { return of[lane]; }
};

// Weight number `index` of each sub-block: [nWeights][nLanes].
template <int nLanes, int nWeights>
struct WeightsSideBySide {
    explicit WeightsSideBySide(SuperBlockValues values) {
        for (int index = 0; index < nWeights; ++index)
            for (int lane = 0; lane < nLanes; ++lane)
                at[index][lane] = values[static_cast<std::size_t>(nWeights * lane + index)];
    }
    WeightsSideBySide() = default;

    SideBySide<nLanes> at[nWeights];
};

// weight[i] ~ scale * code[i] - min, min >= 0, with the codes round((value - origin) * inverse).
struct AffineFit {
    SideBySide<kSubBlocks> scale, min, inverse, origin;
};

// Which candidate inverse scales are tried: (maxCode + start + 0.1 * step) / (highest + min).
struct AffineSearch {
    int maxCode = 0;
    float start = 0.0f;
    int nSteps = 0;
};

class AffineLanes {
public:
    AffineLanes(SuperBlockValues values, const AffineSearch& search)
        : m_search(search), m_maxCode(static_cast<float>(search.maxCode)), m_values(values) {
        weigh();
        sum();
    }

    // The best of the direct fit (codes from the range) and all refits.
    AffineFit run() {
        AffineFit best = directFit();
        SideBySide<kSubBlocks> bestError;
        errorsOf(best, bestError);
        // Every step starts from the best min so far, not from the lowest value: so the bytes come
        // out as in the files of other tools.
        for (int step = 0; step <= m_search.nSteps; ++step) {
            const float reach = m_search.start + 0.1f * static_cast<float>(step) + m_maxCode;
            AffineFit candidate;
            for (int lane = 0; lane < kSubBlocks; ++lane) {
                candidate.inverse[lane] = reach / (m_highest[lane] + best.min[lane]);
                candidate.origin[lane] = -best.min[lane];
            }
            SideBySide<kSubBlocks> determinant;
            refit(candidate, determinant);
            SideBySide<kSubBlocks> error;
            errorsOf(candidate, error);
            for (int lane = 0; lane < kSubBlocks; ++lane) {
                const bool isBetter = determinant[lane] > 0.0f && error[lane] < bestError[lane];
                bestError[lane] = isBetter ? error[lane] : bestError[lane];
                best.scale[lane] = isBetter ? candidate.scale[lane] : best.scale[lane];
                best.min[lane] = isBetter ? candidate.min[lane] : best.min[lane];
                best.inverse[lane] = isBetter ? candidate.inverse[lane] : best.inverse[lane];
                best.origin[lane] = isBetter ? candidate.origin[lane] : best.origin[lane];
            }
        }
        for (int lane = 0; lane < kSubBlocks; ++lane)
            if (!(m_highest[lane] - m_lowest[lane] > 0.0f))
                best.scale[lane] = best.inverse[lane] = best.origin[lane] = 0.0f;
        return best;
    }

private:
    // Larger weights matter more, but none is free: root mean square plus magnitude.
    void weigh() {
        SideBySide<kSubBlocks> sumSquares;
        for (int index = 0; index < kSubBlock; ++index)
            for (int lane = 0; lane < kSubBlocks; ++lane)
                sumSquares[lane] += m_values.at[index][lane] * m_values.at[index][lane];
        for (int lane = 0; lane < kSubBlocks; ++lane)
            sumSquares[lane] = std::sqrt(sumSquares[lane] / static_cast<float>(kSubBlock));
        for (int index = 0; index < kSubBlock; ++index)
            for (int lane = 0; lane < kSubBlocks; ++lane)
                m_weights.at[index][lane] = sumSquares[lane] + std::fabs(m_values.at[index][lane]);
    }

    // What does not depend on the codes.
    void sum() {
        m_lowest = m_highest = m_values.at[0];
        for (int lane = 0; lane < kSubBlocks; ++lane) {
            m_weight[lane] = m_weights.at[0][lane];
            m_value[lane] = m_weights.at[0][lane] * m_values.at[0][lane];
        }
        for (int index = 1; index < kSubBlock; ++index)
            for (int lane = 0; lane < kSubBlocks; ++lane) {
                const float value = m_values.at[index][lane];
                m_lowest[lane] = std::min(m_lowest[lane], value);
                m_highest[lane] = std::max(m_highest[lane], value);
                m_weight[lane] += m_weights.at[index][lane];
                m_value[lane] += m_weights.at[index][lane] * value;
            }
        // Zero must be representable: the min is stored as a non-negative number to subtract.
        for (int lane = 0; lane < kSubBlocks; ++lane)
            m_lowest[lane] = std::min(m_lowest[lane], 0.0f);
    }

    AffineFit directFit() const {
        AffineFit fit;
        for (int lane = 0; lane < kSubBlocks; ++lane) {
            fit.inverse[lane] = m_maxCode / (m_highest[lane] - m_lowest[lane]);
            fit.scale[lane] = 1.0f / fit.inverse[lane];
            fit.origin[lane] = m_lowest[lane];
            fit.min[lane] = -m_lowest[lane];
        }
        return fit;
    }

    float codeAt(const AffineFit& fit, int index, int lane) const {
        return roundClamped(fit.inverse[lane] * (m_values.at[index][lane] - fit.origin[lane]), 0.0f,
                            m_maxCode);
    }

    // Solves the weighted least squares for scale and min of the codes. Where the determinant is
    // not positive the codes leave the system singular and the result is none.
    void refit(AffineFit& fit, SideBySide<kSubBlocks>& determinant) const {
        SideBySide<kSubBlocks> sumCode, sumCodeSquared, sumCodeValue;
        for (int index = 0; index < kSubBlock; ++index)
            for (int lane = 0; lane < kSubBlocks; ++lane) {
                const float code = codeAt(fit, index, lane);
                const float weightedCode = m_weights.at[index][lane] * code;
                sumCode[lane] += weightedCode;
                sumCodeSquared[lane] += weightedCode * code;
                sumCodeValue[lane] += weightedCode * m_values.at[index][lane];
            }
        for (int lane = 0; lane < kSubBlocks; ++lane) {
            determinant[lane] =
                m_weight[lane] * sumCodeSquared[lane] - sumCode[lane] * sumCode[lane];
            const float scale =
                (m_weight[lane] * sumCodeValue[lane] - m_value[lane] * sumCode[lane]) /
                determinant[lane];
            const float lowest =
                (sumCodeSquared[lane] * m_value[lane] - sumCode[lane] * sumCodeValue[lane]) /
                determinant[lane];
            const bool isAboveZero = lowest > 0.0f;
            fit.scale[lane] = isAboveZero ? sumCodeValue[lane] / sumCodeSquared[lane] : scale;
            fit.min[lane] = isAboveZero ? -0.0f : -lowest;
        }
    }

    void errorsOf(const AffineFit& fit, SideBySide<kSubBlocks>& error) const {
        for (int index = 0; index < kSubBlock; ++index)
            for (int lane = 0; lane < kSubBlocks; ++lane) {
                // `min` is negated here, so that the expression rounds as scale * code + lowest.
                const float difference = fit.scale[lane] * codeAt(fit, index, lane) +
                                         -fit.min[lane] - m_values.at[index][lane];
                error[lane] += m_weights.at[index][lane] * (difference * difference);
            }
    }

    AffineSearch m_search;
    float m_maxCode = 0.0f;
    WeightsSideBySide<kSubBlocks, kSubBlock> m_values;
    WeightsSideBySide<kSubBlocks, kSubBlock> m_weights;
    SideBySide<kSubBlocks> m_lowest, m_highest, m_weight, m_value;  // the last one weighted
};

// Fills d, dMin and scales of a Q4_K or Q5_K block and returns the final codes.
template <typename Block>
std::array<std::uint8_t, kSuperBlock> fitBlock(SuperBlockValues values, const AffineSearch& search,
                                               Block& block) {
    const AffineFit fit = AffineLanes(values, search).run();
    float maxScale = 0.0f;
    float maxMin = 0.0f;
    for (int subBlock = 0; subBlock < kSubBlocks; ++subBlock) {
        maxScale = std::max(maxScale, fit.scale[subBlock]);
        maxMin = std::max(maxMin, fit.min[subBlock]);
    }

    constexpr float kTop = kMaxFactor;
    const float inverseScale = maxScale > 0.0f ? kTop / maxScale : 0.0f;
    const float inverseMin = maxMin > 0.0f ? kTop / maxMin : 0.0f;
    ScaleAndMin factors[kSubBlocks];
    for (int subBlock = 0; subBlock < kSubBlocks; ++subBlock) {
        factors[subBlock].scale =
            static_cast<std::uint8_t>(roundClamped(inverseScale * fit.scale[subBlock], 0.0f, kTop));
        factors[subBlock].min =
            static_cast<std::uint8_t>(roundClamped(inverseMin * fit.min[subBlock], 0.0f, kTop));
    }
    packScalesAndMins(factors, block.scales);
    block.d = finiteHalf(maxScale / kTop);
    block.dMin = finiteHalf(maxMin / kTop);

    // The codes are chosen again with the factors as a reader will see them.
    std::array<std::uint8_t, kSuperBlock> codes{};
    const auto maxCode = static_cast<float>(search.maxCode);
    for (int subBlock = 0; subBlock < kSubBlocks; ++subBlock) {
        const float scale = toFloat(block.d) * static_cast<float>(factors[subBlock].scale);
        const float min = toFloat(block.dMin) * static_cast<float>(factors[subBlock].min);
        const auto first = static_cast<std::size_t>(kSubBlock * subBlock);
        for (std::size_t position = first; position < first + kSubBlock; ++position) {
            const float exact =
                scale == 0.0f ? fit.inverse[subBlock] * (values[position] - fit.origin[subBlock])
                              : (values[position] + min) / scale;
            codes[position] = static_cast<std::uint8_t>(roundClamped(exact, 0.0f, maxCode));
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

constexpr int kSymmetricReach = 32;

// weight[i] ~ scale * code[i], code in [-32, 31], of 16 times 16 weights; the codes are
// round(inverse * value). Errors are weighted by the squared value, which keeps the large ones
// exact.
class SymmetricLanes {
public:
    explicit SymmetricLanes(SuperBlockValues values) : m_values(values) {
        SideBySide<kSmallSubBlocks> extreme;  // of largest magnitude, signed; the first one wins
        for (int index = 0; index < kSmallSubBlock; ++index)
            for (int lane = 0; lane < kSmallSubBlocks; ++lane) {
                const float value = m_values.at[index][lane];
                const bool isLarger = std::fabs(value) > std::fabs(extreme[lane]);
                extreme[lane] = isLarger ? value : extreme[lane];
            }
        // The extreme value maps to -32 first, then a little inside and outside of it.
        constexpr auto kReach = static_cast<float>(kSymmetricReach);
        tryReach(-kReach, extreme, true);
        for (int step = -9; step <= 9; ++step)
            if (step != 0) tryReach(-(kReach + 0.1f * static_cast<float>(step)), extreme, false);
        // A block of nothing: file form wants the code bits 0, which is -32, under a scale of 0.
        for (int lane = 0; lane < kSmallSubBlocks; ++lane)
            if (std::fabs(extreme[lane]) < kSmallestMagnitude) {
                scale[lane] = 0.0f;
                m_isNothing[lane] = true;
            }
    }

    // From 0 on, of weight `position` with its own sub-block's scale.
    int code(int lane, float value) const {
        if (m_isNothing[lane]) return 0;
        return static_cast<int>(codeAt(m_inverse[lane], value)) + kSymmetricReach;
    }

    SideBySide<kSmallSubBlocks> scale;

private:
    static float codeAt(float inverse, float value) {
        return roundClamped(inverse * value, -kSymmetricReach, kSymmetricReach - 1);
    }

    void tryReach(float reach, const SideBySide<kSmallSubBlocks>& extreme, bool isFirst) {
        SideBySide<kSmallSubBlocks> inverse, sumCodeValue, sumCodeSquared;
        for (int lane = 0; lane < kSmallSubBlocks; ++lane) inverse[lane] = reach / extreme[lane];
        for (int index = 0; index < kSmallSubBlock; ++index)
            for (int lane = 0; lane < kSmallSubBlocks; ++lane) {
                const float value = m_values.at[index][lane];
                const float code = codeAt(inverse[lane], value);
                const float weight = value * value;
                sumCodeValue[lane] += weight * value * code;
                sumCodeSquared[lane] += weight * code * code;
            }
        for (int lane = 0; lane < kSmallSubBlocks; ++lane) {
            const bool isSolvable = sumCodeSquared[lane] > 0.0f;
            const float candidate = isSolvable ? sumCodeValue[lane] / sumCodeSquared[lane] : 0.0f;
            const bool isBetter = isSolvable && sumCodeValue[lane] * sumCodeValue[lane] >
                                                    m_gain[lane] * sumCodeSquared[lane];
            const bool isTaken = isFirst || isBetter;
            scale[lane] = isTaken ? candidate : scale[lane];
            m_inverse[lane] = isTaken ? inverse[lane] : m_inverse[lane];
            m_gain[lane] = isTaken ? candidate * sumCodeValue[lane] : m_gain[lane];
        }
    }

    WeightsSideBySide<kSmallSubBlocks, kSmallSubBlock> m_values;
    SideBySide<kSmallSubBlocks> m_inverse;
    SideBySide<kSmallSubBlocks> m_gain;  // how much of the weighted energy the fit explains
    std::array<bool, kSmallSubBlocks> m_isNothing{};
};

}  // namespace

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
    const SymmetricLanes fit(values);
    float extreme = 0.0f;  // the scale of largest magnitude, with its sign
    for (int lane = 0; lane < kSmallSubBlocks; ++lane)
        if (std::fabs(fit.scale[lane]) > std::fabs(extreme)) extreme = fit.scale[lane];
    if (std::fabs(extreme) < kSmallestMagnitude) return block;

    // The extreme scale maps to -128, the one code that has no positive twin.
    const float inverse = -128.0f / extreme;
    block.d = finiteHalf(1.0f / inverse);
    for (int lane = 0; lane < kSmallSubBlocks; ++lane) {
        const float factor = roundClamped(inverse * fit.scale[lane], -128.0f, 127.0f);
        block.scales[lane] = static_cast<std::int8_t>(factor);
        const float scale = toFloat(block.d) * factor;
        for (int position = kSmallSubBlock * lane; position < kSmallSubBlock * (lane + 1);
             ++position) {
            const float value = values[static_cast<std::size_t>(position)];
            // Without a scale every code means zero; the file form then keeps the search's own.
            const int code = scale == 0.0f
                                 ? fit.code(lane, value)
                                 : static_cast<int>(roundClamped(value / scale, -kSymmetricReach,
                                                                 kSymmetricReach - 1)) +
                                       kSymmetricReach;
            putCodeQ6_K(block, position, code);
        }
    }
    return block;
}

}  // namespace sotto
