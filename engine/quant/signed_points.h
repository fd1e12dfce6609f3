// SignedPoints: a super-block as magnitudes, which are points of a grid, and signs.
//
// Made for one block on the stack. Where the format stores seven signs of eight, the eighth makes
// the number of minus signs even: if it is odd the weight whose wrong sign costs least is turned,
// and its magnitude is sought as the negative number that it is then. Pure.
#pragma once

#include <cmath>
#include <limits>

#include "engine/quant/block_formats_low.h"
#include "engine/quant/fit_grid.h"
#include "engine/quant/point_finder.h"

namespace sotto {

enum class SignRule { Free, Even };

// Traits: Finder, finder(), kSubBlockWeights, kMaxFactor, kReach, kLargestLevel, kSigns.
template <typename Traits>
class SignedPoints {
public:
    static constexpr std::size_t kSubBlocks = kSuperBlock / Traits::kSubBlockWeights;
    static constexpr int kMaxFactor = Traits::kMaxFactor;
    static constexpr float kLargestLevel = Traits::kLargestLevel;
    static constexpr ReachRange kReach = Traits::kReach;

    explicit SignedPoints(const BlockSource& source) : m_weights(source.weights) {
        for (std::size_t group = 0; group < m_signs.size(); ++group)
            m_signs[group] = takeSigns(source.values + kGroup * group, group);
    }

    float largest(std::size_t subBlock) const {
        const float* const first = m_magnitudes.data() + Traits::kSubBlockWeights * subBlock;
        return *std::max_element(first, first + Traits::kSubBlockWeights);
    }

    LevelSums sums(std::size_t subBlock, float inverseScale) const {
        LaneSums valueLevel;
        LaneSums levelSquared;
        for (int offset = 0; offset < Traits::kSubBlockWeights; offset += kPointWeights) {
            const std::size_t position =
                Traits::kSubBlockWeights * subBlock + static_cast<std::size_t>(offset);
            const auto& point = m_finder.point(nearest(position, inverseScale));
            const float* const magnitudes = m_magnitudes.data() + position;
            const float* const weights = m_weights + position;
            for (int lane = 0; lane < kPointWeights; ++lane) {
                const float level = point[static_cast<std::size_t>(lane)];
                const float weighted = weights[lane] * level;
                valueLevel.of[lane] += weighted * magnitudes[lane];
                levelSquared.of[lane] += weighted * level;
            }
        }
        return {valueLevel.total(), levelSquared.total()};
    }

    // The point of the weights from `position` on.
    unsigned nearest(std::size_t position, float inverseScale) const {
        std::array<float, kPointWeights> scaled;
        for (std::size_t index = 0; index < scaled.size(); ++index)
            scaled[index] = m_magnitudes[position + index] * inverseScale;
        return static_cast<unsigned>(m_finder.nearest(scaled.data(), m_weights + position));
    }

    // Bit i: weight i of the group is negative.
    unsigned signs(std::size_t group) const { return m_signs[group]; }

    // Of 32 weights: seven signs of each group, whose eighth they tell, and in bits 28..31 the
    // scale's factor.
    std::uint32_t signsAndFactor(std::size_t subBlock, int factor) const {
        std::uint32_t bits = static_cast<std::uint32_t>(factor) << 28;
        for (std::size_t group = 0; group < 4; ++group)
            bits |= (m_signs[4 * subBlock + group] & 0x7fu) << (7 * group);
        return bits;
    }

private:
    static constexpr int kPointWeights =
        static_cast<int>(std::tuple_size_v<typename Traits::Finder::Point>);

    std::uint8_t takeSigns(const float* values, std::size_t group) {
        float* const magnitudes = m_magnitudes.data() + kGroup * group;
        const float* const weights = m_weights + kGroup * group;
        unsigned signs = 0;
        int cheapest = 0;
        for (int index = 0; index < kGroup; ++index) {
            magnitudes[index] = std::fabs(values[index]);
            if (values[index] < 0.0f) signs |= 1u << index;
            // A wrong sign costs 4 * weight * magnitude * point, and small ones meet the same
            // smallest level.
            if (weights[index] * magnitudes[index] < weights[cheapest] * magnitudes[cheapest])
                cheapest = index;
        }
        if (Traits::kSigns == SignRule::Even && std::popcount(signs) % 2 != 0) {
            signs ^= 1u << cheapest;
            magnitudes[cheapest] = -magnitudes[cheapest];
        }
        return static_cast<std::uint8_t>(signs);
    }

    const typename Traits::Finder& m_finder = Traits::finder();
    const float* m_weights = nullptr;
    std::array<float, kSuperBlock> m_magnitudes{};
    std::array<std::uint8_t, kSuperBlock / kGroup> m_signs{};
};

}  // namespace sotto
