// Emulated streams in both timings, events, capture and graphs.
#include <vector>

#include <QtTest>

#include "tests/support/simt/control.h"
#include "tests/support/simt/runtime_bench.h"

class SimtStreamTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void cleanup() { simt::reset(); }
    void streams_runInOrder_data();
    void streams_runInOrder();
    void lateStreams_runWhenWaitedFor();
    void lateCopies_readPinnedMemoryLate();
    void lateCopies_takePageableMemoryAtOnce();
    void events_orderTwoStreams();
    void events_needTimingAndRecording();
    void nullStream_waitsForBlockingStreams();
    void graphs_replayWhatWasRecorded();
    void graphs_holdTheirArguments();
    void graphs_takeForkedStreams();
    void captures_forbidSomeCalls_data();
    void captures_forbidSomeCalls();
};

void SimtStreamTest::streams_runInOrder_data() {
    QTest::addColumn<bool>("isLate");
    QTest::newRow("immediate") << false;
    QTest::newRow("late") << true;
}

void SimtStreamTest::streams_runInOrder() {
    QFETCH(bool, isLate);
    simt::setStreamTiming(isLate ? simt::StreamTiming::Late : simt::StreamTiming::Immediate);
    const RuntimeBench bench;
    bench.add(2, bench.stream);
    bench.multiply(5, bench.stream);
    cudaMemcpyAsync(bench.pinned, bench.device, kBytes, cudaMemcpyDeviceToHost, bench.stream);
    bench.add(1, bench.stream);
    QCOMPARE(cudaStreamSynchronize(bench.stream), cudaSuccess);
    QCOMPARE(bench.pinned[kCount - 1], 15);
    QCOMPARE(bench.value(), 16);
}

void SimtStreamTest::lateStreams_runWhenWaitedFor() {
    const RuntimeBench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    const std::uint64_t before = simt::kernelsRun();
    bench.add(1, bench.stream);
    bench.add(1, bench.other);
    QCOMPARE(simt::kernelsRun(), before);
    QCOMPARE(bench.value(), 1);  // the null stream does not wait for these
    QCOMPARE(cudaStreamQuery(bench.stream), cudaErrorNotReady);
    QCOMPARE(cudaStreamQuery(bench.stream), cudaSuccess);
    QCOMPARE(cudaGetLastError(), cudaSuccess);  // not being ready is no error
    QCOMPARE(bench.value(), 2);
    QCOMPARE(cudaDeviceSynchronize(), cudaSuccess);
    QCOMPARE(bench.value(), 3);
}

void SimtStreamTest::lateCopies_readPinnedMemoryLate() {
    const RuntimeBench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    bench.pinned[0] = 7;
    cudaMemcpyAsync(bench.device, bench.pinned, kBytes, cudaMemcpyHostToDevice, bench.stream);
    bench.pinned[0] = 8;  // too early: the copy has not been waited for
    cudaStreamSynchronize(bench.stream);
    QCOMPARE(bench.value(), 8);
}

void SimtStreamTest::lateCopies_takePageableMemoryAtOnce() {
    const RuntimeBench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    std::vector<int> host(kCount, 7);
    cudaMemcpyAsync(bench.device, host.data(), kBytes, cudaMemcpyHostToDevice, bench.stream);
    host[0] = 8;
    bench.add(1, bench.stream);
    cudaMemcpyAsync(host.data(), bench.device, kBytes, cudaMemcpyDeviceToHost, bench.stream);
    QCOMPARE(host[0], 8);  // 7 + 1, there when the call returns
    QCOMPARE(host[1], 8);
}

void SimtStreamTest::events_orderTwoStreams() {
    const RuntimeBench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    cudaEvent_t event = nullptr;
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    QCOMPARE(cudaStreamWaitEvent(bench.other, event), cudaSuccess);  // not recorded: no waiting
    bench.add(2, bench.stream);
    QCOMPARE(cudaEventRecord(event, bench.stream), cudaSuccess);
    bench.add(100, bench.stream);
    QCOMPARE(cudaStreamWaitEvent(bench.other, event), cudaSuccess);
    bench.multiply(5, bench.other);
    // Only what the event stands for has run before.
    QCOMPARE(cudaStreamSynchronize(bench.other), cudaSuccess);
    QCOMPARE(bench.value(), 15);
    QCOMPARE(cudaEventQuery(event), cudaSuccess);
    QCOMPARE(cudaStreamSynchronize(bench.stream), cudaSuccess);
    QCOMPARE(bench.value(), 115);
    cudaEventDestroy(event);
}

void SimtStreamTest::events_needTimingAndRecording() {
    const RuntimeBench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    cudaEvent_t start = nullptr;
    cudaEvent_t end = nullptr;
    cudaEvent_t untimed = nullptr;
    cudaEventCreate(&start);
    cudaEventCreate(&end);
    cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming);
    float milliseconds = -1.0f;
    cudaEventRecord(start, bench.stream);
    QCOMPARE(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorInvalidResourceHandle);
    bench.add(1, bench.stream);
    cudaEventRecord(end, bench.stream);
    cudaEventRecord(untimed, bench.stream);
    QCOMPARE(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorNotReady);
    QCOMPARE(cudaEventSynchronize(end), cudaSuccess);
    QCOMPARE(cudaEventElapsedTime(&milliseconds, start, end), cudaSuccess);
    QVERIFY(milliseconds >= 0.0f);
    QCOMPARE(cudaEventElapsedTime(&milliseconds, start, untimed), cudaErrorInvalidResourceHandle);
    for (cudaEvent_t event : {start, end, untimed}) cudaEventDestroy(event);
    QCOMPARE(cudaEventDestroy(start), cudaErrorInvalidResourceHandle);
}

void SimtStreamTest::nullStream_waitsForBlockingStreams() {
    const RuntimeBench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    cudaStream_t blocking = nullptr;
    cudaStreamCreate(&blocking);
    bench.add(1, blocking);
    bench.multiply(5, nullptr);
    bench.add(1, blocking);
    QCOMPARE(cudaStreamSynchronize(blocking), cudaSuccess);
    QCOMPARE(bench.value(), 11);
    cudaStreamDestroy(blocking);
}

void SimtStreamTest::graphs_replayWhatWasRecorded() {
    const RuntimeBench bench;
    QCOMPARE(cudaStreamBeginCapture(bench.stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    bench.add(1, bench.stream);
    bench.multiply(2, bench.stream);
    QCOMPARE(cudaMemcpyAsync(bench.pinned, bench.device, 4, cudaMemcpyDeviceToHost, bench.stream),
             cudaSuccess);
    cudaGraph_t graph = nullptr;
    QCOMPARE(cudaStreamEndCapture(bench.stream, &graph), cudaSuccess);
    QCOMPARE(bench.value(), 1);  // recorded, not run
    std::size_t nNodes = 0;
    QCOMPARE(cudaGraphGetNodes(graph, nullptr, &nNodes), cudaSuccess);
    QCOMPARE(nNodes, std::size_t{3});

    cudaGraphExec_t exec = nullptr;
    QCOMPARE(cudaGraphInstantiate(&exec, graph), cudaSuccess);
    QCOMPARE(cudaGraphDestroy(graph), cudaSuccess);
    const std::uint64_t before = simt::kernelsRun();
    for (const int expected : {4, 10, 22}) {
        QCOMPARE(cudaGraphLaunch(exec, bench.stream), cudaSuccess);
        QCOMPARE(cudaStreamSynchronize(bench.stream), cudaSuccess);
        QCOMPARE(bench.pinned[0], expected);
    }
    QCOMPARE(simt::kernelsRun() - before, std::uint64_t{6});
    QCOMPARE(cudaGraphExecDestroy(exec), cudaSuccess);
    QCOMPARE(cudaGraphLaunch(exec, bench.stream), cudaErrorInvalidValue);
}

// Arguments are copied when a launch is recorded, what they point to is read when it runs.
void SimtStreamTest::graphs_holdTheirArguments() {
    const RuntimeBench bench;
    int term = 3;
    cudaStreamBeginCapture(bench.stream, cudaStreamCaptureModeThreadLocal);
    bench.add(term, bench.stream);
    term = 100;
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(bench.stream, &graph);
    cudaGraphExec_t exec = nullptr;
    cudaGraphInstantiate(&exec, graph);
    cudaMemset(bench.device, 0, kBytes);
    cudaGraphLaunch(exec, bench.stream);
    QCOMPARE(bench.value(), 3);
    cudaGraphExecDestroy(exec);
    cudaGraphDestroy(graph);
}

void SimtStreamTest::graphs_takeForkedStreams() {
    const RuntimeBench bench;
    cudaEvent_t forked = nullptr;
    cudaEvent_t joined = nullptr;
    cudaEventCreateWithFlags(&forked, cudaEventDisableTiming);
    cudaEventCreateWithFlags(&joined, cudaEventDisableTiming);
    for (const bool isJoined : {true, false}) {
        cudaStreamBeginCapture(bench.stream, cudaStreamCaptureModeThreadLocal);
        bench.add(1, bench.stream);
        cudaEventRecord(forked, bench.stream);
        QCOMPARE(cudaStreamWaitEvent(bench.other, forked), cudaSuccess);
        bench.multiply(7, bench.other);
        QCOMPARE(cudaEventRecord(joined, bench.other), cudaSuccess);
        QCOMPARE(cudaEventSynchronize(joined), cudaErrorCapturedEvent);
        if (isJoined) QCOMPARE(cudaStreamWaitEvent(bench.stream, joined), cudaSuccess);
        cudaGraph_t graph = nullptr;
        QCOMPARE(cudaStreamEndCapture(bench.stream, &graph),
                 isJoined ? cudaSuccess : cudaErrorStreamCaptureUnjoined);
        if (!isJoined) continue;
        cudaGraphExec_t exec = nullptr;
        cudaGraphInstantiate(&exec, graph);
        cudaGraphLaunch(exec, bench.stream);
        QCOMPARE(bench.value(), 14);
        cudaGraphExecDestroy(exec);
        cudaGraphDestroy(graph);
    }
    // The other stream is its own again.
    bench.add(1, bench.other);
    QCOMPARE(bench.value(), 15);
    cudaEventDestroy(forked);
    cudaEventDestroy(joined);
}

void SimtStreamTest::captures_forbidSomeCalls_data() {
    using Call = cudaError_t (*)(RuntimeBench&);
    QTest::addColumn<Call>("call");
    QTest::addColumn<int>("mode");
    QTest::addColumn<int>("expected");
    constexpr int kUnsupported = cudaErrorStreamCaptureUnsupported;
    const Call allocate = [](RuntimeBench&) {
        void* memory = nullptr;
        return cudaMalloc(&memory, 16);
    };
    const Call synchronize = [](RuntimeBench& bench) {
        return cudaStreamSynchronize(bench.stream);
    };
    const Call query = [](RuntimeBench& bench) { return cudaStreamQuery(bench.stream); };
    const Call synchronizeDevice = [](RuntimeBench&) { return cudaDeviceSynchronize(); };
    const Call copy = [](RuntimeBench& bench) {
        return cudaMemcpy(bench.pinned, bench.device, 4, cudaMemcpyDeviceToHost);
    };
    QTest::newRow("malloc, global") << allocate << 0 << kUnsupported;
    QTest::newRow("malloc, thread") << allocate << 1 << kUnsupported;
    QTest::newRow("malloc, relaxed") << allocate << 2 << static_cast<int>(cudaSuccess);
    QTest::newRow("synchronize") << synchronize << 2 << kUnsupported;
    QTest::newRow("query") << query << 2 << kUnsupported;
    QTest::newRow("device") << synchronizeDevice << 2 << kUnsupported;
    QTest::newRow("copy") << copy << 1 << kUnsupported;
}

void SimtStreamTest::captures_forbidSomeCalls() {
    using Call = cudaError_t (*)(RuntimeBench&);
    QFETCH(Call, call);
    QFETCH(int, mode);
    QFETCH(int, expected);
    RuntimeBench bench;
    cudaStreamBeginCapture(bench.stream, static_cast<cudaStreamCaptureMode>(mode));
    bench.add(1, bench.stream);
    QCOMPARE(static_cast<int>(call(bench)), expected);
    const bool isValid = expected == cudaSuccess;
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaStreamIsCapturing(bench.stream, &status);
    QCOMPARE(status, isValid ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusInvalidated);
    bench.add(1, bench.stream);
    cudaGraph_t graph = nullptr;
    QCOMPARE(cudaStreamEndCapture(bench.stream, &graph),
             isValid ? cudaSuccess : cudaErrorStreamCaptureInvalidated);
    QCOMPARE(graph != nullptr, isValid);
    // The stream works again.
    bench.add(1, bench.stream);
    QCOMPARE(bench.value(), 2);
}

QTEST_GUILESS_MAIN(SimtStreamTest)
#include "stream_test.moc"
