#include "engine/device/cuda/cuda_devices.h"

namespace sotto {

std::vector<DeviceInfo> listCudaDevices() { return {}; }

}  // namespace sotto
