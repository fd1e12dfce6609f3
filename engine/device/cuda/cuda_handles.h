// Owners of what the CUDA runtime hands out: streams, events, captured graphs, device and pinned
// memory. Move-only; made by functions that return Result, released by their destructors.
//
// All belong to the device that was current when they were made (CudaDevice::makeCurrent) and to
// the engine thread. After a sticky error releasing them is harmless. Destroy them before
// resetDevice().
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/rounding.h"
#include "engine/device/buffer.h"

namespace sotto::cuda {

// One handle of the runtime and the function that gives it back.
template <typename T, cudaError_t (*Destroy)(T)>
class Handle {
public:
    Handle() = default;
    explicit Handle(T value) : m_value(value) {}
    Handle(Handle&& other) noexcept : m_value(std::exchange(other.m_value, nullptr)) {}
    Handle& operator=(Handle&& other) noexcept {
        Handle taken(std::move(other));
        std::swap(m_value, taken.m_value);
        return *this;
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        // A failure here repeats one that was reported before, or concerns nobody any more.
        if (m_value != nullptr) static_cast<void>(Destroy(m_value));
    }

    T get() const { return m_value; }

private:
    T m_value = nullptr;
};

class Event;

// Does not wait for the legacy default stream.
class Stream {
public:
    static Result<Stream> create();

    cudaStream_t get() const { return m_stream.get(); }
    // Blocks until everything queued so far is done. Errors: also those of kernels that ran.
    Status synchronize() const;
    // What is queued from now on starts after `event`, as last recorded.
    Status waitFor(const Event& event) const;

private:
    Handle<cudaStream_t, cudaStreamDestroy> m_stream;
};

class Event {
public:
    enum class Kind : std::uint8_t {
        Order,  // cheapest; synchronize() sleeps instead of spinning
        Time,   // can be given to millisecondsBetween()
    };
    static Result<Event> create(Kind kind);

    cudaEvent_t get() const { return m_event.get(); }
    Status record(const Stream& stream) const;
    // Blocks until the recorded point is reached; at once when nothing was recorded.
    Status synchronize() const;
    Result<bool> isReached() const;
    // Time on the card between two recorded and reached events of Kind::Time, in milliseconds.
    static Result<double> millisecondsBetween(const Event& start, const Event& end);

private:
    Handle<cudaEvent_t, cudaEventDestroy> m_event;
};

// A recorded sequence of launches and copies that is started with one call. What it launches keeps
// the arguments of the recording: contents may change, addresses may not.
class GraphExec {
public:
    // Runs `body`, which queues its work on `stream` (and on streams forked from and joined to it)
    // and must neither synchronize nor allocate; nothing of it is executed. Whatever happens, the
    // stream has left capture mode afterwards. Errors: body's, else the runtime's.
    static Result<GraphExec> capture(const Stream& stream, const std::function<Status()>& body);

    Status launch(const Stream& stream) const;
    // Kernels, copies and memsets of one launch.
    std::size_t nNodes() const { return m_nNodes; }
    bool isEmpty() const { return m_exec.get() == nullptr; }

private:
    Handle<cudaGraphExec_t, cudaGraphExecDestroy> m_exec;
    std::size_t m_nNodes = 0;
};

// What a card gives its memory away in. Small allocations may share a page; nobody says when.
inline constexpr std::size_t kDevicePageBytes = std::size_t{2} << 20;
// What an allocation of `bytes` takes of the card, at most.
constexpr std::size_t wholePages(std::size_t bytes) { return roundUp(bytes, kDevicePageBytes); }

// Device memory of the current device, aligned to 256 bytes, not cleared. 0 bytes: an empty buffer.
// `owner` completes "for ..." in the error: OutOfMemory with both numbers.
using DeviceBuffer = Buffer;
Result<DeviceBuffer> allocateDeviceBuffer(std::size_t bytes, std::string_view owner);

// Page-locked host memory, which copies reach without a detour and asynchronously. The system has
// little of it to give: for staging only. Errors: OutOfMemory.
using PinnedBuffer = Buffer;
Result<PinnedBuffer> allocatePinnedBuffer(std::size_t bytes);

}  // namespace sotto::cuda
