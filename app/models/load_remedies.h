// What would help a load that does not fit, or that has no room for the context that was asked for:
// other parameters with which the allocators' dry run finds more room.
//
// Plain values and one function that reads the file's header a few times; any thread.
#pragma once

#include <atomic>
#include <vector>

#include "app/models/machine.h"

namespace sotto::app {

struct LoadRemedy {
    // CardLayers: as many as fit, in place of a number. Processor: all of the model is there.
    enum Kind { CacheF16, CacheQ8, CardLayers, Processor };
    Kind kind = CacheF16;
    LoadOptions options;
    ModelForecast forecast;  // with them
};

// Where a model's keys and values are not kept in the types that were asked for: in F16, if it
// loads so.
std::vector<LoadRemedy> remediesOfRefusal(const ForecastSetting& setting,
                                          const MachineProbe& machine);

// Those that fit and give a longer context than `planned` does, which was made with `setting`; the
// one that changes least first. Nothing where `planned` has all it wants.
std::vector<LoadRemedy> remediesOf(const ModelForecast& planned, const ForecastSetting& setting,
                                   const MachineProbe& machine,
                                   const std::vector<DeviceInfo>& devices,
                                   const std::atomic<bool>& isCancelled);

}  // namespace sotto::app
