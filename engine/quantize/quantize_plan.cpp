#include "engine/quantize/quantize_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "engine/gguf/byte_cursor.h"
#include "engine/quant/error_feedback.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

struct MethodName {
    ModelMethod method;
    std::string_view name;
};
constexpr std::array kMethodNames{
    MethodName{ModelMethod::Nearest, "rtn"}, MethodName{ModelMethod::Search, "search"},
    MethodName{ModelMethod::Gptq, "gptq"}, MethodName{ModelMethod::Awq, "awq"}};

std::string_view nameOf(DType type) { return dtypeTraits(type).name; }

// The first layer's where there is one for each.
std::int64_t firstInteger(const GgufMetadata& metadata, const std::string& key,
                          std::int64_t otherwise) {
    const auto numbers = metadata.integers(key);
    return numbers && !numbers->empty() ? numbers->front() : otherwise;
}

MixFacts factsOf(const GgufMetadata& metadata, bool hasImportance) {
    MixFacts facts;
    facts.architecture = metadata.string("general.architecture").value_or("");
    const auto key = [&](std::string_view name) {
        return fmt::format("{}.{}", facts.architecture, name);
    };
    facts.nLayers = firstInteger(metadata, key("block_count"), 0);
    facts.nHeads = firstInteger(metadata, key("attention.head_count"), 0);
    facts.nKvHeads = firstInteger(metadata, key("attention.head_count_kv"), facts.nHeads);
    facts.nExperts = firstInteger(metadata, key("expert_count"), 0);
    facts.hasImportance = hasImportance;
    return facts;
}

// Whether all can be made, and made of use. What spends a budget knows which tensors the matrix
// covers: then it is about those whose type a person has chosen.
Status checkTypes(const QuantizeReport& report, const QuantizeRecipe& recipe,
                  const ImportanceMatrix* importance) {
    const bool isBudget = recipe.budget.isThere();
    // Beside a budget the mix is a label.
    const Mix mix = isBudget ? Mix::Q8_0 : *recipe.mix;
    for (const QuantizedTensor& tensor : report.tensors) {
        if (tensor.from == tensor.to || (isBudget && !recipe.isKept(tensor.name))) continue;
        if (!isImportanceRequired(mix, tensor.name, tensor.to)) continue;
        if (importance == nullptr && recipe.isImportanceToCome) continue;
        const std::string_view wanted = isBudget ? nameOf(tensor.to) : mixTraits(mix).name;
        if (importance == nullptr)
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("{} needs an importance matrix ('{}' would be {}): make one of "
                                    "this model with sotto-cli imatrix, or choose a larger type.",
                                    wanted, printableName(tensor.name), nameOf(tensor.to)),
                        std::string(wanted));
        if (!importance->entries.contains(tensor.name))
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("The importance matrix has nothing for '{}', which {} needs: "
                                    "make one of this model with sotto-cli imatrix.",
                                    printableName(tensor.name), nameOf(tensor.to)),
                        importance->path.string());
    }
    return {};
}

// That every entry fits the tensor that will use it, and that there is one at all.
Status checkImportance(const QuantizeReport& report, const ImportanceMatrix& importance) {
    bool isOfThisModel = false;
    for (const QuantizedTensor& tensor : report.tensors) {
        SOTTO_ASSIGN(const bool isCovered, importance.covers(tensor.name, matrixCount(tensor.shape),
                                                             tensor.shape.front()));
        isOfThisModel = isOfThisModel || isCovered;
    }
    if (isOfThisModel) return {};
    return fail(ErrorCode::InvalidArgument,
                fmt::format("The importance matrix {} has no tensor of this model: it was measured "
                            "on another one.",
                            importance.path.filename().string()),
                importance.path.string());
}

void warnOfSource(QuantizeReport& report) {
    std::map<DType, std::int64_t> counts;
    std::int64_t nQuantized = 0;
    for (const QuantizedTensor& tensor : report.tensors) {
        if (!isInBlocks(tensor.from) || tensor.from == tensor.to) continue;
        ++counts[tensor.from];
        ++nQuantized;
    }
    if (nQuantized == 0) return;
    const auto most =
        std::max_element(counts.begin(), counts.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    report.warnings.push_back(
        fmt::format("The source is quantized already ({} tensors, most of them {}): what that has "
                    "lost stays lost. The model in F16 or BF16 gives a better file.",
                    nQuantized, nameOf(most->first)));
}

void warnOfWidths(QuantizeReport& report) {
    std::map<std::pair<DType, DType>, std::int64_t> counts;
    for (const QuantizedTensor& tensor : report.tensors)
        if (tensor.refused) ++counts[{*tensor.refused, tensor.to}];
    for (const auto& [types, count] : counts)
        report.warnings.push_back(fmt::format(
            "{} {} {} instead of {}, because the rows are no multiple of its {} weights.", count,
            count == 1 ? "tensor is" : "tensors are", nameOf(types.second), nameOf(types.first),
            dtypeTraits(types.first).blockElements));
}

void warnOfFeedback(QuantizeReport& report, const QuantizeRecipe& recipe) {
    if (recipe.method != ModelMethod::Gptq) return;
    std::map<DType, std::int64_t> counts;
    for (const QuantizedTensor& tensor : report.tensors)
        if (tensor.from != tensor.to && isInBlocks(tensor.to) && !isNeverMeasured(tensor.name) &&
            !recipe.isFeeding(tensor))
            ++counts[tensor.to];
    for (const auto& [type, count] : counts) report.nNotFed += count;
    for (const auto& [type, count] : counts)
        report.warnings.push_back(fmt::format(
            "{} {} of {} {} quantized by search: the type has no code of its own for each weight, "
            "which the method gptq needs.",
            count, count == 1 ? "tensor" : "tensors", nameOf(type), count == 1 ? "is" : "are"));
}

void warnOfImportance(QuantizeReport& report, const ImportanceMatrix& importance) {
    std::int64_t& nMissing = report.nUnmeasured;
    std::string first;
    for (const QuantizedTensor& tensor : report.tensors) {
        if (tensor.from == tensor.to || !isInBlocks(tensor.to) || isNeverMeasured(tensor.name) ||
            importance.entries.contains(tensor.name))
            continue;
        if (nMissing++ == 0) first = printableName(tensor.name);
    }
    if (nMissing > 0)
        report.warnings.push_back(fmt::format(
            "The importance matrix has nothing for {} of the tensors ('{}'): they are quantized "
            "without.",
            nMissing, first));
}

}  // namespace

std::string_view methodName(ModelMethod method) {
    return std::ranges::find(kMethodNames, method, &MethodName::method)->name;
}

std::optional<ModelMethod> methodFromName(std::string_view name) {
    for (const MethodName& one : kMethodNames)
        if (one.name == name) return one.method;
    return std::nullopt;
}

std::string QuantizeRecipe::text() const {
    std::string text;
    if (budget.bitsPerWeight > 0)
        text = fmt::format("{:g} bits per weight by weighted error", budget.bitsPerWeight);
    else if (budget.fileBytes > 0)
        text = fmt::format("{} bytes by weighted error", budget.fileBytes);
    else
        text = mixTraits(*mix).name;
    text += fmt::format(", method {}", methodName(method));
    for (const KeepRule& rule : keep)
        text += fmt::format(", keep {}={}", rule.pattern, nameOf(rule.type));
    return text;
}

bool QuantizeRecipe::isKept(std::string_view tensorName) const {
    return std::ranges::any_of(
        keep, [tensorName](const KeepRule& rule) { return rule.isMatching(tensorName); });
}

bool QuantizeRecipe::isFeeding(const QuantizedTensor& tensor) const {
    return method == ModelMethod::Gptq && tensor.from != tensor.to && hasErrorFeedback(tensor.to) &&
           !isNeverMeasured(tensor.name);
}

Result<QuantizeRecipe> parseRecipe(const QuantizeOptions& options) {
    QuantizeRecipe recipe;
    recipe.method = options.method;
    recipe.budget = options.budget;
    recipe.isImportanceToCome = options.isImportanceToCome;
    if (options.method == ModelMethod::Gptq && options.calibration.text.empty() &&
        !options.isTextToCome)
        return fail(ErrorCode::InvalidArgument,
                    "The method gptq needs a text that the model reads: give one with words in "
                    "it.");
    if (options.budget.bitsPerWeight > 0 && options.budget.fileBytes > 0)
        return fail(ErrorCode::InvalidArgument,
                    "A target is either bits per weight or the size of the file, not both.");
    recipe.mix = mixFromName(options.type);
    const bool isNameless = options.type.empty() && options.budget.isThere();
    if (!recipe.mix && !isNameless) {
        std::string known;
        for (const MixTraits& traits : allMixes())
            known += (known.empty() ? "" : ", ") + std::string(traits.name);
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("'{}' is no type that a model can be quantized to; choose one of {}",
                        options.type, known),
            options.type);
    }
    for (const std::string& text : options.keep) {
        SOTTO_ASSIGN(KeepRule rule, parseKeepRule(text));
        recipe.keep.push_back(std::move(rule));
    }
    return recipe;
}

Result<std::vector<ChosenType>> chooseTensorTypes(const TensorSource& source,
                                                  const QuantizeRecipe& recipe,
                                                  bool hasImportance) {
    std::vector<MixTensor> tensors;
    for (const GgufTensorPlan& tensor : source.tensors())
        tensors.push_back({tensor.name, tensor.shape});
    auto chosen = chooseTypes(recipe.mix.value_or(Mix::Q8_0),
                              factsOf(source.metadata(), hasImportance), tensors);
    for (const KeepRule& rule : recipe.keep) {
        bool isUsed = false;
        for (std::size_t index = 0; index < tensors.size(); ++index) {
            if (!chosen[index].type || !rule.isMatching(tensors[index].name)) continue;
            const DType fitting = fittingType(rule.type, tensors[index].shape.front());
            chosen[index] = {fitting,
                             fitting == rule.type ? std::nullopt : std::optional(rule.type)};
            isUsed = true;
        }
        if (!isUsed)
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("'{}' stands for no matrix of this model: see its tensors "
                                    "with sotto-cli info",
                                    rule.pattern),
                        rule.pattern);
    }
    return chosen;
}

Result<QuantizeReport> planTensors(const TensorSource& source, const QuantizeRecipe& recipe,
                                   const ImportanceMatrix* importance,
                                   std::span<const ChosenType> chosen) {
    QuantizeReport report;
    std::uint64_t nWeights = 0, bytes = 0;
    for (std::size_t index = 0; index < chosen.size(); ++index) {
        const GgufTensorPlan& tensor = source.tensors()[index];
        const auto nColumns = static_cast<std::size_t>(tensor.shape.front());
        const auto nRows = static_cast<std::uint64_t>(rowCount(tensor.shape));
        QuantizedTensor one;
        one.name = tensor.name;
        one.shape = tensor.shape;
        one.from = tensor.type;
        one.to = chosen[index].type.value_or(tensor.type);
        one.refused = chosen[index].refused;
        one.bytes = nRows * rowBytes(one.to, nColumns);
        report.sourceBytes += nRows * rowBytes(one.from, nColumns);
        nWeights += nRows * nColumns;
        bytes += one.bytes;
        report.tensors.push_back(std::move(one));
    }
    if (nWeights > 0)
        report.bitsPerWeight = 8.0 * static_cast<double>(bytes) / static_cast<double>(nWeights);
    if (importance != nullptr) SOTTO_TRY(checkImportance(report, *importance));
    SOTTO_TRY(checkTypes(report, recipe, importance));
    warnOfSource(report);
    if (const std::string_view method = source.earlierMethod(); !method.empty())
        report.warnings.push_back(
            fmt::format("The source is quantized already ({}): what that has lost stays lost. The "
                        "model in F16 or BF16 gives a better file.",
                        printableName(method)));
    warnOfWidths(report);
    warnOfFeedback(report, recipe);
    if (importance != nullptr) warnOfImportance(report, *importance);
    return report;
}

}  // namespace sotto
