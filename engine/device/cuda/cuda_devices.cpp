#include "engine/device/cuda/cuda_devices.h"

#include <cuda_runtime_api.h>

#include <string>

namespace sotto {

std::vector<DeviceInfo> listCudaDevices() {
    std::vector<DeviceInfo> devices;
    // Without a driver the call fails and leaves its argument untouched.
    int nDevices = 0;
    if (cudaGetDeviceCount(&nDevices) != cudaSuccess) return devices;
    for (int index = 0; index < nDevices; ++index) {
        cudaDeviceProp properties{};
        if (cudaGetDeviceProperties(&properties, index) != cudaSuccess) continue;
        DeviceInfo device;
        device.id = "cuda:" + std::to_string(index);
        device.name = properties.name;
        device.instructionSet =
            "sm_" + std::to_string(properties.major) + std::to_string(properties.minor);
        device.nCores = properties.multiProcessorCount;
        device.memoryTotal = properties.totalGlobalMem;
        device.unusableReason = "This version runs models on the processor only.";
        devices.push_back(std::move(device));
    }
    return devices;
}

}  // namespace sotto
