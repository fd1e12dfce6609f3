// The part of NVIDIA's management library that is used here, in our own declarations: its header
// does not come with the toolkit, and the library only with the driver.
//
// A table of function pointers, so that tests can put their own functions in. Source: NVML API
// Reference Guide (types and values are part of its stable binary interface).
#pragma once

#include <cstdint>

namespace sotto::cuda {

struct NvmlDeviceOpaque;
using NvmlDeviceHandle = NvmlDeviceOpaque*;

// nvmlReturn_t; others than these are only passed on as numbers.
enum NvmlReturn : int {
    kNvmlSuccess = 0,
    kNvmlNotSupported = 3,
    kNvmlInsufficientSize = 7,
};

enum NvmlClock : int { kNvmlClockSm = 1, kNvmlClockMemory = 2 };
enum NvmlPcieCounter : int { kNvmlPcieSent = 0, kNvmlPcieReceived = 1 };
inline constexpr int kNvmlTemperatureGpu = 0;

struct NvmlMemory {
    unsigned long long total = 0, free = 0, used = 0;  // bytes; used includes the driver's own
};

struct NvmlUtilization {
    unsigned gpu = 0, memory = 0;  // percent of the last sample period
};

struct NvmlProcess {
    unsigned pid = 0;
    unsigned long long usedGpuMemory = 0;  // bytes, or kNvmlUnknownMemory
    unsigned gpuInstanceId = 0, computeInstanceId = 0;
};
// Windows' own memory manager keeps the figure to itself.
inline constexpr unsigned long long kNvmlUnknownMemory = ~0ull;

// nvmlClocksThrottleReason...
inline constexpr unsigned long long kThrottleIdle = 0x1, kThrottleUserClocks = 0x2,
                                    kThrottlePowerCap = 0x4, kThrottleHardware = 0x8,
                                    kThrottleSyncBoost = 0x10, kThrottleSoftwareThermal = 0x20,
                                    kThrottleHardwareThermal = 0x40, kThrottlePowerBrake = 0x80,
                                    kThrottleDisplayClocks = 0x100;

// Null: this version of the library does not have the function.
struct NvmlApi {
    int (*init)() = nullptr;
    int (*shutdown)() = nullptr;
    int (*driverVersion)(char* text, unsigned length) = nullptr;
    int (*handleByPciBusId)(const char* busId, NvmlDeviceHandle* device) = nullptr;
    int (*memoryInfo)(NvmlDeviceHandle device, NvmlMemory* memory) = nullptr;
    int (*computeProcesses)(NvmlDeviceHandle device, unsigned* count, NvmlProcess* list) = nullptr;
    int (*graphicsProcesses)(NvmlDeviceHandle device, unsigned* count, NvmlProcess* list) = nullptr;
    int (*clockInfo)(NvmlDeviceHandle device, int clock, unsigned* mhz) = nullptr;
    int (*maxClockInfo)(NvmlDeviceHandle device, int clock, unsigned* mhz) = nullptr;
    int (*powerUsage)(NvmlDeviceHandle device, unsigned* milliwatts) = nullptr;
    int (*powerLimit)(NvmlDeviceHandle device, unsigned* milliwatts) = nullptr;
    int (*temperature)(NvmlDeviceHandle device, int sensor, unsigned* celsius) = nullptr;
    int (*utilization)(NvmlDeviceHandle device, NvmlUtilization* rates) = nullptr;
    int (*throttleReasons)(NvmlDeviceHandle device, unsigned long long* reasons) = nullptr;
    int (*pcieGeneration)(NvmlDeviceHandle device, unsigned* generation) = nullptr;
    int (*pcieWidth)(NvmlDeviceHandle device, unsigned* lanes) = nullptr;
    int (*pcieThroughput)(NvmlDeviceHandle device, int counter, unsigned* kbPerSecond) = nullptr;
    int (*busWidth)(NvmlDeviceHandle device, unsigned* bits) = nullptr;
};

}  // namespace sotto::cuda
