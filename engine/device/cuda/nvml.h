// Nvml: what the driver knows about a card and the runtime does not: memory of other programs,
// clocks, power, temperature, why it slows down.
//
// The library comes with the driver and is opened at run time; where it is missing, open() says so
// and everything works without. Owns the library and its initialisation. One thread at a time; the
// library's calls take microseconds, except the PCIe throughput (2 x 20 ms), asked for apart.
// Source: NVML API Reference Guide.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/device_info.h"
#include "engine/device/cuda/nvml_api.h"
#include "engine/device/dynamic_library.h"

namespace sotto::cuda {

// Strongest first, each once.
std::vector<ThrottleReason> throttleReasonsOf(unsigned long long bits);

// Whatever the card does not tell is absent.
struct NvmlSample {
    std::optional<std::uint64_t> memoryTotal;  // bytes
    std::optional<std::uint64_t> memoryFree;
    std::optional<std::uint64_t> memoryUsed;   // by all, the driver's own included
    std::optional<std::uint64_t> memoryOwned;  // by this process, as the driver counts it
    std::optional<unsigned> smClockMhz, smClockMaxMhz;
    std::optional<unsigned> memoryClockMhz, memoryClockMaxMhz;
    std::optional<double> powerWatts, powerLimitWatts;
    std::optional<unsigned> temperatureCelsius;
    std::optional<unsigned> utilizationPercent;  // share of time in which any kernel ran
    std::optional<unsigned> memoryUtilizationPercent;
    std::optional<unsigned> pcieGeneration, pcieLanes;
    std::vector<ThrottleReason> throttling;

    // Bytes that neither this process nor the free list holds. `ownBytes` stands in where the
    // driver does not name this process (containers, Windows). Absent when memory is.
    std::optional<std::uint64_t> memoryOfOthers(std::uint64_t ownBytes) const;
};

struct PcieThroughput {
    double toCardGbS = 0;    // 1e9 bytes per second
    double fromCardGbS = 0;  // mean over 20 ms
};

class Nvml {
public:
    // Errors: Unsupported, when the library is missing, too old or refuses.
    static Result<Nvml> open();
    // With another table, for tests; the functions must outlive the result.
    static Result<Nvml> open(const NvmlApi& api);

    Nvml(Nvml&& other) noexcept;
    Nvml& operator=(Nvml&& other) noexcept;
    ~Nvml();

    // "550.54.15"; empty when the library does not tell.
    std::string driverVersion() const;
    // By the runtime's PCI id, because its numbering is not the driver's. Errors: Unsupported.
    Result<NvmlDeviceHandle> device(const std::string& pciBusId) const;
    NvmlSample sample(NvmlDeviceHandle device) const;
    std::optional<PcieThroughput> pcieThroughput(NvmlDeviceHandle device) const;
    std::optional<unsigned> memoryBusBits(NvmlDeviceHandle device) const;

private:
    struct Session;  // the library, and its shutdown

    explicit Nvml(std::unique_ptr<Session> session);
    static Result<Nvml> start(DynamicLibrary library, const NvmlApi& api);

    std::unique_ptr<Session> m_session;
};

}  // namespace sotto::cuda
