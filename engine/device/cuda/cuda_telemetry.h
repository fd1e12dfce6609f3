// CudaTelemetry: DeviceTelemetry of one card, from NVML where it is there, else from the runtime.
//
// Owns its NVML session. Engine thread.
#pragma once

#include <optional>

#include "engine/device/cuda/cuda_device.h"
#include "engine/device/cuda/nvml.h"
#include "engine/device/device_telemetry.h"

namespace sotto::cuda {

class CudaTelemetry final : public DeviceTelemetry {
public:
    // `nvml` absent: name, data sheet and memory only.
    CudaTelemetry(CudaDevice device, std::optional<Nvml> nvml);

    DeviceStats read(std::uint64_t ownBytes) override;

private:
    void readMemory(DeviceStats& stats, const NvmlSample& sample, std::uint64_t ownBytes) const;

    CudaDevice m_device;
    std::optional<Nvml> m_nvml;
    NvmlDeviceHandle m_handle = nullptr;  // null: NVML does not know the card
};

}  // namespace sotto::cuda
