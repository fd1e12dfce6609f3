// What is told of a model before it is loaded: the memory that it takes against what there is, and
// its speed on this machine.
//
// Place: the command line's `forecast` and the window's lists. Nothing is measured here: rates are
// those that were remembered, and where there are none the speed is not known. Pure but for
// rememberedRates(), which reads a file; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "app/core/chosen_devices.h"
#include "app/core/rate_store.h"
#include "engine/api/engine_options.h"
#include "engine/api/forecast.h"
#include "engine/api/inspect.h"

namespace sotto::app {

// What was measured of the chosen devices, whenever that was.
struct KnownRates {
    MachineRates processor;
    std::optional<MachineRates> card;  // nothing: no card was chosen
    // The card's bandwidth is its maker's: nothing of it was measured yet.
    bool isCardByDataSheet = false;

    bool operator==(const KnownRates&) const = default;
};

KnownRates rememberedRates(const RateStore& store, const ChosenDevices& devices, int nThreads);

// What a forecast is for.
struct ForecastSetting {
    LoadOptions load;  // context, layers, types of keys and values; the path of a file that is here
    ChosenDevices devices;
    HeldMemory held;
    int nThreads = 0;  // as in EngineOptions
    KnownRates rates;
    ForecastPoint point;
    ProductPath products = ProductPath::Measured;  // as in EngineOptions

    PlanSpace space() const;
};

// One device's memory, in bytes.
struct MemoryRoom {
    std::uint64_t needed = 0;     // by the model
    std::uint64_t available = 0;  // to it, with what this program's loaded model would give back
    std::uint64_t ofOthers = 0;   // of other programs and the system, now
    std::uint64_t total = 0;      // of the device; 0: it does not tell
};

// What a speed follows from. Bandwidth: bytes over what the memory gives out, before a tensor type
// was measured: no kernel is faster. Rates: what the kernels were measured to read of each type.
enum class SpeedBasis { Unknown, DataSheet, Bandwidth, Rates };

struct ModelSpeed {
    SpeedForecast forecast;
    SpeedBasis basis = SpeedBasis::Unknown;  // of the device about which less is known
};

// The one forecast of speed: of lists, of files on a hub and of the command line.
ModelSpeed speedOf(const ModelInfo& model, const KnownRates& rates, const ForecastPoint& point);

struct ModelForecast {
    PlannedModel plan;
    MemoryRoom processor;
    MemoryRoom card;  // zeros without one
    ForecastPoint point;
    SpeedForecast speed;
    SpeedBasis basis = SpeedBasis::Unknown;

    bool isFitting() const { return !plan.shortage; }
    // How much of the memory that it needs is not there; 0 where it fits.
    std::uint64_t bytesMissing() const;
    bool isSpeedKnown() const { return speed.tokensPerSecond > 0; }
};

// Below this a model stays in the last-level cache of today's processors (32 to 96 MiB) and cards
// (up to 96): it is not read from memory, so what follows from its bandwidth is only the least.
inline constexpr double kCacheBytes = 48.0 * 1024 * 1024;
inline bool staysInCache(const ModelInfo& model) {
    return static_cast<double>(model.bytesPerToken) < kCacheBytes;
}

ModelForecast forecastOf(PlannedModel plan, const ForecastSetting& setting);

}  // namespace sotto::app
