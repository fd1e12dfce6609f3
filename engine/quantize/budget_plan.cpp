#include "engine/quantize/budget_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "engine/quantize/bit_budget.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

// GGUF's: tensors begin at multiples of it.
constexpr std::uint64_t kTensorAlignment = 32;

constexpr std::array kTypesForAll{
    DType::Q4_0, DType::Q4_K, DType::Q4_1, DType::Q5_0,  DType::Q5_K,   DType::Q5_1,  DType::Q6_K,
    DType::Q8_0, DType::Q2_K, DType::Q3_K, DType::IQ3_S, DType::IQ4_XS, DType::IQ4_NL};
constexpr std::array kTypesForImportance{DType::IQ2_XXS, DType::IQ2_XS, DType::IQ2_S,
                                         DType::IQ3_XXS};

std::uint64_t alignedBytes(DType type, const std::vector<std::int64_t>& shape) {
    const std::uint64_t bytes = static_cast<std::uint64_t>(rowCount(shape)) *
                                rowBytes(type, static_cast<std::size_t>(shape.front()));
    return (bytes + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
}

// The tensors whose types are to be chosen, and from what.
class BudgetTensors {
public:
    BudgetTensors(const BudgetArgs& args, std::span<const ChosenType> chosen) : m_args(args) {
        const auto tensors = args.source.tensors();
        for (std::size_t index = 0; index < tensors.size(); ++index) {
            const auto nColumns = static_cast<std::size_t>(tensors[index].shape.front());
            m_nWeights += static_cast<std::uint64_t>(elementCount(tensors[index].shape));
            if (!chosen[index].type || args.recipe.isKept(tensors[index].name)) {
                m_fixedBytes +=
                    static_cast<std::uint64_t>(rowCount(tensors[index].shape)) *
                    rowBytes(chosen[index].type.value_or(tensors[index].type), nColumns);
                continue;
            }
            wishes.push_back({.tensorIndex = index, .types = {}});
            m_chosenBytes += alignedBytes(*chosen[index].type, tensors[index].shape);
        }
    }

    // Errors: those of ImportanceMatrix::covers().
    Status allow(bool isFast) {
        for (SensitivityWish& wish : wishes) {
            const GgufTensorPlan& tensor = m_args.source.tensors()[wish.tensorIndex];
            bool isCovered = false;
            if (m_args.importance != nullptr) {
                SOTTO_ASSIGN(isCovered,
                             m_args.importance->covers(tensor.name, matrixCount(tensor.shape),
                                                       tensor.shape.front()));
            }
            wish.types.assign(kTypesForAll.begin(), kTypesForAll.end());
            if (isCovered)
                wish.types.insert(wish.types.end(), kTypesForImportance.begin(),
                                  kTypesForImportance.end());
            if (isFast) std::erase_if(wish.types, [](DType type) { return !hasKernels(type); });
            // As it is, it loses nothing more. F32 is no form of a quantized file; what has no
            // kernels is larger in memory than in the file.
            const bool isAllowed = !m_args.recipe.budget.isForMemory || hasKernels(tensor.type);
            if (tensor.type != DType::F32 && isAllowed) wish.types.push_back(tensor.type);
            std::erase_if(wish.types, [&](DType type) {
                return tensor.shape.front() % dtypeTraits(type).blockElements != 0;
            });
            if (wish.types.empty()) wish.types.push_back(DType::F16);
        }
        return {};
    }

    std::vector<BudgetItem> items() const {
        std::vector<BudgetItem> all;
        for (const SensitivityWish& wish : wishes) {
            const auto& shape = m_args.source.tensors()[wish.tensorIndex].shape;
            BudgetItem& item = all.emplace_back();
            for (const DType type : wish.types) item.push_back({alignedBytes(type, shape), 0});
        }
        return all;
    }

    // Of the whole file.
    std::uint64_t budgetBytes() const {
        const QuantizeBudget& budget = m_args.recipe.budget;
        if (budget.fileBytes > 0) return budget.fileBytes;
        const double tensorBytes = budget.bitsPerWeight / 8 * static_cast<double>(m_nWeights);
        // Far more than any model has: "as much as you like".
        constexpr double kMost = 0x1p60;
        const auto bytes = static_cast<std::uint64_t>(std::min(tensorBytes, kMost));
        return bytes + otherBytes() - std::min(otherBytes(), m_fixedBytes);
    }
    // Of it, what is not to be chosen: header, kept tensors, and the padding behind the last one,
    // which the file does not have.
    std::uint64_t otherBytes() const { return m_args.fileBytes + kTensorAlignment - m_chosenBytes; }
    double bitsPerWeight(std::uint64_t fileBytes) const {
        const std::uint64_t bytes = fileBytes - otherBytes() + m_fixedBytes;
        return 8.0 * static_cast<double>(bytes) / static_cast<double>(m_nWeights);
    }

    std::vector<SensitivityWish> wishes;

private:
    const BudgetArgs& m_args;
    std::uint64_t m_nWeights = 0;
    std::uint64_t m_fixedBytes = 0;   // of tensors that are not to be chosen
    std::uint64_t m_chosenBytes = 0;  // of the others, as they were chosen on entry
};

tl::unexpected<Error> tooSmall(const BudgetArgs& args, const BudgetTensors& tensors,
                               std::uint64_t leastFileBytes) {
    Error error{ErrorCode::InvalidArgument, {}, {}};
    error.needed = leastFileBytes;
    error.available = tensors.budgetBytes();
    const double bits = tensors.bitsPerWeight(leastFileBytes);
    error.message = fmt::format(
        "The target is too small: this model takes at least {} bytes ({:.2f} bits per weight). "
        "Choose a larger one{}.",
        leastFileBytes, bits,
        args.importance == nullptr && !args.recipe.budget.isForMemory
            ? ", or give an importance matrix, with which smaller types can be made"
            : "");
    return fail(std::move(error));
}

// What an error in a tensor costs where nobody has measured it, relative to the others: what comes
// behind the last norm is not evened out by anything, queries and keys are by the softmax. Ratios
// of the medians over the layers of small models of 5 layers (tests/bench/results/
// quantize_quality.md); only their sizes relative to one another matter.
double usualSensitivity(std::string_view name) {
    struct Kind {
        std::string_view part;
        double sensitivity;
    };
    constexpr std::array kKinds{Kind{"output.weight", 10}, Kind{"token_embd", 10},
                                Kind{"attn_v", 1}, Kind{"attn_q", 0.1}, Kind{"attn_k", 0.1}};
    if (name.find("attn_output") != name.npos) return 0.5;
    for (const Kind& kind : kKinds)
        if (name.find(kind.part) != name.npos) return kind.sensitivity;
    return 0.5;
}

// Of each wish: as it was measured; of one that was not what is usual, on the scale of the others.
std::vector<double> sensitivitiesOf(const BudgetArgs& args,
                                    std::span<const SensitivityWish> wishes) {
    std::vector<double> result, ratios;
    for (const SensitivityWish& wish : wishes) {
        const std::string& name = args.source.tensors()[wish.tensorIndex].name;
        const double usual = usualSensitivity(name);
        result.push_back(-usual);
        if (args.importance == nullptr) continue;
        const auto found = args.importance->sensitivities.find(name);
        if (found == args.importance->sensitivities.end()) continue;
        result.back() = found->second;
        // One that costs nothing tells nothing of the scale.
        if (found->second > 0) ratios.push_back(found->second / usual);
    }
    double scale = 1;
    if (!ratios.empty()) {
        const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
        std::ranges::nth_element(ratios, middle);
        scale = *middle;
    }
    for (double& one : result) one = one < 0 ? -one * scale : one;
    return result;
}

Result<std::vector<std::vector<TypeLoss>>> measure(const BudgetArgs& args,
                                                   std::span<const SensitivityWish> wishes) {
    std::uint64_t totalBytes = 0;
    std::vector<std::uint64_t> doneBytes;
    for (const SensitivityWish& wish : wishes) {
        doneBytes.push_back(totalBytes);
        const GgufTensorPlan& tensor = args.source.tensors()[wish.tensorIndex];
        totalBytes += alignedBytes(tensor.type, tensor.shape);
    }
    const auto progress = [&](std::size_t nDone) {
        return !args.sink ||
               args.sink({.phase = QuantizeProgress::Phase::Measuring,
                          .doneBytes = doneBytes[nDone],
                          .totalBytes = totalBytes,
                          .tensor = args.source.tensors()[wishes[nDone].tensorIndex].name});
    };
    return measureSensitivity({.source = args.source,
                               .importance = args.importance,
                               .method = args.recipe.rowMethod(),
                               .pool = args.pool,
                               .progress = progress},
                              wishes);
}

}  // namespace

Result<BudgetPlan> planBudget(const BudgetArgs& args, std::vector<ChosenType> chosen) {
    BudgetTensors tensors(args, chosen);
    const std::uint64_t other = tensors.otherBytes(), budget = tensors.budgetBytes();
    SOTTO_TRY(tensors.allow(true));
    std::vector<BudgetItem> items = tensors.items();
    if (other + leastBytes(items) > budget && !args.recipe.budget.isForMemory) {
        SOTTO_TRY(tensors.allow(false));
        items = tensors.items();
    }
    if (other + leastBytes(items) > budget)
        return tooSmall(args, tensors, other + leastBytes(items));

    SOTTO_ASSIGN(const auto losses, measure(args, tensors.wishes));
    const std::vector<double> sensitivities = sensitivitiesOf(args, tensors.wishes);
    for (std::size_t item = 0; item < items.size(); ++item)
        for (std::size_t choice = 0; choice < items[item].size(); ++choice)
            items[item][choice].loss = sensitivities[item] * losses[item][choice].loss;
    const auto spending = spendBudget(items, budget - other);
    SOTTO_CHECK(spending.has_value());

    BudgetPlan plan{.chosen = std::move(chosen), .losses = {}, .spent = {.budgetBytes = budget}};
    plan.losses.resize(plan.chosen.size());
    double variance = 0;
    for (std::size_t item = 0; item < items.size(); ++item) {
        const std::size_t index = tensors.wishes[item].tensorIndex;
        const TypeLoss& loss = losses[item][spending->choices[item]];
        plan.chosen[index] = {loss.type, std::nullopt};
        plan.losses[index] = items[item][spending->choices[item]].loss;
        plan.spent.loss += plan.losses[index];
        const double error = sensitivities[item] * loss.samplingError;
        variance += error * error;
    }
    plan.spent.samplingError = std::sqrt(variance);
    plan.spent.isMeasured = args.importance != nullptr && !args.importance->sensitivities.empty();
    return plan;
}

}  // namespace sotto
