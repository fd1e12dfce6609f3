// planBudget: the types that a source's tensors get within a budget of bytes or bits.
//
// Flow: quantize_run asks for it where QuantizeOptions::budget is there; it measures what each
// tensor would lose (sensitivity.h), spends the bytes (bit_budget.h) and puts the types into the
// choice that the plan is made of. What a person's rules keep is kept, and paid first.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/api/quantize.h"
#include "engine/quant/mix.h"
#include "engine/quantize/quantize_plan.h"
#include "engine/quantize/sensitivity.h"

namespace sotto {

struct BudgetArgs {
    const TensorSource& source;
    const QuantizeRecipe& recipe;
    const ImportanceMatrix* importance = nullptr;  // may be null
    ThreadPool& pool;
    const QuantizeSink& sink;
    // Of a file whose tensors have the types that `chosen` has on entry.
    std::uint64_t fileBytes = 0;
};

struct BudgetPlan {
    std::vector<ChosenType> chosen;
    std::vector<double> losses;  // of each tensor; 0 of those that were not to be chosen
    SpentBudget spent;
};

// Types that the kernels compute with, where these suffice or the budget is for memory; else all
// that the importance matrix allows. Errors: InvalidArgument (too small: with what would do), those
// of measureSensitivity().
Result<BudgetPlan> planBudget(const BudgetArgs& args, std::vector<ChosenType> chosen);

}  // namespace sotto
