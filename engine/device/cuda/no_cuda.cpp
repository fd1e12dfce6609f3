#include "engine/device/cuda/cuda_devices.h"
#include "engine/device/device_telemetry.h"

namespace sotto {

std::vector<DeviceInfo> listCudaDevices() { return {}; }

DeviceTraits cudaDeviceTraits(const std::string&) { return {}; }

Status checkCuda() {
    return fail(ErrorCode::Unsupported,
                "This build works on the processor only: it was made without the CUDA toolkit.");
}

Result<BandwidthMeasurement> measureCudaBandwidth(const std::string&) {
    return fail(checkCuda().error());
}

std::unique_ptr<DeviceTelemetry> openDeviceTelemetry(const std::string&) { return nullptr; }

}  // namespace sotto
