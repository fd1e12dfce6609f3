#include "tests/support/simt/control.h"

#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "tests/support/simt/runtime_state.h"

namespace simt {

namespace {

void freeAllocations(State& s) {
    for (const auto& [address, allocation] : s.allocations)
        if (!allocation.isRegistered && !allocation.isHidden)
            ::operator delete (reinterpret_cast<void*>(address), std::align_val_t{256});
    s.allocations.clear();
    forgetReadOnly(s, 0, std::numeric_limits<std::size_t>::max());
    s.hidden.reset();
}

// A capture and its streams hold each other.
void dropCaptures(State& s) {
    for (const auto& capture : s.captures) {
        for (auto& [stream, isJoined] : capture->joined) stream->capture.reset();
        capture->joined.clear();
        if (capture->origin) capture->origin->capture.reset();
        capture->origin.reset();
    }
    s.captures.clear();
}

}  // namespace

void reset() {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    freeAllocations(s);
    dropCaptures(s);
    for (auto& [handle, stream] : s.streams) stream->state->queue.clear();
    s.nullStream->queue.clear();
    s.nullStream = std::make_shared<StreamState>();
    s.streams.clear();
    s.events.clear();
    s.graphs.clear();
    s.execs.clear();
    s.devices = {defaultDevice()};
    s.driverVersion = s.runtimeVersion = CUDART_VERSION;
    s.timing = StreamTiming::Immediate;
    s.orderSeed = 0;
    s.isCheckingPointers = false;
    s.reportHandler = nullptr;
    s.allocated.clear();
    s.peak.clear();
    s.sharedOptIns.clear();
    s.sharedUse.clear();
    s.calls.clear();
    s.failures.clear();
    s.stickyErrors.clear();
    s.lastErrors.clear();
    s.currentDevices.clear();
    s.kernelsRun = 0;
    s.spinningWaits = 0;
    s.prefetches = 0;
}

DeviceSettings defaultDevice() {
    DeviceSettings device;
    const char* const text = std::getenv("SOTTO_SIMT_SMS");
    const int nMultiprocessors = text != nullptr ? std::atoi(text) : 0;
    if (nMultiprocessors > 0) device.nMultiprocessors = nMultiprocessors;
    return device;
}

void setThreadOrderSeed(std::uint64_t seed) {
    const std::scoped_lock lock(state().mutex);
    state().orderSeed = seed;
}

void setReportHandler(std::function<void(const std::string&)> handler) {
    const std::scoped_lock lock(state().mutex);
    state().reportHandler = std::move(handler);
}

void checkArgumentPointers() {
    const std::scoped_lock lock(state().mutex);
    state().isCheckingPointers = true;
}

void hideDeviceMemory() {
    const std::scoped_lock lock(state().mutex);
    state().hidden = std::make_unique<HiddenMemory>();
}

void setStreamTiming(StreamTiming timing) {
    const std::scoped_lock lock(state().mutex);
    state().timing = timing;
}

void setDevices(std::vector<DeviceSettings> devices) {
    const std::scoped_lock lock(state().mutex);
    state().devices = std::move(devices);
    state().currentDevices.clear();
}

std::size_t allocatedBytes(int device) {
    const std::scoped_lock lock(state().mutex);
    const auto& bytes = state().allocated;
    const auto index = static_cast<std::size_t>(device);
    return index < bytes.size() ? bytes[index] : 0;
}

std::size_t peakAllocatedBytes(int device) {
    const std::scoped_lock lock(state().mutex);
    const auto& bytes = state().peak;
    const auto index = static_cast<std::size_t>(device);
    return index < bytes.size() ? bytes[index] : 0;
}

void setVersions(int driver, int runtime) {
    const std::scoped_lock lock(state().mutex);
    state().driverVersion = driver;
    state().runtimeVersion = runtime;
}

void injectFailure(const std::string& function, int nth, cudaError_t error, bool isSticky) {
    const std::scoped_lock lock(state().mutex);
    state().failures[function].push_back({nth, error, isSticky});
}

int callCount(const std::string& function) {
    const std::scoped_lock lock(state().mutex);
    const auto found = state().calls.find(function);
    return found == state().calls.end() ? 0 : found->second;
}

std::uint64_t kernelsRun() {
    const std::scoped_lock lock(state().mutex);
    return state().kernelsRun;
}

std::vector<SharedMemoryUse> sharedMemoryUse() {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    std::vector<SharedMemoryUse> all;
    for (const auto& [kernel, use] : s.sharedUse) {
        all.push_back(use);
        all.back().hasOptIn = s.sharedOptIns.contains(kernel);
    }
    return all;
}

std::uint64_t prefetches() {
    const std::scoped_lock lock(state().mutex);
    return state().prefetches;
}

std::uint64_t spinningWaits() {
    const std::scoped_lock lock(state().mutex);
    return state().spinningWaits;
}

std::string leaks() {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    if (s.allocations.empty() && s.streams.empty() && s.events.empty() && s.graphs.empty() &&
        s.execs.empty())
        return {};
    return fmt::format("{} allocations, {} streams, {} events, {} graphs, {} executable graphs",
                       s.allocations.size(), s.streams.size(), s.events.size(), s.graphs.size(),
                       s.execs.size());
}

}  // namespace simt
