#include "app/workshop/mix_plan.h"

#include <QString>
#include <algorithm>
#include <map>
#include <utility>

namespace sotto::app {
namespace {

std::string typeName(DType type) { return std::string(dtypeTraits(type).name); }

std::string nameOfBits(double bitsPerWeight) {
    return QString::number(bitsPerWeight, 'f', 2).toStdString() + " bpw";
}

std::string quantizedSource(const QuantizeReport& report) {
    std::map<DType, int> counts;
    for (const QuantizedTensor& tensor : report.tensors)
        if (dtypeTraits(tensor.from).blockElements > 1) ++counts[tensor.from];
    if (counts.empty()) return {};
    return typeName(std::ranges::max_element(counts, {}, [](const auto& count) {
                        return count.second;
                    })->first);
}

std::vector<MixFallback> fallbacksOf(const QuantizeReport& report) {
    std::map<std::pair<DType, DType>, int> counts;
    for (const QuantizedTensor& tensor : report.tensors)
        if (tensor.refused) ++counts[{*tensor.refused, tensor.to}];
    std::vector<MixFallback> fallbacks;
    for (const auto& [types, count] : counts)
        fallbacks.push_back({count, typeName(types.first), typeName(types.second)});
    return fallbacks;
}

// No smaller than the source; or the mix of a mixture's experts, which there are none of.
bool isPointless(const QuantizeReport& report, const std::string& type) {
    std::uint64_t bytes = 0;
    bool hasMxfp4 = false;
    for (const QuantizedTensor& tensor : report.tensors) {
        bytes += tensor.bytes;
        hasMxfp4 = hasMxfp4 || tensor.to == DType::MXFP4;
    }
    return bytes >= report.sourceBytes || (type == "MXFP4_MOE" && !hasMxfp4);
}

QuantizeOptions plannedOptions(const QuantizeOrder& order) {
    QuantizeOptions options = optionsOf(order);
    options.isImportanceToCome = order.isMeasuredFirst();
    options.isTextToCome = order.method == ModelMethod::Gptq;
    return options;
}

}  // namespace

Result<MixPlan> planMix(const QuantizeOrder& order, const ForecastSetting& setting,
                        const QuantizeSink& sink) {
    MixPlan plan;
    plan.type = order.type;
    plan.budget = order.budget;
    SOTTO_ASSIGN(const PlannedFile planned, planQuantizedFile(plannedOptions(order), sink));
    const QuantizeReport& report = planned.report;
    if (order.budget.isThere()) plan.type = nameOfBits(report.bitsPerWeight);
    if (report.spent && report.spent->isMeasured) plan.expectedLoss = report.spent->loss;
    plan.sourceBytes = report.sourceBytes;
    plan.fileBytes = report.fileBytes;
    plan.bitsPerWeight = report.bitsPerWeight;
    plan.nTensors = static_cast<int>(report.tensors.size());
    plan.quantizedSource = quantizedSource(report);
    plan.fallbacks = fallbacksOf(report);
    plan.nUnmeasured = static_cast<int>(report.nUnmeasured);
    plan.nNotFed = static_cast<int>(report.nNotFed);
    plan.feedbackBytes = report.feedbackBytes;
    plan.isPointless = isPointless(report, order.type);
    auto model = planHeader(planned.header, order.name, setting.load, setting.space());
    if (!model) return plan;
    model->info.fileBytes = report.fileBytes;
    model->info.tensors.clear();
    plan.forecast = forecastOf(std::move(*model), setting);
    return plan;
}

Result<MixPlan> planTarget(QuantizeOrder order, const ForecastSetting& setting,
                           std::uint64_t memoryBytes, const QuantizeSink& sink) {
    if (memoryBytes > 0) {
        // Where its layers would lie, but however much there is now: the target is the limit.
        PlanSpace space;
        space.nThreads = setting.nThreads;
        space.products = setting.products;
        constexpr std::uint64_t kPlenty = std::uint64_t{1} << 50;
        if (setting.devices.card && canPlanForCards()) space.cardBytes = kPlenty;
        SOTTO_ASSIGN(order.budget.fileBytes,
                     fileBytesForMemory(plannedOptions(order), setting.load, space, memoryBytes));
        order.budget.isForMemory = true;
    }
    return planMix(order, setting, sink);
}

}  // namespace sotto::app
