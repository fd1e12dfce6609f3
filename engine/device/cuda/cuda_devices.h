// The NVIDIA cards of this machine, as far as a build with the CUDA toolkit can see them.
//
// cuda_devices.cpp where a toolkit was found at configure time, no_cuda.cpp otherwise. No card is
// used yet: each carries the reason why.
#pragma once

#include <vector>

#include "engine/api/device_info.h"

namespace sotto {

std::vector<DeviceInfo> listCudaDevices();

}  // namespace sotto
