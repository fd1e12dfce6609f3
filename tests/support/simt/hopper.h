// A card on which kernels may begin before the one in front has ended (compute capability 9.0):
// every kernel must wait for what it reads.
#pragma once

#include "tests/support/simt/control.h"

namespace simt {

// Before anything is allocated, as setDevices().
inline void useHopper() {
    DeviceSettings hopper = defaultDevice();
    hopper.major = 9;
    hopper.minor = 0;
    setDevices({hopper});
}

}  // namespace simt
