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

// The devices work one after the other, so their times add up.
SpeedForecast byBandwidth(const ModelInfo& model, const KnownRates& rates, double cacheBytes) {
    const double onCard = static_cast<double>(model.cardBytesPerToken);
    const double all = static_cast<double>(model.bytesPerToken);
    SpeedForecast forecast;
    forecast.bytesPerToken = all + cacheBytes;
    if (all <= 0) return forecast;
    const double perByte = forecast.bytesPerToken / all;  // the cache lies beside its layers
    double seconds = 0;
    if (onCard < all) seconds += (all - onCard) * perByte / (1e9 * rates.processor.readGbS);
    if (onCard > 0) seconds += onCard * perByte / (1e9 * rates.card->readGbS);
    forecast.tokensPerSecond = 1 / seconds;
    return forecast;
}

// Small matrices of a type that was not measured (a router in F32) do not make a speed.
constexpr double kShareThatCounts = 0.05;

bool areTypesMeasured(const ModelInfo& model, const MachineRates& rates) {
    double all = 0, missing = 0;
    for (const WeightUse& use : model.weightUse) {
        all += static_cast<double>(use.bytesPerToken);
        if (rates.find(use.type) == nullptr) missing += static_cast<double>(use.bytesPerToken);
    }
    return all > 0 && missing <= kShareThatCounts * all;
}

SpeedBasis basisOf(const ModelInfo& model, const MachineRates& rates, bool isByDataSheet) {
    if (areTypesMeasured(model, rates)) return SpeedBasis::Rates;
    if (rates.readGbS <= 0) return SpeedBasis::Unknown;
    return isByDataSheet ? SpeedBasis::DataSheet : SpeedBasis::Bandwidth;
}

}  // namespace

ModelSpeed speedOf(const ModelInfo& model, const KnownRates& rates, const ForecastPoint& point) {
    ModelSpeed speed;
    // Unpacked matrices are no longer those of the file: nothing here says how fast they are read.
    if (model.bytesPerToken == 0 || !model.unpackedTypes.empty()) return speed;
    speed.basis = SpeedBasis::Rates;
    if (model.cardBytesPerToken < model.bytesPerToken)
        speed.basis = std::min(speed.basis, basisOf(model, rates.processor, false));
    if (model.cardBytesPerToken > 0)
        speed.basis =
            std::min(speed.basis, rates.card ? basisOf(model, *rates.card, rates.isCardByDataSheet)
                                             : SpeedBasis::Unknown);
    if (speed.basis == SpeedBasis::Unknown) return speed;
    if (speed.basis == SpeedBasis::Rates) {
        speed.forecast =
            forecastSpeed(model, rates.processor, rates.card ? &*rates.card : nullptr, point);
        return speed;
    }
    const double cacheBytes = model.contextTokens == 0
                                  ? 0
                                  : static_cast<double>(model.memory.kv) /
                                        static_cast<double>(model.contextTokens) *
                                        static_cast<double>(point.depth);
    speed.forecast = byBandwidth(model, rates, cacheBytes);
    return speed;
}

KnownRates rememberedRates(const RateStore& store, const ChosenDevices& devices, int nThreads) {
    KnownRates rates;
    rates.processor = store.load(rateKeyOf(devices.processor, nThreads));
    if (devices.card) rates.card = store.load(rateKeyOf(*devices.card, nThreads));
    return rates;
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
    const ModelSpeed speed = speedOf(plan.info, setting.rates, setting.point);
    forecast.speed = speed.forecast;
    forecast.basis = speed.basis;
    forecast.plan = std::move(plan);
    return forecast;
}

}  // namespace sotto::app
