#include "app/models/load_remedies.h"

#include <utility>

namespace sotto::app {
namespace {

std::vector<LoadRemedy> triedFor(const LoadOptions& wanted, bool hasCard) {
    std::vector<LoadRemedy> tried;
    const auto add = [&tried](LoadRemedy::Kind kind, LoadOptions options) {
        tried.push_back({kind, std::move(options), {}});
    };
    for (const auto& [kind, types] :
         {std::pair{LoadRemedy::CacheF16, KvTypes()},
          std::pair{LoadRemedy::CacheQ8, KvTypes{KvType::Q8_0, KvType::Q8_0}}}) {
        if (bytesOfPair(types) >= bytesOfPair(wanted.kv)) continue;
        LoadOptions options = wanted;
        options.kv = types;
        add(kind, options);
    }
    if (!hasCard) return tried;
    if (wanted.gpuLayers != kGpuLayersAuto) {
        LoadOptions options = wanted;
        options.gpuLayers = kGpuLayersAuto;
        add(LoadRemedy::CardLayers, options);
    }
    LoadOptions options = wanted;
    options.device = "cpu";
    options.gpuLayers = kGpuLayersAuto;
    add(LoadRemedy::Processor, options);
    return tried;
}

}  // namespace

std::vector<LoadRemedy> remediesOfRefusal(const ForecastSetting& setting,
                                          const MachineProbe& machine) {
    ForecastSetting other = setting;
    other.load.kv = {};
    if (setting.load.kv == other.load.kv) return {};
    auto plan = machine.planModel(other.load, other.space());
    if (!plan) return {};
    return {{LoadRemedy::CacheF16, other.load, forecastOf(std::move(*plan), other)}};
}

std::vector<LoadRemedy> remediesOf(const ModelForecast& planned, const ForecastSetting& setting,
                                   const MachineProbe& machine,
                                   const std::vector<DeviceInfo>& devices,
                                   const std::atomic<bool>& isCancelled) {
    // Without a wish for a context a shorter one is what was asked for.
    const bool isShort = planned.plan.isShortened && setting.load.contextTokens > 0;
    if (planned.isFitting() && !isShort) return {};
    const std::int64_t least = planned.isFitting() ? planned.plan.info.contextTokens : 0;
    std::vector<LoadRemedy> found;
    for (LoadRemedy& remedy : triedFor(setting.load, setting.devices.card.has_value())) {
        if (isCancelled) return {};
        ForecastSetting other = setting;
        other.load = remedy.options;
        other.devices = chooseDevices(other.load.device, devices);
        auto plan = machine.planModel(other.load, other.space());
        if (!plan || plan->shortage || plan->info.contextTokens <= least) continue;
        remedy.forecast = forecastOf(std::move(*plan), other);
        found.push_back(std::move(remedy));
    }
    return found;
}

}  // namespace sotto::app
