// PointFinder: the point of a grid that is nearest to a few weights, under the cost of each.
//
// The weights are first rounded to levels one by one. Where the result is a point it is the best
// one, whatever the costs are. For each other result a list keeps the points around it, made once:
// the nearest of these under the costs is taken, which a look at all points seldom betters. Made at
// first use, immutable after that, any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/quant/grids.h"

namespace sotto {

// Levels in ascending order, those that the grid's coordinates come from.
template <std::size_t nPoints, std::size_t nWeights, std::size_t nLevels>
class PointFinder {
public:
    using Coordinates = std::array<std::int8_t, nLevels>;
    using Point = std::array<float, nWeights>;

    PointFinder(const Grid<nPoints, nWeights>& grid, const Coordinates& levels,
                std::size_t nAround) {
        std::copy(levels.begin(), levels.end(), m_levels.begin());
        for (std::size_t index = 0; index + 1 < nLevels; ++index)
            m_thresholds[index] = 0.5f * (m_levels[index] + m_levels[index + 1]);
        for (std::size_t index = 0; index < nPoints; ++index)
            std::copy(grid[index].begin(), grid[index].end(), m_points[index].begin());
        m_lists.reserve(kNumbers + 1);
        std::vector<Neighbour> all(nPoints);
        for (std::size_t number = 0; number < kNumbers; ++number) {
            m_lists.push_back(static_cast<std::uint32_t>(m_around.size()));
            addAround(pointOf(number), nAround, all);
        }
        m_lists.push_back(static_cast<std::uint32_t>(m_around.size()));
    }

    const Point& point(std::size_t index) const { return m_points[index]; }

    // Index of the point with the least sum of costs * (scaled - point)^2. Both [nWeights], costs
    // positive.
    std::size_t nearest(const float* scaled, const float* costs) const {
        const std::span around = listOf(scaled);
        if (around.size() == 1) return around.front();
        // Without the part that no point changes: point * (cost * point - 2 * cost * scaled).
        Point linear;
        for (std::size_t index = 0; index < nWeights; ++index)
            linear[index] = 2.0f * costs[index] * scaled[index];
        std::size_t best = around.front();
        float least = errorOf(best, costs, linear);
        for (const std::uint16_t candidate : around.subspan(1)) {
            const float error = errorOf(candidate, costs, linear);
            best = error < least ? candidate : best;
            least = std::min(least, error);
        }
        return best;
    }

private:
    struct Neighbour {
        float distance = 0.0f;
        std::uint16_t index = 0;
    };

    static constexpr std::size_t numberCount() {
        std::size_t count = 1;
        for (std::size_t index = 0; index < nWeights; ++index) count *= nLevels;
        return count;
    }
    static constexpr std::size_t kNumbers = numberCount();

    Point pointOf(std::size_t number) const {
        Point point;
        for (float& coordinate : point) {
            coordinate = m_levels[number % nLevels];
            number /= nLevels;
        }
        return point;
    }

    void addAround(const Point& rounded, std::size_t nAround, std::vector<Neighbour>& all) {
        for (std::size_t index = 0; index < nPoints; ++index) {
            float distance = 0.0f;
            for (std::size_t axis = 0; axis < nWeights; ++axis) {
                const float difference = m_points[index][axis] - rounded[axis];
                distance += difference * difference;
            }
            all[index] = {distance, static_cast<std::uint16_t>(index)};
        }
        const auto isNearer = [](const Neighbour& left, const Neighbour& right) {
            return left.distance != right.distance ? left.distance < right.distance
                                                   : left.index < right.index;
        };
        const auto end = all.begin() + static_cast<std::ptrdiff_t>(nAround);
        std::partial_sort(all.begin(), end, all.end(), isNearer);
        const std::size_t nKept = all.front().distance == 0.0f ? 1 : nAround;
        for (std::size_t index = 0; index < nKept; ++index) m_around.push_back(all[index].index);
    }

    std::span<const std::uint16_t> listOf(const float* scaled) const {
        std::size_t number = 0;
        for (std::size_t index = nWeights; index-- > 0;) {
            std::size_t digit = 0;
            for (const float threshold : m_thresholds) digit += scaled[index] > threshold ? 1 : 0;
            number = nLevels * number + digit;
        }
        return std::span(m_around).subspan(m_lists[number], m_lists[number + 1] - m_lists[number]);
    }

    float errorOf(std::size_t index, const float* costs, const Point& linear) const {
        const Point& point = m_points[index];
        std::array<float, 4> lanes{};
        for (std::size_t axis = 0; axis < nWeights; ++axis)
            lanes[axis % 4] += point[axis] * (costs[axis] * point[axis] - linear[axis]);
        return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    }

    std::array<float, nLevels> m_levels{};
    std::array<float, nLevels - 1> m_thresholds{};
    std::array<Point, nPoints> m_points;
    std::vector<std::uint16_t> m_around;
    std::vector<std::uint32_t>
        m_lists;  // of each rounded result the begin in m_around, and the end
};

}  // namespace sotto
