// The devices this machine offers and what was measured on them.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sotto {

struct DeviceInfo {
    std::string id;                 // "cpu", "cuda:0"
    std::string name;               // marketing name
    std::string instructionSet;     // "avx512-vnni"; CUDA: "sm_89"
    int nCores = 0;                 // physical cores or SMs
    int nThreads = 0;               // of the processor, by default; a card has none
    double quotaCores = 0;          // cores' worth of time that the system grants; 0: all of it
    std::uint64_t memoryTotal = 0;  // bytes
    std::uint64_t memoryAvailable = 0;
    double specGbS = 0;  // of its memory by the data sheet, 1e9 bytes per second; 0: unknown
    std::string unusableReason;  // empty: usable; else a sentence ("built without CUDA")
};

struct BandwidthMeasurement {
    double readGbS = 0;  // 1e9 bytes per second: processor the best pass, card the median; 0: none
    double copyGbS = 0;  // read and write counted
    double specGbS = 0;  // by the data sheet; 0 where the device does not tell (the processor)
};

// Why a card runs below its clocks, strongest first.
enum class ThrottleReason : std::uint8_t {
    Heat,
    Power,       // at its power limit
    PowerBrake,  // the power supply asks for less
    Hardware,    // the card protects itself; it does not say against what
    Limited,     // somebody has set lower clocks
    Synced,      // waits for slower cards of its group
    Idle,
};
inline constexpr int kThrottleReasons = 7;

// An English word or two for logs and the command line: "heat", "power limit".
std::string_view throttleReasonName(ThrottleReason reason);

// A card now, as its driver tells. What it does not tell is 0. Copied as bytes between threads.
struct DeviceStats {
    char name[96] = {};  // empty: the model is not on a card
    double specGbS = 0;  // bandwidth by the data sheet, 1e9 bytes per second
    std::uint64_t memoryTotal = 0;
    std::uint64_t memoryFree = 0;
    std::uint64_t memoryOfOthers = 0;  // of other programs and the system
    bool isMemoryKnown = false;
    // Of this program, as planned; the rest of what is held is the driver's share for it.
    std::uint64_t memoryWeights = 0, memoryKv = 0, memoryScratch = 0;
    std::int32_t smClockMhz = 0, smClockMaxMhz = 0;
    std::int32_t memoryClockMhz = 0, memoryClockMaxMhz = 0;
    double powerWatts = 0, powerLimitWatts = 0;
    std::int32_t temperatureCelsius = 0;
    std::int32_t utilizationPercent = -1;  // share of time in which any kernel ran; -1: unknown
    std::int32_t pcieGeneration = 0, pcieLanes = 0;
    std::uint32_t throttling = 0;  // 1 << ThrottleReason

    bool isThrottledBy(ThrottleReason reason) const {
        return (throttling >> static_cast<unsigned>(reason) & 1u) != 0;
    }
};

std::vector<DeviceInfo> listDevices();

// The device that a name of EngineOptions stands for; "auto" is the first card that can be used,
// else the processor. Nothing: it is not here, or cannot be used.
std::optional<DeviceInfo> chosenDevice(std::string_view name);
// The same in a list that is there already.
std::optional<DeviceInfo> chosenDevice(std::string_view name, std::span<const DeviceInfo> devices);

// The processor's, takes under two seconds with `nThreads` (0: DeviceInfo::nThreads). Zeros where
// there is no room for it, or when another thread sets `isCancelled`.
BandwidthMeasurement measureBandwidth(int nThreads, const std::atomic<bool>* isCancelled = nullptr);

// Of any device by its id; the processor's as above, a card's takes about half a second. Zeros
// where there is no room for it. Errors, of a card: InvalidArgument (no such device), Unsupported
// (build, driver or card), DeviceFailed.
Result<BandwidthMeasurement> measureDeviceBandwidth(const std::string& deviceId, int nThreads = 0);

}  // namespace sotto
