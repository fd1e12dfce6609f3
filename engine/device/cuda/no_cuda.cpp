#include "engine/device/cuda/cuda_devices.h"

namespace sotto {

std::vector<DeviceInfo> listCudaDevices() { return {}; }

Result<BandwidthMeasurement> measureCudaBandwidth(const std::string& deviceId) {
    return fail(ErrorCode::Unsupported,
                "This build works on the processor only: it was made without the CUDA toolkit.",
                deviceId);
}

}  // namespace sotto
