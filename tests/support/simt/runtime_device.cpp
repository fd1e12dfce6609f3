// Errors, versions, devices.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <utility>

#include "tests/support/simt/runtime_state.h"

using simt::apiCall;
using simt::State;

namespace simt {

namespace {

struct ErrorText {
    cudaError_t error;
    const char* name;
    const char* text;
};

// Names are the enumerators; the sentences are ours, in the sense of the API reference.
constexpr auto kErrorTexts = std::to_array<ErrorText>({
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInitializationError, "cudaErrorInitializationError", "initialization error"},
    {cudaErrorCudartUnloading, "cudaErrorCudartUnloading", "driver shutting down"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration",
     "invalid configuration argument"},
    {cudaErrorInvalidSymbol, "cudaErrorInvalidSymbol", "invalid device symbol"},
    {cudaErrorInvalidDevicePointer, "cudaErrorInvalidDevicePointer", "invalid device pointer"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "invalid copy direction"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "driver version is insufficient for the runtime version"},
    {cudaErrorDevicesUnavailable, "cudaErrorDevicesUnavailable", "devices busy or unavailable"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice",
     "no kernel image for this device"},
    {cudaErrorECCUncorrectable, "cudaErrorECCUncorrectable", "uncorrectable memory error"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorIllegalState, "cudaErrorIllegalState", "not possible in this state"},
    {cudaErrorNotReady, "cudaErrorNotReady", "not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "illegal memory access"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources",
     "too many resources requested for launch"},
    {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out"},
    {cudaErrorHostMemoryAlreadyRegistered, "cudaErrorHostMemoryAlreadyRegistered",
     "host memory is already registered"},
    {cudaErrorHostMemoryNotRegistered, "cudaErrorHostMemoryNotRegistered",
     "host memory is not registered"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "not supported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "not permitted while a stream is capturing"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "an earlier error has invalidated the capture"},
    {cudaErrorStreamCaptureMerge, "cudaErrorStreamCaptureMerge",
     "would merge two independent captures"},
    {cudaErrorStreamCaptureUnmatched, "cudaErrorStreamCaptureUnmatched",
     "the capture did not begin in this stream"},
    {cudaErrorStreamCaptureUnjoined, "cudaErrorStreamCaptureUnjoined",
     "a forked stream was not joined"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation",
     "a dependency would cross the capture's border"},
    {cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit",
     "would depend on the capture through the null stream"},
    {cudaErrorCapturedEvent, "cudaErrorCapturedEvent", "the event was recorded in a capture"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread",
     "the capture began in another thread"},
    {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"},
});

const ErrorText* findText(cudaError_t error) {
    const auto found = std::find_if(kErrorTexts.begin(), kErrorTexts.end(),
                                    [error](const ErrorText& one) { return one.error == error; });
    return found == kErrorTexts.end() ? nullptr : &*found;
}

const DeviceSettings* findDevice(State& s, int device) {
    const bool isKnown = device >= 0 && static_cast<std::size_t>(device) < s.devices.size();
    return isKnown ? &s.devices[static_cast<std::size_t>(device)] : nullptr;
}

constexpr int kSharedPerBlock = 48 * 1024;
constexpr int kReservedShared = 1024;  // by the driver, per block
constexpr int kThreadsPerMultiprocessor = 1536;
constexpr int kRegisters = 65536;
constexpr int kBusBits = 256;
constexpr int kClockKilohertz = 2'000'000;
constexpr int kMemoryClockKilohertz = 9'000'000;

cudaError_t attributeOf(const DeviceSettings& settings, cudaDeviceAttr attribute, int device,
                        int* value) {
    const int sharedOptin = static_cast<int>(settings.sharedBytesOptin);
    switch (attribute) {
        case cudaDevAttrMaxThreadsPerBlock: *value = 1024; break;
        case cudaDevAttrMaxSharedMemoryPerBlock: *value = kSharedPerBlock; break;
        case cudaDevAttrWarpSize: *value = 32; break;
        case cudaDevAttrMaxRegistersPerBlock: *value = kRegisters; break;
        case cudaDevAttrClockRate: *value = kClockKilohertz; break;
        case cudaDevAttrMultiProcessorCount: *value = settings.nMultiprocessors; break;
        case cudaDevAttrIntegrated: *value = 0; break;
        case cudaDevAttrComputeMode: *value = 0; break;
        case cudaDevAttrEccEnabled: *value = 0; break;
        case cudaDevAttrPciBusId: *value = device + 1; break;
        case cudaDevAttrPciDeviceId: *value = 0; break;
        case cudaDevAttrMemoryClockRate: *value = kMemoryClockKilohertz; break;
        case cudaDevAttrGlobalMemoryBusWidth: *value = kBusBits; break;
        case cudaDevAttrL2CacheSize: *value = static_cast<int>(settings.l2Bytes); break;
        case cudaDevAttrMaxThreadsPerMultiProcessor: *value = kThreadsPerMultiprocessor; break;
        case cudaDevAttrAsyncEngineCount: *value = 2; break;
        case cudaDevAttrUnifiedAddressing: *value = 1; break;
        case cudaDevAttrPciDomainId: *value = 0; break;
        case cudaDevAttrComputeCapabilityMajor: *value = settings.major; break;
        case cudaDevAttrComputeCapabilityMinor: *value = settings.minor; break;
        case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
            *value = sharedOptin + kReservedShared;
            break;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = sharedOptin; break;
        case cudaDevAttrMaxBlocksPerMultiprocessor: *value = 24; break;
        case cudaDevAttrMaxPersistingL2CacheSize: *value = 0; break;
        case cudaDevAttrReservedSharedMemoryPerBlock: *value = kReservedShared; break;
        case cudaDevAttrMemoryPoolsSupported: *value = 0; break;
        default: return cudaErrorInvalidValue;
    }
    return cudaSuccess;
}

cudaDeviceProp propertiesOf(const DeviceSettings& settings, int device) {
    cudaDeviceProp made{};
    std::snprintf(made.name, sizeof(made.name), "%s", settings.name.c_str());
    made.uuid.bytes[15] = static_cast<char>(device + 1);
    made.totalGlobalMem = settings.memoryBytes;
    made.sharedMemPerBlock = kSharedPerBlock;
    made.regsPerBlock = made.regsPerMultiprocessor = kRegisters;
    made.warpSize = 32;
    made.maxThreadsPerBlock = 1024;
    made.maxThreadsDim[0] = made.maxThreadsDim[1] = 1024;
    made.maxThreadsDim[2] = 64;
    made.maxGridSize[0] = 0x7fffffff;
    made.maxGridSize[1] = made.maxGridSize[2] = 65535;
    made.totalConstMem = 65536;
    made.major = settings.major;
    made.minor = settings.minor;
    made.multiProcessorCount = settings.nMultiprocessors;
    made.pciBusID = device + 1;
    made.asyncEngineCount = 2;
    made.unifiedAddressing = 1;
    made.memoryBusWidth = kBusBits;
    made.l2CacheSize = static_cast<int>(settings.l2Bytes);
    made.maxThreadsPerMultiProcessor = kThreadsPerMultiprocessor;
    made.sharedMemPerMultiprocessor = settings.sharedBytesOptin + kReservedShared;
    made.sharedMemPerBlockOptin = settings.sharedBytesOptin;
    made.reservedSharedMemPerBlock = kReservedShared;
    made.maxBlocksPerMultiProcessor = 24;
    return made;
}

}  // namespace

}  // namespace simt

const char* cudaGetErrorName(cudaError_t error) {
    const auto* const found = simt::findText(error);
    return found == nullptr ? "unrecognized error code" : found->name;
}

const char* cudaGetErrorString(cudaError_t error) {
    const auto* const found = simt::findText(error);
    return found == nullptr ? "unrecognized error code" : found->text;
}

cudaError_t cudaGetLastError() {
    State& s = simt::state();
    const std::scoped_lock lock(s.mutex);
    const cudaError_t last = std::exchange(s.lastErrors[std::this_thread::get_id()], cudaSuccess);
    return stickyError(s) != cudaSuccess ? stickyError(s) : last;
}

cudaError_t cudaPeekAtLastError() {
    State& s = simt::state();
    const std::scoped_lock lock(s.mutex);
    const cudaError_t last = s.lastErrors[std::this_thread::get_id()];
    return stickyError(s) != cudaSuccess ? stickyError(s) : last;
}

cudaError_t cudaDriverGetVersion(int* version) {
    return apiCall("cudaDriverGetVersion", [&](State& s) {
        *version = s.driverVersion;
        return cudaSuccess;
    });
}

cudaError_t cudaRuntimeGetVersion(int* version) {
    return apiCall("cudaRuntimeGetVersion", [&](State& s) {
        *version = s.runtimeVersion;
        return cudaSuccess;
    });
}

cudaError_t cudaGetDeviceCount(int* count) {
    return apiCall("cudaGetDeviceCount", [&](State& s) {
        *count = static_cast<int>(s.devices.size());
        return cudaSuccess;
    });
}

cudaError_t cudaSetDevice(int device) {
    return apiCall("cudaSetDevice", [&](State& s) -> cudaError_t {
        if (simt::findDevice(s, device) == nullptr) return cudaErrorInvalidDevice;
        s.currentDevices[std::this_thread::get_id()] = device;
        return cudaSuccess;
    });
}

cudaError_t cudaGetDevice(int* device) {
    return apiCall("cudaGetDevice", [&](State& s) {
        *device = simt::currentDevice(s);
        return cudaSuccess;
    });
}

cudaError_t cudaSetDeviceFlags(unsigned) {
    return apiCall("cudaSetDeviceFlags", [](State&) { return cudaSuccess; });
}

cudaError_t cudaInitDevice(int device, unsigned, unsigned) {
    return apiCall("cudaInitDevice", [&](State& s) -> cudaError_t {
        return simt::findDevice(s, device) == nullptr ? cudaErrorInvalidDevice : cudaSuccess;
    });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
    return apiCall("cudaGetDeviceProperties", [&](State& s) -> cudaError_t {
        const auto* const settings = simt::findDevice(s, device);
        if (settings == nullptr) return cudaErrorInvalidDevice;
        *properties = simt::propertiesOf(*settings, device);
        return cudaSuccess;
    });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
    return apiCall("cudaDeviceGetAttribute", [&](State& s) -> cudaError_t {
        const auto* const settings = simt::findDevice(s, device);
        if (settings == nullptr) return cudaErrorInvalidDevice;
        return simt::attributeOf(*settings, attribute, device, value);
    });
}

cudaError_t cudaDeviceGetPCIBusId(char* id, int length, int device) {
    return apiCall("cudaDeviceGetPCIBusId", [&](State& s) -> cudaError_t {
        if (simt::findDevice(s, device) == nullptr) return cudaErrorInvalidDevice;
        std::snprintf(id, static_cast<std::size_t>(length), "0000:%02x:00.0",
                      static_cast<unsigned>(device + 1));
        return cudaSuccess;
    });
}

cudaError_t cudaDeviceSynchronize() {
    return apiCall("cudaDeviceSynchronize", [](State& s) -> cudaError_t {
        for (const auto& capture : s.captures) {
            simt::invalidate(*capture, cudaErrorStreamCaptureUnsupported);
            return cudaErrorStreamCaptureUnsupported;
        }
        simt::runAll(s);
        return cudaSuccess;
    });
}

cudaError_t cudaDeviceReset() {
    return apiCall("cudaDeviceReset", [](State& s) -> cudaError_t {
        simt::runAll(s);
        return cudaSuccess;
    });
}
