// What of a device decides how fast it computes, besides its name: for whoever measures it and
// keeps the figures.
#pragma once

#include <cstdint>
#include <string>

namespace sotto {

struct DeviceTraits {
    std::uint64_t cacheBytes = 0;  // of its largest cache; 0: unknown
    std::string driver;            // of a card, "550.54.15"; empty: it does not tell
};

// By DeviceInfo::id. Asks a card's driver, which takes milliseconds. Any thread.
DeviceTraits deviceTraits(const std::string& deviceId);

}  // namespace sotto
