// listDevices() of engine/api/device_info.h. Only the processor for now; a CUDA build adds its own.
#include "engine/api/device_info.h"
#include "engine/base/cpu_features.h"
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
    device.memoryTotal = memory.totalBytes;
    device.memoryAvailable = memory.availableBytes;
    return {device};
}

}  // namespace sotto
