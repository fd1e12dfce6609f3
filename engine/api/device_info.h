// The devices this machine offers and what was measured on them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace sotto {

struct DeviceInfo {
    std::string id;                 // "cpu", "cuda:0"
    std::string name;               // marketing name
    std::string instructionSet;     // "avx512-vnni"; CUDA: "sm_89"
    int nCores = 0;                 // physical cores or SMs
    std::uint64_t memoryTotal = 0;  // bytes
    std::uint64_t memoryAvailable = 0;
    std::string unusableReason;  // empty: usable; else a sentence ("built without CUDA")
};

struct BandwidthMeasurement {
    double readGbS = 0;  // 1e9 bytes per second, median
    double copyGbS = 0;  // read and write counted
    double specGbS = 0;  // by the data sheet; 0 where the device does not tell (the processor)
};

std::vector<DeviceInfo> listDevices();

// The processor's, takes under two seconds with `nThreads` (0: one per physical core).
BandwidthMeasurement measureBandwidth(int nThreads);

// Of any device by its id; a card takes about half a second. Errors: InvalidArgument (no such
// device), Unsupported (build, driver or card), OutOfMemory, DeviceFailed.
Result<BandwidthMeasurement> measureDeviceBandwidth(const std::string& deviceId);

}  // namespace sotto
