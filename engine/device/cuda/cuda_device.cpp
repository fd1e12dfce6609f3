#include "engine/device/cuda/cuda_device.h"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "engine/device/cuda/cuda_error.h"
#include "engine/device/cuda/cuda_handles.h"
#include "engine/device/cuda/nvml.h"

namespace sotto::cuda {
namespace {

std::string cudaVersionText(int version) {
    return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

// 0 where the runtime does not know the attribute on this card.
int attributeOf(int index, cudaDeviceAttr attribute) {
    int value = 0;
    if (cudaDeviceGetAttribute(&value, attribute, index) == cudaSuccess) return value;
    static_cast<void>(cudaGetLastError());
    return 0;
}

std::string pciBusIdOf(int index) {
    char text[32] = {};
    if (cudaDeviceGetPCIBusId(text, sizeof(text), index) == cudaSuccess) return text;
    static_cast<void>(cudaGetLastError());
    return {};
}

// Where the runtime leaves the memory's clock or width out, the management library may know.
void completeFromNvml(CudaDeviceProperties& properties) {
    const auto nvml = Nvml::open();
    if (!nvml) return;
    const auto handle = nvml->device(properties.pciBusId);
    if (!handle) return;
    properties.memoryClockMhz = nvml->sample(*handle).memoryClockMaxMhz.value_or(0);
    properties.memoryBusBits = static_cast<int>(nvml->memoryBusBits(*handle).value_or(0));
}

}  // namespace

double CudaDeviceProperties::specBandwidthGbS() const {
    // All of today's graphics memories move two words per cycle of the clock that the driver names
    // (for GDDR6X and later that clock is already a multiple of the real one).
    return memoryClockMhz * 1e6 * 2.0 * memoryBusBits / 8.0 / 1e9;
}

namespace {

// Within a major version a driver of its first release would do, but our machine code is packed
// in a way (nvcc's --compress-mode) that 550 is the first to unpack.
struct OldestDriver {
    int cudaMajor, branch, supportedCuda;
};
constexpr OldestDriver kOldestDrivers[] = {
    {.cudaMajor = 12, .branch = 550, .supportedCuda = 12040},
    {.cudaMajor = 13, .branch = 580, .supportedCuda = 13000},
};

// For a toolkit the table does not know: any driver of its major version.
OldestDriver oldestDriver(int cudaVersion) {
    const int major = cudaVersion / 1000;
    for (const OldestDriver& oldest : kOldestDrivers)
        if (oldest.cudaMajor == major) return oldest;
    return {.cudaMajor = major, .branch = 0, .supportedCuda = major * 1000};
}

}  // namespace

int minimumDriverBranch(int cudaVersion) { return oldestDriver(cudaVersion).branch; }

Status checkDriver(const DriverVersions& versions) {
    const int minimum = minimumDriverBranch(versions.builtForCuda);
    const std::string needed =
        minimum > 0 ? fmt::format("{} or newer is needed", minimum)
                    : fmt::format("one for CUDA {} is needed", versions.builtForCuda / 1000);
    if (versions.supportedCuda == 0)
        return fail(ErrorCode::Unsupported,
                    fmt::format("There is no NVIDIA driver; {}. Install it, or use the processor.",
                                needed));
    if (versions.supportedCuda >= oldestDriver(versions.builtForCuda).supportedCuda) return {};
    // "550.54.15" -> 550; text that is no number gives 0.
    const int branch = std::atoi(versions.driverBranch.c_str());
    const std::string found = branch > 0 ? fmt::format("driver {}", branch)
                                         : fmt::format("NVIDIA driver for CUDA {}",
                                                       cudaVersionText(versions.supportedCuda));
    return fail(ErrorCode::Unsupported,
                fmt::format("{} is too old for this build, {}. Update it, or use the processor.",
                            branch > 0 ? "The NVIDIA " + found : "The installed " + found, needed));
}

Status checkCapability(const CudaDeviceProperties& properties) {
    if (properties.capability() >= kMinimumCapability) return {};
    return fail(ErrorCode::Unsupported,
                fmt::format("{} has compute capability {}.{}; {}.{} or newer is needed (GeForce "
                            "16 and 20 series on). Use the processor.",
                            properties.name, properties.major, properties.minor,
                            kMinimumCapability / 10, kMinimumCapability % 10));
}

DriverVersions driverVersions() {
    DriverVersions versions;
    if (cudaDriverGetVersion(&versions.supportedCuda) != cudaSuccess) versions.supportedCuda = 0;
    if (cudaRuntimeGetVersion(&versions.builtForCuda) != cudaSuccess) versions.builtForCuda = 0;
    static_cast<void>(cudaGetLastError());
    if (const auto nvml = Nvml::open()) versions.driverBranch = nvml->driverVersion();
    return versions;
}

Result<int> countCudaDevices() {
    // Without a driver the call fails and leaves its argument untouched.
    int nDevices = 0;
    const cudaError_t counted = cudaGetDeviceCount(&nDevices);
    if (counted == cudaErrorInsufficientDriver) SOTTO_TRY(checkDriver(driverVersions()));
    if (counted == cudaErrorNoDevice || (counted == cudaSuccess && nDevices == 0)) {
        static_cast<void>(cudaGetLastError());
        return fail(ErrorCode::Unsupported,
                    "There is no NVIDIA card that the driver offers to programs.");
    }
    SOTTO_TRY(check(counted, "looking for cards"));
    return nDevices;
}

Result<CudaDeviceProperties> readDeviceProperties(int index) {
    int nDevices = 0;
    SOTTO_ASSIGN(nDevices, countCudaDevices());
    if (index < 0 || index >= nDevices)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("There is no card cuda:{}; this machine has cuda:0{}.", index,
                                nDevices > 1 ? fmt::format(" to cuda:{}", nDevices - 1) : ""));
    cudaDeviceProp read{};
    SOTTO_TRY(check(cudaGetDeviceProperties(&read, index), "reading the card's properties"));
    CudaDeviceProperties properties;
    properties.index = index;
    properties.name = read.name;
    properties.major = read.major;
    properties.minor = read.minor;
    properties.nSms = read.multiProcessorCount;
    properties.memoryTotal = read.totalGlobalMem;
    properties.sharedMemoryPerBlock =
        static_cast<std::size_t>(attributeOf(index, cudaDevAttrMaxSharedMemoryPerBlockOptin));
    properties.l2Bytes = static_cast<std::size_t>(attributeOf(index, cudaDevAttrL2CacheSize));
    properties.memoryClockMhz = attributeOf(index, cudaDevAttrMemoryClockRate) / 1e3;
    properties.memoryBusBits = attributeOf(index, cudaDevAttrGlobalMemoryBusWidth);
    properties.pciBusId = pciBusIdOf(index);
    if (properties.specBandwidthGbS() == 0.0) completeFromNvml(properties);
    return properties;
}

Result<int> parseCudaDeviceId(std::string_view deviceId) {
    constexpr std::string_view kPrefix = "cuda:";
    int index = 0;
    const char* const end = deviceId.data() + deviceId.size();
    if (deviceId.starts_with(kPrefix)) {
        const char* const digits = deviceId.data() + kPrefix.size();
        const auto parsed = std::from_chars(digits, end, index);
        if (parsed.ec == std::errc() && parsed.ptr == end && index >= 0) return index;
    }
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("\"{}\" is not a device; cards are called cuda:0, cuda:1 ...", deviceId),
        std::string(deviceId));
}

Result<CudaDevice> CudaDevice::open(int index) {
    CudaDevice device;
    auto properties = readDeviceProperties(index);
    // The failure may be that of the card which this thread had before.
    if (!properties && properties.error().code == ErrorCode::DeviceFailed &&
        cudaSetDevice(index) == cudaSuccess)
        properties = readDeviceProperties(index);
    SOTTO_ASSIGN(device.m_properties, std::move(properties));
    SOTTO_TRY(checkCapability(device.m_properties));
    SOTTO_TRY(device.makeCurrent());
    return device;
}

Status CudaDevice::makeCurrent() const {
    return check(cudaSetDevice(m_properties.index), "choosing the card");
}

Result<DeviceMemory> CudaDevice::memory() const {
    SOTTO_TRY(makeCurrent());
    std::size_t free = 0;
    std::size_t total = 0;
    SOTTO_TRY(check(cudaMemGetInfo(&free, &total), "asking for free memory"));
    return DeviceMemory{.freeBytes = free, .totalBytes = total};
}

Status CudaDevice::reset() const {
    // The answer of the first two calls may still be the old error.
    static_cast<void>(cudaSetDevice(m_properties.index));
    static_cast<void>(cudaDeviceReset());
    static_cast<void>(cudaGetLastError());
    SOTTO_TRY(makeCurrent());
    DeviceBuffer trial;
    SOTTO_ASSIGN(trial, allocateDeviceBuffer(256, "a trial after the card's failure"));
    SOTTO_TRY(check(cudaMemset(trial.data(), 0, trial.bytes()), "trying the card again"));
    return check(cudaDeviceSynchronize(), "trying the card again");
}

}  // namespace sotto::cuda
