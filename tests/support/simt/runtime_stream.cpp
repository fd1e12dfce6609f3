// Streams and events.
#include <memory>
#include <utility>

#include "tests/support/simt/runtime_state.h"

using simt::apiCall;
using simt::EventRecord;
using simt::State;

namespace simt {

namespace {

CUevent_st* findEvent(State& s, cudaEvent_t event) {
    const auto found = s.events.find(event);
    return found == s.events.end() ? nullptr : found->second.get();
}

cudaError_t createStream(State& s, cudaStream_t* stream, unsigned flags) {
    if (stream == nullptr || flags > cudaStreamNonBlocking) return cudaErrorInvalidValue;
    auto made = std::make_unique<CUstream_st>();
    made->state = std::make_shared<StreamState>();
    made->state->device = currentDevice(s);
    made->state->isBlocking = (flags & cudaStreamNonBlocking) == 0;
    *stream = made.get();
    s.streams.emplace(*stream, std::move(made));
    return cudaSuccess;
}

cudaError_t createEvent(State& s, cudaEvent_t* event, unsigned flags) {
    if (event == nullptr) return cudaErrorInvalidValue;
    auto made = std::make_unique<CUevent_st>();
    made->flags = flags;
    *event = made.get();
    s.events.emplace(*event, std::move(made));
    return cudaSuccess;
}

// In a stream that captures, an event is a node that others can wait for, nothing more.
cudaError_t recordInCapture(CUevent_st& event, const std::shared_ptr<StreamState>& stream) {
    auto record = std::make_shared<EventRecord>();
    record->capture = stream->capture;
    record->point.stream = stream;
    event.record = std::move(record);
    return cudaSuccess;
}

cudaError_t waitInCapture(State&, const std::shared_ptr<StreamState>& stream,
                          const EventRecord& record) {
    Capture& capture = *record.capture;
    if (stream->capture && stream->capture != record.capture)
        return invalidate(capture, cudaErrorStreamCaptureMerge);
    if (stream == capture.origin || capture.joined.contains(stream)) {
        // The waiting stream takes over the other's work; enough that the origin has it.
        const auto joined = capture.joined.find(record.point.stream);
        if (joined != capture.joined.end()) joined->second = true;
        return cudaSuccess;
    }
    stream->capture = record.capture;
    capture.joined[stream] = false;
    return cudaSuccess;
}

}  // namespace

}  // namespace simt

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
    return apiCall("cudaStreamCreate",
                   [&](State& s) { return simt::createStream(s, stream, cudaStreamDefault); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
    return apiCall("cudaStreamCreateWithFlags",
                   [&](State& s) { return simt::createStream(s, stream, flags); });
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) {
    return apiCall("cudaStreamCreateWithPriority",
                   [&](State& s) { return simt::createStream(s, stream, flags); });
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
    return apiCall("cudaDeviceGetStreamPriorityRange", [&](State&) {
        *least = 0;
        *greatest = -5;
        return cudaSuccess;
    });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    return apiCall("cudaStreamDestroy", [&](State& s) -> cudaError_t {
        const auto found = s.streams.find(stream);
        if (found == s.streams.end()) return cudaErrorInvalidResourceHandle;
        if (found->second->state->capture) return cudaErrorStreamCaptureUnsupported;
        simt::runUntil({found->second->state, found->second->state->nQueued});
        s.streams.erase(found);
        return cudaSuccess;
    });
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
    return apiCall("cudaStreamSynchronize", [&](State& s) -> cudaError_t {
        const auto stream = simt::findStream(s, handle);
        if (!stream) return cudaErrorInvalidResourceHandle;
        if (stream->capture)
            return simt::invalidate(*stream->capture, cudaErrorStreamCaptureUnsupported);
        // Waiting for the null stream is waiting for the blocking streams before it.
        if (stream == s.nullStream) {
            const cudaError_t error = simt::enqueue(s, stream, nullptr);
            if (error != cudaSuccess) return error;
        }
        simt::runUntil({stream, stream->nQueued});
        return cudaSuccess;
    });
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
    return apiCall("cudaStreamQuery", [&](State& s) -> cudaError_t {
        const auto stream = simt::findStream(s, handle);
        if (!stream) return cudaErrorInvalidResourceHandle;
        if (stream->capture)
            return simt::invalidate(*stream->capture, cudaErrorStreamCaptureUnsupported);
        if (stream->nRun == stream->nQueued) return cudaSuccess;
        // One step of progress per question, so that polling ends.
        simt::runUntil({stream, stream->nRun + 1});
        return cudaErrorNotReady;
    });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t handleOfEvent, unsigned) {
    return apiCall("cudaStreamWaitEvent", [&](State& s) -> cudaError_t {
        const auto stream = simt::findStream(s, handle);
        CUevent_st* const event = simt::findEvent(s, handleOfEvent);
        if (!stream || event == nullptr) return cudaErrorInvalidResourceHandle;
        if (!event->record) return cudaSuccess;
        if (event->record->capture) return simt::waitInCapture(s, stream, *event->record);
        if (stream->capture)  // depends on work outside of the capture
            return simt::invalidate(*stream->capture, cudaErrorStreamCaptureIsolation);
        return simt::enqueue(s, stream, nullptr, {event->record->point});
    });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t handle, cudaHostFn_t function, void* userData) {
    return apiCall("cudaLaunchHostFunc", [&](State& s) -> cudaError_t {
        const auto stream = simt::findStream(s, handle);
        if (!stream) return cudaErrorInvalidResourceHandle;
        if (function == nullptr) return cudaErrorInvalidValue;
        return simt::enqueue(s, stream, [=] { function(userData); });
    });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
    return apiCall("cudaEventCreate",
                   [&](State& s) { return simt::createEvent(s, event, cudaEventDefault); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
    return apiCall("cudaEventCreateWithFlags",
                   [&](State& s) { return simt::createEvent(s, event, flags); });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
    return apiCall("cudaEventDestroy", [&](State& s) -> cudaError_t {
        return s.events.erase(event) == 1 ? cudaSuccess : cudaErrorInvalidResourceHandle;
    });
}

cudaError_t cudaEventRecord(cudaEvent_t handle, cudaStream_t handleOfStream) {
    return apiCall("cudaEventRecord", [&](State& s) -> cudaError_t {
        CUevent_st* const event = simt::findEvent(s, handle);
        const auto stream = simt::findStream(s, handleOfStream);
        if (event == nullptr || !stream) return cudaErrorInvalidResourceHandle;
        if (stream->capture) return simt::recordInCapture(*event, stream);
        auto record = std::make_shared<EventRecord>();
        event->record = record;
        // The point holds the stream; the stream's queue holds the record: cut when it has run.
        record->point = {stream, stream->nQueued + 1};
        return simt::enqueue(s, stream, [record] {
            record->isDone = true;
            record->time = std::chrono::steady_clock::now();
        });
    });
}

cudaError_t cudaEventQuery(cudaEvent_t handle) {
    return apiCall("cudaEventQuery", [&](State& s) -> cudaError_t {
        CUevent_st* const event = simt::findEvent(s, handle);
        if (event == nullptr) return cudaErrorInvalidResourceHandle;
        if (const cudaError_t error = simt::forbiddenByCapture(s); error != cudaSuccess)
            return error;
        if (!event->record || event->record->isDone) return cudaSuccess;
        if (event->record->capture) return cudaErrorCapturedEvent;
        simt::runUntil({event->record->point.stream, event->record->point.stream->nRun + 1});
        return cudaErrorNotReady;
    });
}

cudaError_t cudaEventSynchronize(cudaEvent_t handle) {
    return apiCall("cudaEventSynchronize", [&](State& s) -> cudaError_t {
        CUevent_st* const event = simt::findEvent(s, handle);
        if (event == nullptr) return cudaErrorInvalidResourceHandle;
        if (!event->record) return cudaSuccess;
        if (event->record->capture) return cudaErrorCapturedEvent;
        if ((event->flags & cudaEventBlockingSync) == 0) ++s.spinningWaits;
        simt::runUntil(event->record->point);
        return cudaSuccess;
    });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t startHandle,
                                 cudaEvent_t endHandle) {
    return apiCall("cudaEventElapsedTime", [&](State& s) -> cudaError_t {
        CUevent_st* const start = simt::findEvent(s, startHandle);
        CUevent_st* const end = simt::findEvent(s, endHandle);
        if (start == nullptr || end == nullptr || !start->record || !end->record ||
            ((start->flags | end->flags) & cudaEventDisableTiming) != 0)
            return cudaErrorInvalidResourceHandle;
        if (start->record->capture || end->record->capture) return cudaErrorCapturedEvent;
        if (!start->record->isDone || !end->record->isDone) return cudaErrorNotReady;
        *milliseconds =
            std::chrono::duration<float, std::milli>(end->record->time - start->record->time)
                .count();
        return cudaSuccess;
    });
}
