#include "tests/engine/device/cuda/fake_nvml.h"

#include <algorithm>
#include <cstring>

namespace sotto::cuda {

FakeNvml fakeNvml;

NvmlDeviceHandle fakeNvmlHandle() { return reinterpret_cast<NvmlDeviceHandle>(&fakeNvml); }

namespace {

int give(NvmlDeviceHandle device, unsigned* target, unsigned value) {
    if (fakeNvml.isSilent || device != fakeNvmlHandle()) return kNvmlNotSupported;
    *target = value;
    return kNvmlSuccess;
}

int giveList(const std::vector<NvmlProcess>& source, unsigned* count, NvmlProcess* list) {
    if (fakeNvml.isSilent) return kNvmlNotSupported;
    const bool isTooSmall = *count < source.size();
    *count = unsigned(source.size());
    if (isTooSmall) return kNvmlInsufficientSize;
    std::copy(source.begin(), source.end(), list);
    return kNvmlSuccess;
}

}  // namespace

NvmlApi fakeNvmlApi() {
    NvmlApi api;
    api.init = [] {
        ++fakeNvml.nInits;
        return fakeNvml.initResult;
    };
    api.shutdown = [] {
        ++fakeNvml.nShutdowns;
        return int{kNvmlSuccess};
    };
    api.driverVersion = [](char* text, unsigned length) {
        std::strncpy(text, "580.65.06", length);
        return int{kNvmlSuccess};
    };
    api.handleByPciBusId = [](const char* busId, NvmlDeviceHandle* device) {
        fakeNvml.askedBusId = busId;
        if (fakeNvml.askedBusId != fakeNvml.knownBusId) return 6;  // not found
        *device = fakeNvmlHandle();
        return int{kNvmlSuccess};
    };
    api.memoryInfo = [](NvmlDeviceHandle, NvmlMemory* memory) {
        if (fakeNvml.isSilent) return int{kNvmlNotSupported};
        *memory = fakeNvml.memory;
        return int{kNvmlSuccess};
    };
    api.computeProcesses = [](NvmlDeviceHandle, unsigned* count, NvmlProcess* list) {
        return giveList(fakeNvml.computing, count, list);
    };
    api.graphicsProcesses = [](NvmlDeviceHandle, unsigned* count, NvmlProcess* list) {
        return giveList(fakeNvml.drawing, count, list);
    };
    api.clockInfo = [](NvmlDeviceHandle device, int clock, unsigned* mhz) {
        return give(device, mhz, clock == 1 ? 1980 : clock == 2 ? 10501 : 0);
    };
    api.maxClockInfo = [](NvmlDeviceHandle device, int clock, unsigned* mhz) {
        return give(device, mhz, clock == 1 ? 2520 : clock == 2 ? 10502 : 0);
    };
    api.powerUsage = [](NvmlDeviceHandle device, unsigned* milliwatts) {
        return give(device, milliwatts, 312500);
    };
    api.powerLimit = [](NvmlDeviceHandle device, unsigned* milliwatts) {
        return give(device, milliwatts, 450000);
    };
    api.temperature = [](NvmlDeviceHandle device, int sensor, unsigned* celsius) {
        return give(device, celsius, sensor == 0 ? 71 : 0);
    };
    api.utilization = [](NvmlDeviceHandle, NvmlUtilization* rates) {
        if (fakeNvml.isSilent) return int{kNvmlNotSupported};
        *rates = {97, 64};
        return int{kNvmlSuccess};
    };
    api.throttleReasons = [](NvmlDeviceHandle, unsigned long long* reasons) {
        if (fakeNvml.isSilent) return int{kNvmlNotSupported};
        *reasons = fakeNvml.throttle;
        return int{kNvmlSuccess};
    };
    api.pcieGeneration = [](NvmlDeviceHandle device, unsigned* generation) {
        return give(device, generation, 4);
    };
    api.pcieWidth = [](NvmlDeviceHandle device, unsigned* lanes) {
        return give(device, lanes, 16);
    };
    api.pcieThroughput = [](NvmlDeviceHandle device, int counter, unsigned* kbPerSecond) {
        return give(device, kbPerSecond, counter == 0 ? 500000 : 12000000);
    };
    api.busWidth = [](NvmlDeviceHandle device, unsigned* bits) { return give(device, bits, 384); };
    return api;
}

}  // namespace sotto::cuda
