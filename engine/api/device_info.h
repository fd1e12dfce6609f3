// The devices this machine offers and what was measured on them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
};

std::vector<DeviceInfo> listDevices();

// Takes under two seconds with `nThreads` (0: one per physical core). CPU only for now.
BandwidthMeasurement measureBandwidth(int nThreads);

}  // namespace sotto
