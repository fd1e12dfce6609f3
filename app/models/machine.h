// What the window knows of this computer's devices, and what a choice among them comes to.
//
// Place: ModelController asks the probe on a worker thread and keeps the answer. Plain values.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "app/core/chosen_devices.h"
#include "app/core/model_forecast.h"
#include "app/core/model_places.h"
#include "engine/api/device_info.h"
#include "engine/api/forecast.h"
#include "engine/api/inspect.h"

namespace sotto::app {

// The questions that go to the machine and the engine. Any thread; tests bring their own.
struct MachineProbe {
    std::function<std::vector<DeviceInfo>()> listDevices = sotto::listDevices;
    // The processor's read bandwidth; takes under two seconds of all cores unless it is cancelled.
    std::function<BandwidthMeasurement(int nThreads, const std::atomic<bool>* isCancelled)>
        measureProcessor = sotto::measureBandwidth;
    // What a device's kernels read of each tensor type; see RateWish.
    std::function<Result<MachineRates>(const EngineOptions&, RateWish, const ProgressSink&)>
        measureRates = sotto::measureRates;
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

}  // namespace sotto::app
