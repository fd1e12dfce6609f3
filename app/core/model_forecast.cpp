#include "app/core/model_forecast.h"

#include <algorithm>

namespace sotto::app {
namespace {

MemoryRoom roomOf(const DeviceInfo& device, std::uint64_t heldBytes, std::uint64_t neededBytes) {
    MemoryRoom room;
    room.needed = neededBytes;
    room.available = device.memoryAvailable + heldBytes;
    room.total = device.memoryTotal;
    room.ofOthers = room.total - std::min(room.total, room.available);
    return room;
}

}  // namespace

KnownRates rememberedRates(const RateStore& store, const ChosenDevices& devices, int nThreads) {
    KnownRates rates;
    rates.processor = store.load(rateKeyOf(devices.processor, nThreads));
    if (devices.card) rates.card = store.load(rateKeyOf(*devices.card, nThreads));
    return rates;
}

KnownRates rememberedRates(const std::filesystem::path& cache, const ChosenDevices& devices,
                           int nThreads) {
    if (cache.empty()) return {};
    return rememberedRates(RateStore(RateStore::pathIn(cache)), devices, nThreads);
}

PlanSpace ForecastSetting::space() const {
    PlanSpace space = spaceFor(devices, held, nThreads);
    space.products = products;
    return space;
}

std::uint64_t ModelForecast::bytesMissing() const {
    if (!plan.shortage) return 0;
    return plan.shortage->needed - std::min(plan.shortage->needed, plan.shortage->available);
}

ModelForecast forecastOf(PlannedModel plan, const ForecastSetting& setting) {
    ModelForecast forecast;
    const std::uint64_t onCard = plan.info.cardMemory.total();
    const std::uint64_t all = plan.info.memory.total();
    forecast.processor =
        roomOf(setting.devices.processor, setting.held.processor, all - std::min(all, onCard));
    if (setting.devices.card)
        forecast.card = roomOf(*setting.devices.card, setting.held.card, onCard);
    forecast.point = setting.point;
    forecast.speed =
        forecastSpeed(plan.info, setting.rates.processor,
                      setting.rates.card ? &*setting.rates.card : nullptr, setting.point);
    forecast.plan = std::move(plan);
    return forecast;
}

}  // namespace sotto::app
