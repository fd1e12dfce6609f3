// What the window knows of this computer's devices, and what a choice among them comes to.
//
// Place: ModelController asks the probe on a worker thread and keeps the answer. Plain values.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "app/core/model_places.h"
#include "engine/api/device_info.h"
#include "engine/api/inspect.h"

namespace sotto::app {

// Below this a model stays in the last-level cache of today's processors (32 to 96 MiB) and cards
// (up to 96): it is not read from memory, so the bandwidth of memory is no limit for it and nothing
// is predicted from it.
inline constexpr double kCacheBytes = 48.0 * 1024 * 1024;

// The questions that go to the machine and the engine. Any thread; tests bring their own.
struct MachineProbe {
    std::function<std::vector<DeviceInfo>()> listDevices = sotto::listDevices;
    // The processor's read bandwidth; takes under two seconds of all cores unless it is cancelled.
    std::function<BandwidthMeasurement(int nThreads, const std::atomic<bool>* isCancelled)>
        measureProcessor = sotto::measureBandwidth;
    std::function<Result<PlannedModel>(const LoadOptions&, const PlanSpace&)> planModel =
        sotto::planModel;
    // One question to the disk, on the GUI thread.
    std::function<bool(const std::string& path)> isThere = [](const std::string& path) {
        std::error_code ignored;
        return std::filesystem::exists(path, ignored);
    };
    // Where other programs keep models.
    std::function<std::vector<ModelPlace>()> listPlaces = [] {
        return findModelPlaces(processEnvironment());
    };
};

// What the device setting comes to.
struct ChosenDevices {
    // Why there is no card although one might be expected, for the window to put into words.
    enum class Problem { None, CardMissing, CardUnusable };

    DeviceInfo processor;
    std::optional<DeviceInfo> card;  // nothing: models run on the processor
    Problem problem = Problem::None;
    std::string problemDetail;  // CardUnusable: "GeForce …: the driver is too old …"

    const DeviceInfo& main() const { return card ? *card : processor; }
};

// `setting`: "auto", "cpu" or "cuda:N"; a device that is not there gives way to the automatic
// choice, as at the start of the engine.
ChosenDevices chooseDevices(const std::string& setting, const std::vector<DeviceInfo>& devices);

// What the loaded model holds and would give back, in bytes.
struct HeldMemory {
    std::uint64_t processor = 0;
    std::uint64_t card = 0;
    bool hasCardContext = false;  // this program has used the card before, so it counts already
};

// What the next model may take. A card that this program has not used yet loses some memory to its
// context.
PlanSpace spaceFor(const ChosenDevices& devices, const HeldMemory& held, int nThreads);

}  // namespace sotto::app
