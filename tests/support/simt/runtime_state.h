// What the emulated runtime holds: devices, allocations, streams, events, graphs, errors.
//
// One state per process behind one lock: kernels of all streams run one at a time, and only the
// order within a stream and across events is kept. Used by runtime_*.cpp and control.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cuda_runtime_api.h"
#include "tests/support/simt/block_runner.h"
#include "tests/support/simt/control.h"
#include "tests/support/simt/hidden_memory.h"

namespace simt {

struct StreamState;
struct Capture;

// A place in a stream's queue.
struct StreamPoint {
    std::shared_ptr<StreamState> stream;
    std::uint64_t sequence = 0;  // operations up to and with this number
};

enum class OperationKind { None, Kernel, Other };

struct Operation {
    std::function<void()> run;  // null: a kernel, or only waits
    std::vector<StreamPoint> after;
    std::shared_ptr<const KernelRun> kernel;
    std::shared_ptr<BegunKernel> begun;  // the kernel, ahead of its turn
};

struct StreamState {
    int device = 0;
    bool isBlocking = true;  // takes turns with the null stream
    std::deque<Operation> queue;
    std::uint64_t nQueued = 0;
    std::uint64_t nRun = 0;
    bool isRunning = false;  // an operation of it is being run further up the call stack
    OperationKind last = OperationKind::None;  // queued, or recorded since a capture began
    std::shared_ptr<Capture> capture;
};

// What an event was last recorded as.
struct EventRecord {
    StreamPoint point;
    bool isDone = false;
    std::chrono::steady_clock::time_point time;
    std::shared_ptr<Capture> capture;  // recorded in a stream that captures: no time, no waiting
    int captureDevice = 0;
};

struct Capture {
    std::vector<Operation> operations;
    cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
    bool isInvalidated = false;
    std::thread::id thread;
    std::shared_ptr<StreamState> origin;
    // Streams that joined through an event, and whether the origin has waited for their last work.
    std::map<std::shared_ptr<StreamState>, bool> joined;
};

struct Allocation {
    std::size_t bytes = 0;
    cudaMemoryType type = cudaMemoryTypeDevice;
    int device = 0;
    bool isRegistered = false;  // the program's own memory, pinned
    bool isHidden = false;      // of State::hidden
};

struct Failure {
    int remaining = 0;
    cudaError_t error = cudaSuccess;
    bool isSticky = false;
};

}  // namespace simt

struct CUstream_st {
    std::shared_ptr<simt::StreamState> state;
};
struct CUevent_st {
    unsigned flags = 0;
    std::shared_ptr<simt::EventRecord> record;
};
struct CUgraph_st {
    std::vector<simt::Operation> operations;
};
struct CUgraphExec_st {
    std::shared_ptr<const std::vector<simt::Operation>> operations;
};

namespace simt {

// From this compute capability on, kernels may begin before the one in front has ended.
inline constexpr int kOverlapMajor = 9;

struct State {
    std::mutex mutex;

    std::vector<DeviceSettings> devices{defaultDevice()};
    int driverVersion = 13000;
    int runtimeVersion = CUDART_VERSION;
    StreamTiming timing = StreamTiming::Immediate;
    std::uint64_t orderSeed = 0;
    bool isCheckingPointers = false;
    std::function<void(const std::string&)> reportHandler;

    std::map<std::uintptr_t, Allocation> allocations;
    std::vector<std::size_t> allocated;  // bytes of whole pages, by device
    std::vector<std::size_t> peak;
    std::unique_ptr<HiddenMemory> hidden;               // null: device memory lies open
    std::map<std::uintptr_t, std::uintptr_t> readOnly;  // first address and end of each range
    std::map<const void*, std::size_t> sharedOptIns;    // by kernel
    std::map<const void*, SharedMemoryUse> sharedUse;   // by kernel
    std::shared_ptr<BlockPool> blocks = std::make_shared<BlockPool>();

    std::shared_ptr<StreamState> nullStream = std::make_shared<StreamState>();
    std::map<cudaStream_t, std::unique_ptr<CUstream_st>> streams;
    std::map<cudaEvent_t, std::unique_ptr<CUevent_st>> events;
    std::map<cudaGraph_t, std::unique_ptr<CUgraph_st>> graphs;
    std::map<cudaGraphExec_t, std::unique_ptr<CUgraphExec_st>> execs;
    std::set<std::shared_ptr<Capture>> captures;

    std::map<std::string, int> calls;
    std::map<std::string, std::vector<Failure>> failures;
    std::map<int, cudaError_t> stickyErrors;  // of the cards whose context has failed
    std::map<std::thread::id, cudaError_t> lastErrors;
    std::map<std::thread::id, int> currentDevices;
    std::uint64_t kernelsRun = 0;
    std::uint64_t spinningWaits = 0;
    std::uint64_t prefetches = 0;
};

State& state();

// Runs an API function's body under the lock: counts the call, lets an injected failure or a sticky
// error take its place, refuses without driver and device, remembers the last error.
cudaError_t apiCall(const char* name, const std::function<cudaError_t(State&)>& body);

int currentDevice(State& s);
// What the context of the thread's card has failed with.
cudaError_t stickyError(State& s);

// An allocation that holds [pointer, pointer + bytes), or null.
const Allocation* findAllocation(State& s, const void* pointer, std::size_t bytes);

// Null stream included; null for a handle that is not a stream.
std::shared_ptr<StreamState> findStream(State& s, cudaStream_t stream);

// Puts work on a stream: runs it, queues it or records it.
cudaError_t enqueue(State& s, const std::shared_ptr<StreamState>& stream, std::function<void()> run,
                    std::vector<StreamPoint> after = {});
cudaError_t enqueueKernel(State& s, const std::shared_ptr<StreamState>& stream,
                          std::shared_ptr<const KernelRun> kernel);

void runUntil(const StreamPoint& point);
// The first operation of a stream or a graph, and ahead of it the kernels behind that may begin.
void runFirst(std::deque<Operation>& operations);
// Of kernels, for runFirst().
void beginAhead(State& s, std::deque<Operation>& operations);
void runKernel(State& s, Operation& operation);

// Memory that is new or gone is not marked.
void forgetReadOnly(State& s, std::uintptr_t first, std::size_t bytes);
void runAll(State& s);

// For calls that a capture forbids: the error, after invalidating the captures that forbid it.
cudaError_t forbiddenByCapture(State& s);
cudaError_t invalidate(Capture& capture, cudaError_t error);

}  // namespace simt
