// CudaDevice: one card, chosen and checked; what is known about it, and its memory right now.
//
// Flow: listCudaDevices() describes all cards, the engine opens one of them and makes it current on
// its thread before it allocates anything. Plain values; the functions may be called on any thread.
// Source of the checks: CUDA Toolkit release notes, tables "CUDA Toolkit and minimum required
// driver versions" and "supported architectures" (13: Turing and later).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sotto::cuda {

struct CudaDeviceProperties {
    int index = 0;     // of the CUDA runtime; ids are "cuda:<index>"
    std::string name;  // marketing name
    int major = 0;     // compute capability
    int minor = 0;
    int nSms = 0;
    std::size_t sharedMemoryPerBlock = 0;  // bytes, with the opt-in
    std::size_t l2Bytes = 0;
    std::uint64_t memoryTotal = 0;  // bytes
    double memoryClockMhz = 0;      // 0: the runtime does not say
    int memoryBusBits = 0;
    std::string pciBusId;  // "0000:3b:00.0": how NVML knows the card

    int capability() const { return major * 10 + minor; }
    std::string architecture() const { return "sm_" + std::to_string(capability()); }
    // 1e9 bytes per second by the data sheet; 0 when unknown.
    double specBandwidthGbS() const;
};

struct DeviceMemory {
    std::uint64_t freeBytes = 0;
    std::uint64_t totalBytes = 0;
};

// What there is to compare before anything is asked of a card.
struct DriverVersions {
    int supportedCuda = 0;     // cudaDriverGetVersion: 12040 for 12.4; 0: no driver
    int builtForCuda = 0;      // cudaRuntimeGetVersion
    std::string driverBranch;  // NVML's "550.54.15"; empty when NVML is absent
};

inline constexpr int kMinimumCapability = 75;  // Turing: the oldest that the toolkit compiles for

// Oldest driver branch for a toolkit version ("580" for 13000); 0 when the table ends before it.
int minimumDriverBranch(int cudaVersion);

// Errors: Unsupported, with both versions in the sentence.
Status checkDriver(const DriverVersions& versions);
Status checkCapability(const CudaDeviceProperties& properties);

// The driver's versions as they are on this machine.
DriverVersions driverVersions();

// Number of cards. Errors: those of checkDriver; Unsupported when there is none.
Result<int> countCudaDevices();

// Errors: as countCudaDevices(); InvalidArgument for an index out of range (with the range).
Result<CudaDeviceProperties> readDeviceProperties(int index);

// Parses "cuda:1". Errors: InvalidArgument.
Result<int> parseCudaDeviceId(std::string_view deviceId);

class CudaDevice {
public:
    // Checks driver, index and capability, and makes the device current on this thread, which makes
    // its context: a few hundred MiB of the card and up to a second.
    static Result<CudaDevice> open(int index);

    const CudaDeviceProperties& properties() const { return m_properties; }
    // For the calling thread.
    Status makeCurrent() const;
    Result<DeviceMemory> memory() const;

    // After a sticky error, when everything made on the device is destroyed (ContextShare knows
    // when): throws its context away, makes a new one and tries it with a write. On success the
    // device is as after open(). Errors: DeviceFailed; then only a new process helps.
    Status reset() const;

private:
    CudaDeviceProperties m_properties;
};

}  // namespace sotto::cuda
