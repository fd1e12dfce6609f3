// spendBudget: which of its forms each tensor gets, so that together they lose least within so many
// bytes.
//
// Flow: the losses are measured (sensitivity.h), the forms chosen here, the file written by
// quantize_run. Losses of different tensors add up. Pure; any thread. Source: Shoham and Gersho,
// "Efficient bit allocation for an arbitrary set of quantizers" (1988): on the convex hull of each
// tensor's forms the steps are taken by loss per byte, which is the Lagrangian's optimum for the
// bytes that come out; what is left is filled with single steps that still fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sotto {

// One form of a tensor.
struct BudgetChoice {
    std::uint64_t bytes = 0;
    double loss = 0;  // finite, not negative
};

// One tensor: at least one form.
using BudgetItem = std::vector<BudgetChoice>;

struct BudgetSpending {
    std::vector<std::size_t> choices;  // of each item
    std::uint64_t bytes = 0;
    double loss = 0;
};

// What all items take at least.
std::uint64_t leastBytes(std::span<const BudgetItem> items);

// Nothing where `budgetBytes` is less than leastBytes(). The loss is at most that of the best
// spending and the one step of the hull that did not fit.
std::optional<BudgetSpending> spendBudget(std::span<const BudgetItem> items,
                                          std::uint64_t budgetBytes);

}  // namespace sotto
