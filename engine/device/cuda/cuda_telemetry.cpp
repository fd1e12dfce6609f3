#include "engine/device/cuda/cuda_telemetry.h"

#include <algorithm>
#include <cstring>

namespace sotto::cuda {

CudaTelemetry::CudaTelemetry(CudaDevice device, std::optional<Nvml> nvml)
    : m_device(std::move(device)), m_nvml(std::move(nvml)) {
    if (!m_nvml) return;
    if (const auto handle = m_nvml->device(m_device.properties().pciBusId)) m_handle = *handle;
}

DeviceStats CudaTelemetry::read(std::uint64_t ownBytes) {
    const CudaDeviceProperties& properties = m_device.properties();
    DeviceStats stats;
    const std::size_t nameBytes = std::min(properties.name.size(), sizeof(stats.name) - 1);
    std::memcpy(stats.name, properties.name.data(), nameBytes);
    stats.specGbS = properties.specBandwidthGbS();
    const NvmlSample sample = m_handle != nullptr ? m_nvml->sample(m_handle) : NvmlSample{};
    readMemory(stats, sample, ownBytes);
    stats.smClockMhz = static_cast<std::int32_t>(sample.smClockMhz.value_or(0));
    stats.smClockMaxMhz = static_cast<std::int32_t>(sample.smClockMaxMhz.value_or(0));
    stats.memoryClockMhz = static_cast<std::int32_t>(sample.memoryClockMhz.value_or(0));
    stats.memoryClockMaxMhz = static_cast<std::int32_t>(sample.memoryClockMaxMhz.value_or(0));
    stats.powerWatts = sample.powerWatts.value_or(0);
    stats.powerLimitWatts = sample.powerLimitWatts.value_or(0);
    stats.temperatureCelsius = static_cast<std::int32_t>(sample.temperatureCelsius.value_or(0));
    if (sample.utilizationPercent)
        stats.utilizationPercent = static_cast<std::int32_t>(*sample.utilizationPercent);
    stats.pcieGeneration = static_cast<std::int32_t>(sample.pcieGeneration.value_or(0));
    stats.pcieLanes = static_cast<std::int32_t>(sample.pcieLanes.value_or(0));
    for (const ThrottleReason reason : sample.throttling)
        stats.throttling |= 1u << static_cast<unsigned>(reason);
    return stats;
}

void CudaTelemetry::readMemory(DeviceStats& stats, const NvmlSample& sample,
                               std::uint64_t ownBytes) const {
    NvmlSample known = sample;
    // NVML counts the whole card where the runtime sees a slice of it (MIG), see cuda_devices.cpp.
    const std::uint64_t total = m_device.properties().memoryTotal;
    const bool isWholeCard = known.memoryTotal && *known.memoryTotal / 4 * 3 <= total;
    if (!isWholeCard) {
        const auto memory = m_device.memory();
        if (!memory) return;
        known.memoryTotal = memory->totalBytes;
        known.memoryFree = memory->freeBytes;
        known.memoryOwned.reset();
    }
    const auto others = known.memoryOfOthers(ownBytes);
    if (!others) return;
    stats.memoryTotal = *known.memoryTotal;
    stats.memoryFree = *known.memoryFree;
    stats.memoryOfOthers = *others;
    stats.isMemoryKnown = true;
}

}  // namespace sotto::cuda
