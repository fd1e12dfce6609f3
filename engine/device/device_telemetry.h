// DeviceTelemetry: what a card says of itself while it works, for the live panel.
//
// Flow: the engine thread opens one for the card that a model lies on and reads it about once a
// second; the figures reach other threads in EngineSnapshot. The processor has none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/api/device_info.h"

namespace sotto {

class DeviceTelemetry {
public:
    virtual ~DeviceTelemetry() = default;

    // Takes well under a millisecond. `ownBytes`: what this program has allocated on the card, for
    // drivers that do not name the programs.
    virtual DeviceStats read(std::uint64_t ownBytes) = 0;
};

// Null for "cpu", for a build without CUDA and for a card that cannot be used. Without the driver's
// management library the figures are few, but there are some.
std::unique_ptr<DeviceTelemetry> openDeviceTelemetry(const std::string& deviceId);

}  // namespace sotto
