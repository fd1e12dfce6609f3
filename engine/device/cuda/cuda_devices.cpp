#include "engine/device/cuda/cuda_devices.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <optional>

#include "engine/device/cuda/context_share.h"
#include "engine/device/cuda/cuda_bandwidth_probe.h"
#include "engine/device/cuda/cuda_device.h"
#include "engine/device/cuda/cuda_telemetry.h"
#include "engine/device/cuda/nvml.h"

namespace sotto {
namespace {

// Asking the runtime makes a context on the card: hundreds of MiB and up to a second, for a list.
// The management library answers without, but counts the whole card where the runtime sees a part
// of it (MIG): then its answer is not taken.
std::optional<std::uint64_t> freeByNvml(const Result<cuda::Nvml>& nvml,
                                        const cuda::CudaDeviceProperties& properties) {
    if (!nvml) return std::nullopt;
    const auto handle = nvml->device(properties.pciBusId);
    if (!handle) return std::nullopt;
    const cuda::NvmlSample sample = nvml->sample(*handle);
    // The runtime's total is smaller by what the driver keeps; a slice is half or less.
    if (!sample.memoryTotal || *sample.memoryTotal / 4 * 3 > properties.memoryTotal)
        return std::nullopt;
    return sample.memoryFree;
}

// Whoever works on this thread finds its own card again, unless the runtime did not say which.
class KeptCard {
public:
    KeptCard() { m_isKnown = cudaGetDevice(&m_index) == cudaSuccess; }
    ~KeptCard() {
        int now = 0;
        if (!m_isKnown || cudaGetDevice(&now) != cudaSuccess || now == m_index) return;
        static_cast<void>(cudaSetDevice(m_index));
        static_cast<void>(cudaGetLastError());
    }
    KeptCard(const KeptCard&) = delete;
    KeptCard& operator=(const KeptCard&) = delete;

private:
    int m_index = 0;
    bool m_isKnown = false;
};

Result<std::uint64_t> freeByRuntime(int index) {
    const KeptCard kept;
    cuda::CudaDevice device;
    SOTTO_ASSIGN(device, cuda::CudaDevice::open(index));
    SOTTO_ASSIGN(const cuda::DeviceMemory memory, device.memory());
    return memory.freeBytes;
}

DeviceInfo asDevice(int index, const Result<cuda::CudaDeviceProperties>& properties) {
    DeviceInfo device;
    device.id = "cuda:" + std::to_string(index);
    device.name = "NVIDIA";
    if (!properties) {
        device.unusableReason = properties.error().message;
        return device;
    }
    device.name = properties->name;
    device.instructionSet = properties->architecture();
    device.nCores = properties->nSms;
    device.memoryTotal = properties->memoryTotal;
    device.specGbS = properties->specBandwidthGbS();
    return device;
}

DeviceInfo describe(int index, const Result<cuda::Nvml>& nvml) {
    const auto properties = cuda::readDeviceProperties(index);
    DeviceInfo device = asDevice(index, properties);
    if (!properties) return device;
    const Status capable = cuda::checkCapability(*properties);
    if (!capable) device.unusableReason = capable.error().message;
    if (const auto free = freeByNvml(nvml, *properties)) {
        device.memoryAvailable = std::min(*free, device.memoryTotal);
    } else if (capable) {
        const auto asked = freeByRuntime(index);
        if (asked)
            device.memoryAvailable = *asked;
        else
            device.unusableReason = asked.error().message;
    }
    return device;
}

DeviceInfo failedCard(int index) {
    DeviceInfo device = asDevice(index, cuda::readDeviceProperties(index));
    device.unusableReason =
        "It failed, and another model of this program still lies on it. Unload that one, then load "
        "again.";
    return device;
}

// To a thread whose card has failed the runtime may answer everything with that failure: then the
// thread takes another card. No machine has more cards than are tried.
Result<int> countFromAnyCard() {
    constexpr int kMostCards = 64;
    auto nDevices = cuda::countCudaDevices();
    for (int index = 0; index < kMostCards; ++index) {
        if (nDevices || nDevices.error().code != ErrorCode::DeviceFailed) break;
        if (cudaSetDevice(index) == cudaSuccess) nDevices = cuda::countCudaDevices();
    }
    static_cast<void>(cudaGetLastError());
    return nDevices;
}

}  // namespace

std::vector<DeviceInfo> listCudaDevices() {
    std::vector<DeviceInfo> devices;
    const std::vector<int> failed = cuda::failedContexts();
    const KeptCard kept;
    // First: it leaves a card that has failed, with whose error any other call may answer.
    const auto nDevices = countFromAnyCard();
    if (!nDevices && !failed.empty()) {
        for (const int index : failed) devices.push_back(failedCard(index));
        return devices;
    }
    const cuda::DriverVersions versions = cuda::driverVersions();
    // A machine without a driver has no card worth an entry; one with an old driver does.
    if (versions.supportedCuda == 0) return devices;
    if (const Status checked = cuda::checkDriver(versions); !checked) {
        DeviceInfo device;
        device.id = "cuda:0";
        device.name = "NVIDIA";
        device.unusableReason = checked.error().message;
        devices.push_back(std::move(device));
        return devices;
    }
    if (!nDevices) return devices;
    const auto nvml = cuda::Nvml::open();
    for (int index = 0; index < *nDevices; ++index)
        devices.push_back(std::ranges::find(failed, index) != failed.end() ? failedCard(index)
                                                                           : describe(index, nvml));
    return devices;
}

DeviceTraits cudaDeviceTraits(const std::string& deviceId) {
    const auto index = cuda::parseCudaDeviceId(deviceId);
    if (!index) return {};
    const KeptCard kept;
    const auto properties = cuda::readDeviceProperties(*index);
    return {properties ? properties->l2Bytes : 0, cuda::driverVersions().driverBranch};
}

Status checkCuda() {
    const KeptCard kept;
    const auto nDevices = countFromAnyCard();
    if (!nDevices) return fail(nDevices.error());
    return {};
}

Result<BandwidthMeasurement> measureCudaBandwidth(const std::string& deviceId) {
    int index = 0;
    SOTTO_ASSIGN(index, cuda::parseCudaDeviceId(deviceId));
    cuda::CudaDevice device;
    SOTTO_ASSIGN(device, cuda::CudaDevice::open(index));
    cuda::ContextShare context(device);
    auto measured = cuda::probeCudaBandwidth(device, {});
    if (!measured && measured.error().code == ErrorCode::DeviceFailed) context.noteFailure();
    return measured;
}

std::unique_ptr<DeviceTelemetry> openDeviceTelemetry(const std::string& deviceId) {
    const auto index = cuda::parseCudaDeviceId(deviceId);
    if (!index) return nullptr;
    auto device = cuda::CudaDevice::open(*index);
    if (!device) return nullptr;
    auto opened = cuda::Nvml::open();
    std::optional<cuda::Nvml> nvml;
    if (opened) nvml = std::move(*opened);
    return std::make_unique<cuda::CudaTelemetry>(std::move(*device), std::move(nvml));
}

}  // namespace sotto
