// What a model's answers were measured at on this machine, beside what had been forecast of them:
// the calibration of later forecasts.
//
// A file of JSON in the cache folder, one entry per model file and device, the newest last. What
// cannot be read is measured again by the next answer. Any thread; one writes at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/core/chosen_devices.h"
#include "app/core/model_forecast.h"
#include "base/result.h"
#include "engine/api/stats.h"

namespace sotto::app {

// Another size of the file is another model, another device's name another machine.
struct SpeedKey {
    std::string file;  // its path without links and detours
    std::uint64_t fileBytes = 0;
    std::string device;  // speedDevice()

    bool operator==(const SpeedKey&) const = default;
};

// The same for every way to name a file. Asks the disk.
SpeedKey speedKeyOf(const std::filesystem::path& file, std::uint64_t fileBytes, std::string device);

// What computes a model of which so many layers lie on the card: names of one device or both.
std::string speedDevice(const ChosenDevices& devices, std::int64_t nGpuLayers,
                        std::int64_t nLayers);

struct MeasuredSpeed {
    SpeedKey key;
    double tokensPerSecond = 0;  // one chat alone, decoding
    double depth = 0;            // tokens in the cache then, on average
    double forecast = 0;         // tokens per second at that depth, uncorrected; 0: there was none
    // That forecast followed from measured rates, not from the bandwidth alone.
    bool isByRates = false;
    std::int64_t measuredAt = 0;  // ms since 1970 UTC
};

class SpeedStore {
public:
    // Its place in the folder for what can be made again.
    static std::filesystem::path pathIn(const std::filesystem::path& cache) {
        return cache / "sotto-speeds.json";
    }
    // Models that are remembered at most; the oldest go.
    static constexpr std::size_t kMost = 200;

    explicit SpeedStore(std::filesystem::path file) : m_file(std::move(file)) {}

    std::vector<MeasuredSpeed> load() const;  // oldest first; empty when there are none
    // In place of the one with the same key. Errors: those of AtomicFile.
    Status save(const MeasuredSpeed& speed) const;

private:
    std::filesystem::path m_file;
};

// As save() does to the list: in place of the one with the same key, the newest last.
void addSpeed(std::vector<MeasuredSpeed>& speeds, MeasuredSpeed speed);

// Of the newest with this key.
std::optional<MeasuredSpeed> findSpeed(const std::vector<MeasuredSpeed>& speeds,
                                       const SpeedKey& key);

// A forecast corrected by what was measured of the same model: their ratio was about the same at
// every depth that was looked at, so it stands for all. One that follows from something else than
// the forecast of then stays as it is.
double correctedSpeed(const ModelSpeed& forecast, const std::optional<MeasuredSpeed>& measured);
// That factor.
double correctionOf(SpeedBasis basis, const std::optional<MeasuredSpeed>& measured);

// How far the newest forecasts were off: those by measured rates, as long as there is any.
struct ForecastError {
    double share = 0;  // the median of |forecast / measured - 1|, of each file the newest
    int nModels = 0;   // 0: nothing to tell
};
ForecastError forecastError(const std::vector<MeasuredSpeed>& speeds);

// The speed that an answer tells of its model: at least so many tokens, written alone and evenly.
// Nothing where it tells none: others were served beside it (a step had more rows, it was paused),
// drafts were taken, or something slowed a part of it down.
inline constexpr std::int64_t kTokensThatTell = 64;
std::optional<double> speedOfAnswer(const RequestStats& answer);
// Tokens of a step with guesses: those that stood, and the sure one; 0: there was no such step.
double keptPerStep(std::int64_t nAccepted, std::int64_t nSteps);

}  // namespace sotto::app
