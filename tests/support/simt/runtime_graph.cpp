// Stream capture and graphs: a graph is the list of operations in the order in which they were
// recorded, which respects every dependency that streams and events express.
#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "tests/support/simt/runtime_state.h"

using simt::apiCall;
using simt::State;

namespace simt {

namespace {

// Takes the streams of a capture out of it.
void endCapture(State& s, const std::shared_ptr<Capture>& capture) {
    for (auto& [stream, isJoined] : capture->joined) stream->capture.reset();
    capture->joined.clear();
    const auto origin = std::exchange(capture->origin, nullptr);
    origin->capture.reset();
    origin->last = OperationKind::None;
    s.captures.erase(capture);
}

}  // namespace

}  // namespace simt

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
    return apiCall("cudaStreamBeginCapture", [&](State& s) -> cudaError_t {
        const auto stream = simt::findStream(s, handle);
        if (!stream) return cudaErrorInvalidResourceHandle;
        if (stream == s.nullStream) return cudaErrorStreamCaptureUnsupported;
        if (stream->capture) return cudaErrorIllegalState;
        auto capture = std::make_shared<simt::Capture>();
        capture->mode = mode;
        capture->thread = std::this_thread::get_id();
        capture->origin = stream;
        stream->capture = capture;
        stream->last = simt::OperationKind::None;
        s.captures.insert(std::move(capture));
        return cudaSuccess;
    });
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
    bool hasRun = false;
    const cudaError_t ended = apiCall("cudaStreamEndCapture", [&](State& s) -> cudaError_t {
        hasRun = true;
        const auto stream = simt::findStream(s, handle);
        if (!stream) return cudaErrorInvalidResourceHandle;
        if (!stream->capture) return cudaErrorIllegalState;
        const auto capture = stream->capture;
        if (capture->origin != stream) return cudaErrorStreamCaptureUnmatched;
        if (capture->mode != cudaStreamCaptureModeRelaxed &&
            capture->thread != std::this_thread::get_id())
            return cudaErrorStreamCaptureWrongThread;
        const bool isUnjoined = std::any_of(capture->joined.begin(), capture->joined.end(),
                                            [](const auto& joined) { return !joined.second; });
        simt::endCapture(s, capture);
        if (graph != nullptr) *graph = nullptr;
        if (capture->isInvalidated) return cudaErrorStreamCaptureInvalidated;
        if (isUnjoined) return cudaErrorStreamCaptureUnjoined;
        auto made = std::make_unique<CUgraph_st>();
        made->operations = std::move(capture->operations);
        *graph = made.get();
        s.graphs.emplace(*graph, std::move(made));
        return cudaSuccess;
    });
    // A failure on request: the stream has left the capture all the same.
    if (!hasRun) {
        State& s = simt::state();
        const std::scoped_lock lock(s.mutex);
        const auto stream = simt::findStream(s, handle);
        const auto capture = stream ? stream->capture : nullptr;
        if (capture) simt::endCapture(s, capture);
        if (graph != nullptr) *graph = nullptr;
    }
    return ended;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
    return apiCall("cudaStreamIsCapturing", [&](State& s) -> cudaError_t {
        const auto stream = simt::findStream(s, handle);
        if (!stream) return cudaErrorInvalidResourceHandle;
        *status = !stream->capture                 ? cudaStreamCaptureStatusNone
                  : stream->capture->isInvalidated ? cudaStreamCaptureStatusInvalidated
                                                   : cudaStreamCaptureStatusActive;
        return cudaSuccess;
    });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
    return apiCall("cudaGraphInstantiate", [&](State& s) -> cudaError_t {
        const auto found = s.graphs.find(graph);
        if (exec == nullptr || found == s.graphs.end()) return cudaErrorInvalidValue;
        auto made = std::make_unique<CUgraphExec_st>();
        made->operations =
            std::make_shared<const std::vector<simt::Operation>>(found->second->operations);
        *exec = made.get();
        s.execs.emplace(*exec, std::move(made));
        return cudaSuccess;
    });
}

cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t stream) {
    return apiCall("cudaGraphUpload", [&](State& s) -> cudaError_t {
        const bool isKnown = s.execs.contains(exec) && simt::findStream(s, stream) != nullptr;
        return isKnown ? cudaSuccess : cudaErrorInvalidValue;
    });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t handle) {
    return apiCall("cudaGraphLaunch", [&](State& s) -> cudaError_t {
        const auto found = s.execs.find(exec);
        const auto stream = simt::findStream(s, handle);
        if (found == s.execs.end()) return cudaErrorInvalidValue;
        if (!stream) return cudaErrorInvalidResourceHandle;
        if (stream->capture)
            return simt::invalidate(*stream->capture, cudaErrorStreamCaptureUnsupported);
        return simt::enqueue(s, stream, [operations = found->second->operations] {
            std::deque<simt::Operation> rest(operations->begin(), operations->end());
            while (!rest.empty()) simt::runFirst(rest);
        });
    });
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, std::size_t* count) {
    return apiCall("cudaGraphGetNodes", [&](State& s) -> cudaError_t {
        const auto found = s.graphs.find(graph);
        if (found == s.graphs.end() || count == nullptr || nodes != nullptr)
            return cudaErrorInvalidValue;
        *count = found->second->operations.size();
        return cudaSuccess;
    });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    return apiCall("cudaGraphDestroy", [&](State& s) -> cudaError_t {
        return s.graphs.erase(graph) == 1 ? cudaSuccess : cudaErrorInvalidValue;
    });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
    return apiCall("cudaGraphExecDestroy", [&](State& s) -> cudaError_t {
        return s.execs.erase(exec) == 1 ? cudaSuccess : cudaErrorInvalidValue;
    });
}
