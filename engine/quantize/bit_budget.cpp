#include "engine/quantize/bit_budget.h"

#include <algorithm>

#include "base/check.h"

namespace sotto {
namespace {

// From one form of an item to a larger one that loses less.
struct BudgetStep {
    std::size_t item = 0;
    std::size_t choice = 0;
    std::uint64_t bytes = 0;  // more than before
    double gain = 0;

    double gainPerByte() const { return gain / static_cast<double>(bytes); }
};

BudgetStep stepBetween(const BudgetItem& item, std::size_t from, std::size_t to) {
    return {.item = 0,
            .choice = to,
            .bytes = item[to].bytes - item[from].bytes,
            .gain = item[from].loss - item[to].loss};
}

// The forms that no smaller one beats, the smallest first.
std::vector<std::size_t> undominated(const BudgetItem& item) {
    std::vector<std::size_t> order(item.size());
    for (std::size_t index = 0; index < order.size(); ++index) order[index] = index;
    std::ranges::stable_sort(order, [&](std::size_t left, std::size_t right) {
        if (item[left].bytes != item[right].bytes) return item[left].bytes < item[right].bytes;
        return item[left].loss < item[right].loss;
    });
    std::vector<std::size_t> kept;
    for (const std::size_t index : order)
        if (kept.empty() || item[index].loss < item[kept.back()].loss) kept.push_back(index);
    return kept;
}

// Of them the corners of the lower convex hull: each step gains less per byte than the one before.
std::vector<std::size_t> hullOf(const BudgetItem& item) {
    std::vector<std::size_t> hull;
    for (const std::size_t index : undominated(item)) {
        while (hull.size() >= 2) {
            const std::size_t last = hull.back(), before = hull[hull.size() - 2];
            if (stepBetween(item, before, last).gainPerByte() >
                stepBetween(item, last, index).gainPerByte())
                break;
            hull.pop_back();
        }
        hull.push_back(index);
    }
    return hull;
}

// Takes what of `step` still fits.
bool tryStep(const BudgetStep& step, std::uint64_t budgetBytes, BudgetSpending& spending) {
    if (step.bytes > budgetBytes - spending.bytes) return false;
    spending.choices[step.item] = step.choice;
    spending.bytes += step.bytes;
    spending.loss -= step.gain;
    return true;
}

// All steps of the hulls by what they gain for a byte, until one of an item does not fit.
void followHulls(std::span<const BudgetItem> items, std::uint64_t budgetBytes,
                 BudgetSpending& spending) {
    std::vector<BudgetStep> steps;
    for (std::size_t item = 0; item < items.size(); ++item) {
        const std::vector<std::size_t> hull = hullOf(items[item]);
        for (std::size_t corner = 1; corner < hull.size(); ++corner) {
            steps.push_back(stepBetween(items[item], hull[corner - 1], hull[corner]));
            steps.back().item = item;
        }
    }
    // Stable: of an item's own steps none comes before the smaller one.
    std::ranges::stable_sort(steps, [](const BudgetStep& left, const BudgetStep& right) {
        return left.gainPerByte() > right.gainPerByte();
    });
    std::vector<bool> isEnded(items.size(), false);
    for (const BudgetStep& step : steps)
        if (!isEnded[step.item]) isEnded[step.item] = !tryStep(step, budgetBytes, spending);
}

// The step that gains most per byte of all that fit, from where each item is.
std::optional<BudgetStep> bestFitting(std::span<const BudgetItem> items, std::uint64_t roomBytes,
                                      const std::vector<std::size_t>& choices) {
    std::optional<BudgetStep> best;
    for (std::size_t index = 0; index < items.size(); ++index) {
        const BudgetItem& item = items[index];
        const std::size_t now = choices[index];
        for (std::size_t other = 0; other < item.size(); ++other) {
            if (item[other].loss >= item[now].loss || item[other].bytes <= item[now].bytes ||
                item[other].bytes - item[now].bytes > roomBytes)
                continue;
            BudgetStep step = stepBetween(item, now, other);
            step.item = index;
            if (!best || step.gainPerByte() > best->gainPerByte()) best = step;
        }
    }
    return best;
}

}  // namespace

std::uint64_t leastBytes(std::span<const BudgetItem> items) {
    std::uint64_t bytes = 0;
    for (const BudgetItem& item : items)
        bytes += std::ranges::min(item, {}, &BudgetChoice::bytes).bytes;
    return bytes;
}

std::optional<BudgetSpending> spendBudget(std::span<const BudgetItem> items,
                                          std::uint64_t budgetBytes) {
    BudgetSpending spending;
    for (const BudgetItem& item : items) {
        SOTTO_CHECK(!item.empty());
        const std::size_t smallest = undominated(item).front();
        spending.choices.push_back(smallest);
        spending.bytes += item[smallest].bytes;
        spending.loss += item[smallest].loss;
    }
    if (spending.bytes > budgetBytes) return std::nullopt;
    followHulls(items, budgetBytes, spending);
    while (const auto step = bestFitting(items, budgetBytes - spending.bytes, spending.choices))
        tryStep(*step, budgetBytes, spending);
    return spending;
}

}  // namespace sotto
