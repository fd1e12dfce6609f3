// listDevices() of engine/api/device_info.h: the processor first, then the cards that a CUDA build
// can see; and deviceTraits().
#include <utility>

#include "base/cpu_features.h"
#include "engine/api/device_info.h"
#include "engine/device/cuda/cuda_devices.h"
#include "engine/device/system_memory.h"

namespace sotto {

std::vector<DeviceInfo> listDevices() {
    const CpuInfo cpu = cpuInfo();
    const SystemMemory memory = systemMemory();
    DeviceInfo device;
    device.id = "cpu";
    device.name = cpu.name;
    device.instructionSet = isaName(bestIsa());
    device.nCores = cpu.nPhysicalCores;
    device.quotaCores = cpu.quota;
    device.nThreads = cpu.defaultThreads();
    device.memoryTotal = memory.totalBytes;
    device.memoryAvailable = memory.availableBytes;
    std::vector<DeviceInfo> devices{device};
    for (DeviceInfo& card : listCudaDevices()) devices.push_back(std::move(card));
    return devices;
}

DeviceTraits deviceTraits(const std::string& deviceId) {
    if (deviceId == "cpu") return {cpuInfo().lastLevelCacheBytes, {}};
    return cudaDeviceTraits(deviceId);
}

std::string_view throttleReasonName(ThrottleReason reason) {
    switch (reason) {
        case ThrottleReason::Heat: return "heat";
        case ThrottleReason::Power: return "power limit";
        case ThrottleReason::PowerBrake: return "power supply";
        case ThrottleReason::Hardware: return "hardware protection";
        case ThrottleReason::Limited: return "clocks set lower";
        case ThrottleReason::Synced: return "waiting for other cards";
        case ThrottleReason::Idle: return "idle";
    }
    return "unknown";
}

}  // namespace sotto
