#include "tests/support/simt/runtime_state.h"

#include <algorithm>
#include <utility>

namespace simt {

State& state() {
    static State instance;
    return instance;
}

namespace {

// Calls that work without a driver.
bool isAlwaysAllowed(const std::string& name) {
    return name == "cudaDriverGetVersion" || name == "cudaRuntimeGetVersion";
}

// The injected failure that is due at this call, if any.
cudaError_t takeFailure(State& s, const std::string& name) {
    const auto found = s.failures.find(name);
    if (found == s.failures.end()) return cudaSuccess;
    cudaError_t due = cudaSuccess;
    for (Failure& failure : found->second) {
        if (--failure.remaining != 0) continue;
        due = failure.error;
        if (failure.isSticky) s.stickyErrors[currentDevice(s)] = failure.error;
    }
    std::erase_if(found->second, [](const Failure& failure) { return failure.remaining <= 0; });
    return due;
}

cudaError_t errorBefore(State& s, const std::string& name) {
    const cudaError_t injected = takeFailure(s, name);
    if (injected != cudaSuccess) return injected;
    // A constant of the program's; the driver's may come with what an earlier launch left.
    if (name == "cudaRuntimeGetVersion") return cudaSuccess;
    if (isAlwaysAllowed(name)) return stickyError(s);
    // A fault of a kernel ends with its context; broken memory stays broken.
    if (name == "cudaDeviceReset" && stickyError(s) != cudaErrorECCUncorrectable)
        s.stickyErrors.erase(currentDevice(s));
    if (s.driverVersion < s.runtimeVersion / 1000 * 1000) return cudaErrorInsufficientDriver;
    if (s.devices.empty()) return cudaErrorNoDevice;
    // A thread may leave a card that has failed.
    return name == "cudaSetDevice" ? cudaSuccess : stickyError(s);
}

}  // namespace

cudaError_t apiCall(const char* name, const std::function<cudaError_t(State&)>& body) {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    ++s.calls[name];
    cudaError_t error = errorBefore(s, name);
    if (error == cudaSuccess) error = body(s);
    // Work that this call ran has failed, or it chose a card that has.
    if (error == cudaSuccess && !isAlwaysAllowed(name)) error = stickyError(s);
    // Not ready is an answer, not an error.
    if (error != cudaSuccess && error != cudaErrorNotReady)
        s.lastErrors[std::this_thread::get_id()] = error;
    return error;
}

int currentDevice(State& s) { return s.currentDevices[std::this_thread::get_id()]; }

cudaError_t stickyError(State& s) {
    const auto found = s.stickyErrors.find(currentDevice(s));
    return found == s.stickyErrors.end() ? cudaSuccess : found->second;
}

const Allocation* findAllocation(State& s, const void* pointer, std::size_t bytes) {
    const auto address = reinterpret_cast<std::uintptr_t>(pointer);
    auto next = s.allocations.upper_bound(address);
    if (next == s.allocations.begin()) return nullptr;
    const auto& [start, allocation] = *std::prev(next);
    const bool isInside =
        address - start <= allocation.bytes && bytes <= allocation.bytes - (address - start);
    return isInside ? &allocation : nullptr;
}

std::shared_ptr<StreamState> findStream(State& s, cudaStream_t stream) {
    if (stream == nullptr || stream == cudaStreamLegacy || stream == cudaStreamPerThread)
        return s.nullStream;
    const auto found = s.streams.find(stream);
    return found == s.streams.end() ? nullptr : found->second->state;
}

void runFirst(std::deque<Operation>& operations) {
    Operation operation = std::move(operations.front());
    operations.pop_front();
    for (const StreamPoint& earlier : operation.after) runUntil(earlier);
    const HiddenMemory::Open open(state().hidden.get());
    if (operation.run) operation.run();
    if (operation.kernel == nullptr) return;
    beginAhead(state(), operations);
    runKernel(state(), operation);
}

// Runs a stream's operations in order, and before each what it waits for.
void runUntil(const StreamPoint& point) {
    StreamState& stream = *point.stream;
    if (stream.isRunning) return;  // waits for itself: its order already says so
    stream.isRunning = true;
    while (stream.nRun < point.sequence && !stream.queue.empty()) {
        runFirst(stream.queue);
        ++stream.nRun;
    }
    stream.isRunning = false;
}

void runAll(State& s) {
    runUntil({s.nullStream, s.nullStream->nQueued});
    for (auto& [handle, stream] : s.streams) runUntil({stream->state, stream->state->nQueued});
}

namespace {

// A kernel stays where the next one may begin ahead of it, until anything follows or waits. Not on
// the null stream: tests of single kernels read their results without waiting.
bool isHeldBack(const State& s, const StreamState& stream, const Operation& operation) {
    return operation.kernel != nullptr && &stream != s.nullStream.get() &&
           s.devices[static_cast<std::size_t>(stream.device)].major >= kOverlapMajor;
}

cudaError_t put(State& s, const std::shared_ptr<StreamState>& stream, Operation operation) {
    stream->last = operation.kernel != nullptr ? OperationKind::Kernel : OperationKind::Other;
    if (stream->capture) {
        if (stream->capture->isInvalidated) return cudaErrorStreamCaptureInvalidated;
        if (operation.run || operation.kernel != nullptr)
            stream->capture->operations.push_back(std::move(operation));
        const auto joined = stream->capture->joined.find(stream);
        if (joined != stream->capture->joined.end()) joined->second = false;
        return cudaSuccess;
    }
    // The null stream waits for all blocking streams, and they for it.
    if (stream == s.nullStream) {
        for (auto& [handle, other] : s.streams) {
            if (!other->state->isBlocking) continue;
            if (other->state->capture)
                return invalidate(*other->state->capture, cudaErrorStreamCaptureImplicit);
            operation.after.push_back({other->state, other->state->nQueued});
        }
    } else if (stream->isBlocking) {
        operation.after.push_back({s.nullStream, s.nullStream->nQueued});
    }
    const std::uint64_t nHeldBack = isHeldBack(s, *stream, operation) ? 1 : 0;
    stream->queue.push_back(std::move(operation));
    ++stream->nQueued;
    if (s.timing == StreamTiming::Immediate) runUntil({stream, stream->nQueued - nHeldBack});
    return cudaSuccess;
}

}  // namespace

cudaError_t enqueue(State& s, const std::shared_ptr<StreamState>& stream, std::function<void()> run,
                    std::vector<StreamPoint> after) {
    Operation operation;
    operation.run = std::move(run);
    operation.after = std::move(after);
    return put(s, stream, std::move(operation));
}

cudaError_t enqueueKernel(State& s, const std::shared_ptr<StreamState>& stream,
                          std::shared_ptr<const KernelRun> kernel) {
    Operation operation;
    operation.kernel = std::move(kernel);
    return put(s, stream, std::move(operation));
}

cudaError_t invalidate(Capture& capture, cudaError_t error) {
    capture.isInvalidated = true;
    return error;
}

cudaError_t forbiddenByCapture(State& s) {
    cudaError_t error = cudaSuccess;
    for (const auto& capture : s.captures) {
        const bool isForbidden = capture->mode == cudaStreamCaptureModeGlobal ||
                                 (capture->mode == cudaStreamCaptureModeThreadLocal &&
                                  capture->thread == std::this_thread::get_id());
        if (isForbidden) error = invalidate(*capture, cudaErrorStreamCaptureUnsupported);
    }
    return error;
}

}  // namespace simt
