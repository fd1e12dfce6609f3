#include "engine/model/buffer_planner.h"

#include <algorithm>
#include <numeric>

#include "base/rounding.h"

namespace sotto {
namespace {

constexpr std::size_t kAlignment = 16;

bool liveTogether(const PlannedArray& left, const PlannedArray& right) {
    return left.firstStage <= right.lastStage && right.firstStage <= left.lastStage;
}

}  // namespace

// First fit, largest first: within a few percent of the optimum for the dozen arrays of a step.
BufferPlan planBuffers(std::span<const PlannedArray> arrays) {
    std::vector<std::size_t> order(arrays.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return arrays[left].nFloats > arrays[right].nFloats;
    });

    BufferPlan plan;
    plan.offsets.assign(arrays.size(), 0);
    std::vector<std::size_t> placed;  // sorted by offset
    for (const std::size_t arrayIndex : order) {
        const std::size_t nFloats = roundUp(arrays[arrayIndex].nFloats, kAlignment);
        std::size_t offset = 0;
        for (const std::size_t other : placed) {
            if (!liveTogether(arrays[arrayIndex], arrays[other])) continue;
            if (offset + nFloats <= plan.offsets[other]) break;
            const std::size_t otherEnd =
                plan.offsets[other] + roundUp(arrays[other].nFloats, kAlignment);
            offset = std::max(offset, otherEnd);
        }
        plan.offsets[arrayIndex] = offset;
        plan.totalFloats = std::max(plan.totalFloats, offset + nFloats);
        placed.push_back(arrayIndex);
        std::sort(placed.begin(), placed.end(), [&](std::size_t left, std::size_t right) {
            return plan.offsets[left] < plan.offsets[right];
        });
    }
    return plan;
}

}  // namespace sotto
