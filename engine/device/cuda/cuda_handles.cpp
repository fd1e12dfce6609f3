#include "engine/device/cuda/cuda_handles.h"

#include "engine/device/cuda/cuda_error.h"
#include "engine/device/system_memory.h"

namespace sotto::cuda {
namespace {

using Graph = Handle<cudaGraph_t, cudaGraphDestroy>;

// Records `body` into a graph. The recording is ended in any case: a stream left in capture mode
// refuses everything else.
Result<Graph> recordGraph(const Stream& stream, const std::function<Status()>& body) {
    // Thread-local: calls of other threads (the telemetry's memory query) do not spoil it.
    SOTTO_TRY(check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal),
                    "starting to record a step"));
    // An exception must not leave the stream recording.
    struct Ending {
        cudaStream_t stream;
        cudaGraph_t raw = nullptr;
        bool isEnded = false;
        cudaError_t end() {
            isEnded = true;
            return cudaStreamEndCapture(stream, &raw);
        }
        ~Ending() {
            if (!isEnded && end() == cudaSuccess) static_cast<void>(cudaGraphDestroy(raw));
        }
    } ending{stream.get()};
    const Status recorded = body();
    const cudaError_t ended = ending.end();
    cudaGraph_t raw = ending.raw;
    Graph graph(raw);  // released also where the body failed
    if (!recorded) {
        // An invalidated recording adds an error of its own, which must not be found later.
        static_cast<void>(cudaGetLastError());
        return fail(recorded.error());
    }
    SOTTO_TRY(check(ended, "recording a step"));
    if (raw == nullptr) return fail(ErrorCode::Internal, "The recording of a step is empty.");
    return graph;
}

}  // namespace

Result<Stream> Stream::create() {
    cudaStream_t raw = nullptr;
    SOTTO_TRY(check(cudaStreamCreateWithFlags(&raw, cudaStreamNonBlocking), "making a stream"));
    Stream stream;
    stream.m_stream = Handle<cudaStream_t, cudaStreamDestroy>(raw);
    return stream;
}

Status Stream::synchronize() const {
    return check(cudaStreamSynchronize(get()), "waiting for the card");
}

Status Stream::waitFor(const Event& event) const {
    return check(cudaStreamWaitEvent(get(), event.get(), 0), "ordering two streams");
}

Result<Event> Event::create(Kind kind) {
    const unsigned flags = kind == Kind::Time
                               ? unsigned{cudaEventDefault}
                               : unsigned{cudaEventDisableTiming} | unsigned{cudaEventBlockingSync};
    cudaEvent_t raw = nullptr;
    SOTTO_TRY(check(cudaEventCreateWithFlags(&raw, flags), "making an event"));
    Event event;
    event.m_event = Handle<cudaEvent_t, cudaEventDestroy>(raw);
    return event;
}

Status Event::record(const Stream& stream) const {
    return check(cudaEventRecord(get(), stream.get()), "recording an event");
}

Status Event::synchronize() const {
    return check(cudaEventSynchronize(get()), "waiting for the card");
}

Result<bool> Event::isReached() const {
    const cudaError_t state = cudaEventQuery(get());
    if (state == cudaErrorNotReady) {
        // No failure, but some runtimes keep it as the last one.
        if (cudaPeekAtLastError() == cudaErrorNotReady) static_cast<void>(cudaGetLastError());
        return false;
    }
    SOTTO_TRY(check(state, "asking for an event"));
    return true;
}

Result<double> Event::millisecondsBetween(const Event& start, const Event& end) {
    float milliseconds = 0.0f;
    SOTTO_TRY(
        check(cudaEventElapsedTime(&milliseconds, start.get(), end.get()), "reading the time"));
    return double{milliseconds};
}

Result<GraphExec> GraphExec::capture(const Stream& stream, const std::function<Status()>& body) {
    Graph graph;
    SOTTO_ASSIGN(graph, recordGraph(stream, body));
    GraphExec result;
    SOTTO_TRY(check(cudaGraphGetNodes(graph.get(), nullptr, &result.m_nNodes),
                    "counting a recorded step"));
    cudaGraphExec_t exec = nullptr;
    SOTTO_TRY(check(cudaGraphInstantiate(&exec, graph.get(), 0), "preparing a recorded step"));
    result.m_exec = Handle<cudaGraphExec_t, cudaGraphExecDestroy>(exec);
    return result;
}

Status GraphExec::launch(const Stream& stream) const {
    return check(cudaGraphLaunch(m_exec.get(), stream.get()), "starting a recorded step");
}

Result<DeviceBuffer> allocateDeviceBuffer(std::size_t bytes, std::string_view owner) {
    if (bytes == 0) return DeviceBuffer();
    void* data = nullptr;
    const cudaError_t result = cudaMalloc(&data, bytes);
    if (result == cudaErrorMemoryAllocation)
        return fail(outOfDeviceMemory(owner, bytes, toError(result, "allocating").available));
    SOTTO_TRY(check(result, "allocating memory"));
    return DeviceBuffer(static_cast<std::byte*>(data), bytes, [](std::byte* memory, std::size_t) {
        static_cast<void>(cudaFree(memory));
    });
}

Result<PinnedBuffer> allocatePinnedBuffer(std::size_t bytes) {
    if (bytes == 0) return PinnedBuffer();
    void* data = nullptr;
    const cudaError_t result = cudaHostAlloc(&data, bytes, cudaHostAllocDefault);
    if (result == cudaErrorMemoryAllocation) {
        static_cast<void>(cudaGetLastError());
        Error error{ErrorCode::OutOfMemory,
                    "The system cannot reserve " + byteText(bytes) +
                        " of page-locked memory for copies to the graphics card. Close other "
                        "programs.",
                    {},
                    bytes,
                    systemMemory().availableBytes};
        return fail(std::move(error));
    }
    SOTTO_TRY(check(result, "allocating page-locked memory"));
    return PinnedBuffer(static_cast<std::byte*>(data), bytes, [](std::byte* memory, std::size_t) {
        static_cast<void>(cudaFreeHost(memory));
    });
}

}  // namespace sotto::cuda
