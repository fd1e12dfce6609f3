// The NVIDIA cards of this machine, as far as a build with the CUDA toolkit can see them, and what
// their memory can do.
//
// cuda_devices.cpp where a toolkit was found at configure time, no_cuda.cpp otherwise. Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/device_info.h"
#include "engine/api/device_traits.h"

namespace sotto {

// Cards that cannot be used carry the reason. Where the driver is too old to name its cards, one
// entry stands for them. Makes no context on a card unless the driver's management library is
// missing, or the context of the calling thread's card has failed.
std::vector<DeviceInfo> listCudaDevices();

// As deviceTraits(); nothing is known of a card that is not here.
DeviceTraits cudaDeviceTraits(const std::string& deviceId);

// Whether there is any card this build can talk to. Errors: Unsupported, with the reason.
Status checkCuda();

// "cuda:N". Errors: Unsupported (this build, driver, card), InvalidArgument, OutOfMemory,
// DeviceFailed.
Result<BandwidthMeasurement> measureCudaBandwidth(const std::string& deviceId);

}  // namespace sotto
