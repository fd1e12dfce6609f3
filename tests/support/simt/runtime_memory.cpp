// Memory: allocation, its registry, copies and sets.
#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "tests/support/simt/runtime_state.h"
#include "tests/support/simt/unwritten.h"

namespace simt {

namespace {

// cudaMalloc aligns to at least 256 bytes.
constexpr std::align_val_t kAlignment{256};
// What a card gives its memory away in. Small allocations may share a page there; here none does.
constexpr std::size_t kPageBytes = std::size_t{2} << 20;

// What an allocation takes of the card; the host gives it exactly its bytes, so that the sanitizer
// sees their end.
std::size_t takenBytes(std::size_t bytes) {
    return bytes / kPageBytes * kPageBytes + (bytes % kPageBytes == 0 ? 0 : kPageBytes);
}

cudaError_t allocate(State& s, void** pointer, std::size_t bytes, cudaMemoryType type) {
    if (pointer == nullptr) return cudaErrorInvalidValue;
    if (const cudaError_t error = forbiddenByCapture(s); error != cudaSuccess) return error;
    if (bytes == 0) {
        *pointer = nullptr;
        return cudaSuccess;
    }
    const int device = currentDevice(s);
    const auto index = static_cast<std::size_t>(device);
    s.allocated.resize(s.devices.size());
    s.peak.resize(s.devices.size());
    if (type == cudaMemoryTypeDevice) {
        const DeviceSettings& settings = s.devices[index];
        const std::size_t taken = s.allocated[index] + settings.memoryUsedByOthers;
        if (taken > settings.memoryBytes || bytes > settings.memoryBytes - taken ||
            takenBytes(bytes) > settings.memoryBytes - taken)
            return cudaErrorMemoryAllocation;
    }
    const HiddenMemory::Open open(s.hidden.get());
    const bool isHidden = s.hidden != nullptr && type == cudaMemoryTypeDevice;
    void* const memory =
        isHidden ? s.hidden->allocate(bytes) : ::operator new(bytes, kAlignment, std::nothrow);
    if (memory == nullptr) return cudaErrorMemoryAllocation;
    std::memset(memory, kUnwrittenByte, bytes);
    s.allocations[reinterpret_cast<std::uintptr_t>(memory)] = {bytes, type, device, false,
                                                               isHidden};
    forgetReadOnly(s, reinterpret_cast<std::uintptr_t>(memory), bytes);
    if (type == cudaMemoryTypeDevice) {
        s.allocated[index] += takenBytes(bytes);
        s.peak[index] = std::max(s.peak[index], s.allocated[index]);
    }
    *pointer = memory;
    return cudaSuccess;
}

cudaError_t release(State& s, void* pointer, cudaMemoryType type) {
    if (pointer == nullptr) return cudaSuccess;
    if (const cudaError_t error = forbiddenByCapture(s); error != cudaSuccess) return error;
    const auto found = s.allocations.find(reinterpret_cast<std::uintptr_t>(pointer));
    if (found == s.allocations.end() || found->second.type != type || found->second.isRegistered)
        return cudaErrorInvalidValue;
    runAll(s);  // freeing waits for the device
    if (type == cudaMemoryTypeDevice)
        s.allocated[static_cast<std::size_t>(found->second.device)] -=
            takenBytes(found->second.bytes);
    forgetReadOnly(s, found->first, found->second.bytes);
    if (!found->second.isHidden) ::operator delete(pointer, kAlignment);
    s.allocations.erase(found);
    return cudaSuccess;
}

// Every byte of a range: device memory, pinned host memory, or the program's own. A range that
// leaves the allocation that it starts in is none of them.
struct Place {
    bool isValid = false;
    bool isDevice = false;
    bool isPinned = false;
};

Place placeOf(State& s, const void* pointer, std::size_t bytes) {
    if (const Allocation* const whole = findAllocation(s, pointer, bytes))
        return {true, whole->type == cudaMemoryTypeDevice, whole->type == cudaMemoryTypeHost};
    if (findAllocation(s, pointer, 1) != nullptr) return {};
    return {pointer != nullptr, false, false};
}

struct Copy {
    std::byte* to = nullptr;
    const std::byte* from = nullptr;
    std::size_t toPitch = 0;
    std::size_t fromPitch = 0;
    std::size_t width = 0;
    std::size_t height = 1;
    cudaMemcpyKind kind = cudaMemcpyDefault;

    std::size_t toBytes() const { return height == 0 ? 0 : (height - 1) * toPitch + width; }
    std::size_t fromBytes() const { return height == 0 ? 0 : (height - 1) * fromPitch + width; }
    void run() const {
        for (std::size_t row = 0; row < height; ++row)
            std::memmove(to + row * toPitch, from + row * fromPitch, width);
    }
};

bool matches(cudaMemcpyKind kind, const Place& to, const Place& from) {
    switch (kind) {
        case cudaMemcpyHostToHost: return !to.isDevice && !from.isDevice;
        case cudaMemcpyHostToDevice: return to.isDevice && !from.isDevice;
        case cudaMemcpyDeviceToHost: return !to.isDevice && from.isDevice;
        case cudaMemcpyDeviceToDevice: return to.isDevice && from.isDevice;
        case cudaMemcpyDefault: return true;
    }
    return false;
}

cudaError_t copyAsync(State& s, const Copy& copy, cudaStream_t handle) {
    const auto stream = findStream(s, handle);
    if (!stream) return cudaErrorInvalidResourceHandle;
    if (copy.width == 0 || copy.height == 0) return cudaSuccess;
    if (copy.width > copy.toPitch || copy.width > copy.fromPitch) return cudaErrorInvalidValue;
    const Place to = placeOf(s, copy.to, copy.toBytes());
    const Place from = placeOf(s, copy.from, copy.fromBytes());
    if (!to.isValid || !from.isValid || !matches(copy.kind, to, from)) return cudaErrorInvalidValue;

    const bool isCapturing = stream->capture != nullptr;
    if (!from.isDevice && !from.isPinned && !isCapturing) {
        // The runtime takes pageable memory into its own buffer before it returns.
        auto staged =
            std::make_shared<std::vector<std::byte>>(copy.from, copy.from + copy.fromBytes());
        return enqueue(s, stream, [copy, staged] {
            Copy fromStage = copy;
            fromStage.from = staged->data();
            fromStage.run();
        });
    }
    const cudaError_t error = enqueue(s, stream, [copy] { copy.run(); });
    // A copy to pageable memory is done when the call returns.
    if (error == cudaSuccess && !to.isDevice && !to.isPinned && !isCapturing)
        runUntil({stream, stream->nQueued});
    return error;
}

Copy flat(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    return {static_cast<std::byte*>(to),
            static_cast<const std::byte*>(from),
            bytes,
            bytes,
            bytes,
            1,
            kind};
}

cudaError_t setAsync(State& s, void* pointer, int value, std::size_t bytes, cudaStream_t handle) {
    const auto stream = findStream(s, handle);
    if (!stream) return cudaErrorInvalidResourceHandle;
    if (bytes == 0) return cudaSuccess;
    if (!placeOf(s, pointer, bytes).isDevice) return cudaErrorInvalidValue;
    return enqueue(s, stream, [=] { std::memset(pointer, value, bytes); });
}

}  // namespace

}  // namespace simt

using simt::apiCall;
using simt::State;

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
    return apiCall("cudaMalloc", [&](State& s) {
        return simt::allocate(s, pointer, bytes, cudaMemoryTypeDevice);
    });
}

cudaError_t cudaFree(void* pointer) {
    return apiCall("cudaFree",
                   [&](State& s) { return simt::release(s, pointer, cudaMemoryTypeDevice); });
}

cudaError_t cudaMallocHost(void** pointer, std::size_t bytes, unsigned) {
    return apiCall("cudaMallocHost",
                   [&](State& s) { return simt::allocate(s, pointer, bytes, cudaMemoryTypeHost); });
}

cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) {
    return apiCall("cudaHostAlloc",
                   [&](State& s) { return simt::allocate(s, pointer, bytes, cudaMemoryTypeHost); });
}

cudaError_t cudaFreeHost(void* pointer) {
    return apiCall("cudaFreeHost",
                   [&](State& s) { return simt::release(s, pointer, cudaMemoryTypeHost); });
}

cudaError_t cudaHostRegister(void* pointer, std::size_t bytes, unsigned) {
    return apiCall("cudaHostRegister", [&](State& s) -> cudaError_t {
        if (pointer == nullptr || bytes == 0) return cudaErrorInvalidValue;
        if (const cudaError_t error = simt::forbiddenByCapture(s); error != cudaSuccess)
            return error;
        if (simt::findAllocation(s, pointer, 1) != nullptr)
            return cudaErrorHostMemoryAlreadyRegistered;
        s.allocations[reinterpret_cast<std::uintptr_t>(pointer)] = {bytes, cudaMemoryTypeHost, 0,
                                                                    true, false};
        return cudaSuccess;
    });
}

cudaError_t cudaHostUnregister(void* pointer) {
    return apiCall("cudaHostUnregister", [&](State& s) -> cudaError_t {
        const auto found = s.allocations.find(reinterpret_cast<std::uintptr_t>(pointer));
        if (found == s.allocations.end() || !found->second.isRegistered)
            return cudaErrorHostMemoryNotRegistered;
        simt::runAll(s);
        s.allocations.erase(found);
        return cudaSuccess;
    });
}

cudaError_t cudaHostGetDevicePointer(void** devicePointer, void* hostPointer, unsigned) {
    return apiCall("cudaHostGetDevicePointer", [&](State& s) -> cudaError_t {
        const simt::Allocation* const found = simt::findAllocation(s, hostPointer, 1);
        if (found == nullptr || found->type != cudaMemoryTypeHost) return cudaErrorInvalidValue;
        *devicePointer = hostPointer;
        return cudaSuccess;
    });
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
    return apiCall("cudaPointerGetAttributes", [&](State& s) -> cudaError_t {
        if (attributes == nullptr) return cudaErrorInvalidValue;
        void* const plain = const_cast<void*>(pointer);
        const simt::Allocation* const found = simt::findAllocation(s, pointer, 1);
        if (found == nullptr)
            *attributes = {cudaMemoryTypeUnregistered, -2, nullptr, plain};
        else
            *attributes = {found->type, found->device, plain,
                           found->type == cudaMemoryTypeHost ? plain : nullptr};
        return cudaSuccess;
    });
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    return apiCall("cudaMemGetInfo", [&](State& s) -> cudaError_t {
        const auto index = static_cast<std::size_t>(simt::currentDevice(s));
        s.allocated.resize(s.devices.size());
        const simt::DeviceSettings& device = s.devices[index];
        const std::size_t taken = s.allocated[index] + device.memoryUsedByOthers;
        *total = device.memoryBytes;
        *free = taken > device.memoryBytes ? 0 : device.memoryBytes - taken;
        return cudaSuccess;
    });
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    return apiCall("cudaMemcpy", [&](State& s) -> cudaError_t {
        if (const cudaError_t error = simt::forbiddenByCapture(s); error != cudaSuccess)
            return error;
        const cudaError_t error = simt::copyAsync(s, simt::flat(to, from, bytes, kind), nullptr);
        simt::runUntil({s.nullStream, s.nullStream->nQueued});
        return error;
    });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
    return apiCall("cudaMemcpyAsync", [&](State& s) {
        return simt::copyAsync(s, simt::flat(to, from, bytes, kind), stream);
    });
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t toPitch, const void* from,
                              std::size_t fromPitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t stream) {
    return apiCall("cudaMemcpy2DAsync", [&](State& s) {
        const simt::Copy copy{static_cast<std::byte*>(to),
                              static_cast<const std::byte*>(from),
                              toPitch,
                              fromPitch,
                              width,
                              height,
                              kind};
        return simt::copyAsync(s, copy, stream);
    });
}

cudaError_t cudaMemset(void* pointer, int value, std::size_t bytes) {
    return apiCall("cudaMemset", [&](State& s) -> cudaError_t {
        if (const cudaError_t error = simt::forbiddenByCapture(s); error != cudaSuccess)
            return error;
        return simt::setAsync(s, pointer, value, bytes, nullptr);
    });
}

cudaError_t cudaMemsetAsync(void* pointer, int value, std::size_t bytes, cudaStream_t stream) {
    return apiCall("cudaMemsetAsync",
                   [&](State& s) { return simt::setAsync(s, pointer, value, bytes, stream); });
}
