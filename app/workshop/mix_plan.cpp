#include "app/workshop/mix_plan.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sotto::app {
namespace {

std::string typeName(DType type) { return std::string(dtypeTraits(type).name); }

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

}  // namespace

Result<MixPlan> planMix(const QuantizeOrder& order, const ForecastSetting& setting) {
    MixPlan plan;
    plan.type = order.type;
    SOTTO_ASSIGN(const PlannedFile planned, planQuantizedFile(optionsOf(order)));
    const QuantizeReport& report = planned.report;
    plan.sourceBytes = report.sourceBytes;
    plan.fileBytes = report.fileBytes;
    plan.bitsPerWeight = report.bitsPerWeight;
    plan.nTensors = static_cast<int>(report.tensors.size());
    plan.quantizedSource = quantizedSource(report);
    plan.fallbacks = fallbacksOf(report);
    plan.isPointless = isPointless(report, order.type);
    auto model = planHeader(planned.header, order.name, setting.load, setting.space());
    if (!model) return plan;
    model->info.fileBytes = report.fileBytes;
    model->info.tensors.clear();
    plan.forecast = forecastOf(std::move(*model), setting);
    return plan;
}

}  // namespace sotto::app
