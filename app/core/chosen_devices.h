// Which of this computer's devices a choice comes to, and how much of each the next model may take.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/device_info.h"
#include "engine/api/inspect.h"

namespace sotto::app {

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
