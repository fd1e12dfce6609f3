#include <QtTest>
#include <cstring>
#include <vector>

#include "engine/device/cuda/cuda_error.h"
#include "engine/device/cuda/cuda_handles.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

class CudaHandlesTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    // After a fault that sticks the runtime gives nothing back.
    void cleanup() { simt::reset(); }
    void handles_movedAndDropped_areGivenBackOnce();
    void create_refusedByTheRuntime_leaksNothing_data();
    void create_refusedByTheRuntime_leaksNothing();
    void deviceBuffer_tooLarge_saysBothNumbers();
    void deviceBuffer_zeroBytes_asksNothing();
    void pinnedBuffer_refused_isOutOfMemory();
    void event_ordersTwoStreams();
    void event_beforeItsWork_isNotReached();
    void capture_isReplayedWithNewContents();
    void capture_failing_leavesTheStreamUsable_data();
    void capture_failing_leavesTheStreamUsable();
    void capture_bodyFails_bodysErrorIsTold();
    void capture_forbiddenCallInside_isTold();
    void launch_afterStickyError_isDeviceFailed();
};

namespace {

// One 32-bit word to the device.
Status sendWord(const Stream& stream, const DeviceBuffer& to, const PinnedBuffer& from) {
    return check(cudaMemcpyAsync(to.data(), from.data(), 4, cudaMemcpyHostToDevice, stream.get()),
                 "copying");
}

}  // namespace

void CudaHandlesTest::handles_movedAndDropped_areGivenBackOnce() {
    {
        Stream stream = Stream::create().value();
        const cudaStream_t raw = stream.get();
        Stream moved = std::move(stream);
        QCOMPARE(moved.get(), raw);
        QVERIFY(stream.get() == nullptr);
        moved = Stream::create().value();  // the first is destroyed here
        QCOMPARE(simt::callCount("cudaStreamDestroy"), 1);
        const Event event = Event::create(Event::Kind::Time).value();
        const DeviceBuffer buffer = allocateDeviceBuffer(1000, "a test").value();
        const PinnedBuffer pinned = allocatePinnedBuffer(1000).value();
        QCOMPARE(reinterpret_cast<std::uintptr_t>(buffer.data()) % 256, std::uintptr_t{0});
        QVERIFY(!simt::leaks().empty());
    }
    QCOMPARE(simt::callCount("cudaStreamDestroy"), 2);
    QCOMPARE(simt::callCount("cudaEventDestroy"), 1);
    QCOMPARE(simt::leaks(), std::string());
}

void CudaHandlesTest::create_refusedByTheRuntime_leaksNothing_data() {
    QTest::addColumn<QString>("function");
    for (const char* name :
         {"cudaStreamCreateWithFlags", "cudaEventCreateWithFlags", "cudaMalloc", "cudaHostAlloc"})
        QTest::addRow("%s", name) << name;
}

void CudaHandlesTest::create_refusedByTheRuntime_leaksNothing() {
    QFETCH(QString, function);
    simt::injectFailure(function.toStdString(), 1, cudaErrorDevicesUnavailable);
    std::vector<Error> errors;
    const auto note = [&](const auto& result) {
        if (!result) errors.push_back(result.error());
    };
    note(Stream::create());
    note(Event::create(Event::Kind::Order));
    note(allocateDeviceBuffer(64, "a test"));
    note(allocatePinnedBuffer(64));
    QCOMPARE(errors.size(), std::size_t{1});
    QCOMPARE(errors[0].code, ErrorCode::DeviceFailed);
    QCOMPARE(simt::leaks(), std::string());
}

void CudaHandlesTest::deviceBuffer_tooLarge_saysBothNumbers() {
    simt::setDevices({{.memoryBytes = 64u << 20}});
    const auto half = allocateDeviceBuffer(32u << 20, "a test");
    QVERIFY(half.has_value());
    const auto refused = allocateDeviceBuffer(48u << 20, "the second half");
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
    QCOMPARE(refused.error().needed, std::uint64_t{48} << 20);
    QCOMPARE(refused.error().available, std::uint64_t{32} << 20);
    const QString message = QString::fromStdString(refused.error().message);
    QVERIFY2(message.contains("the second half: 48 MiB needed, 32 MiB free"), qPrintable(message));
    // The refusal is told once, not to whoever launches next.
    QVERIFY(checkLaunches("launching").has_value());
}

void CudaHandlesTest::deviceBuffer_zeroBytes_asksNothing() {
    QVERIFY(allocateDeviceBuffer(0, "nothing").value().data() == nullptr);
    QVERIFY(allocatePinnedBuffer(0).value().data() == nullptr);
    QCOMPARE(simt::callCount("cudaMalloc"), 0);
    QCOMPARE(simt::callCount("cudaHostAlloc"), 0);
}

void CudaHandlesTest::pinnedBuffer_refused_isOutOfMemory() {
    simt::injectFailure("cudaHostAlloc", 1, cudaErrorMemoryAllocation);
    const auto refused = allocatePinnedBuffer(3u << 20);
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
    QCOMPARE(refused.error().needed, std::uint64_t{3} << 20);
    QVERIFY(refused.error().available > 0);
    QVERIFY(checkLaunches("launching").has_value());
}

// The second stream reads what the first one writes; with streams that run as late as they may,
// only the event brings the write forward.
void CudaHandlesTest::event_ordersTwoStreams() {
    simt::setStreamTiming(simt::StreamTiming::Late);
    const Stream writer = Stream::create().value();
    const Stream reader = Stream::create().value();
    const Event written = Event::create(Event::Kind::Order).value();
    const DeviceBuffer word = allocateDeviceBuffer(4, "a test").value();
    const PinnedBuffer from = allocatePinnedBuffer(4).value();
    const PinnedBuffer to = allocatePinnedBuffer(4).value();
    *from.as<std::uint32_t>() = 0xfeedf00du;
    QVERIFY(sendWord(writer, word, from).has_value());
    QVERIFY(written.record(writer).has_value());
    QVERIFY(reader.waitFor(written).has_value());
    QCOMPARE(cudaMemcpyAsync(to.data(), word.data(), 4, cudaMemcpyDeviceToHost, reader.get()),
             cudaSuccess);
    QVERIFY(reader.synchronize().has_value());
    QCOMPARE(*to.as<std::uint32_t>(), 0xfeedf00du);
}

void CudaHandlesTest::event_beforeItsWork_isNotReached() {
    simt::setStreamTiming(simt::StreamTiming::Late);
    const Stream stream = Stream::create().value();
    const Event start = Event::create(Event::Kind::Time).value();
    const Event end = Event::create(Event::Kind::Time).value();
    const DeviceBuffer word = allocateDeviceBuffer(4, "a test").value();
    const PinnedBuffer from = allocatePinnedBuffer(4).value();
    QVERIFY(start.record(stream).has_value());
    QVERIFY(sendWord(stream, word, from).has_value());
    QVERIFY(end.record(stream).has_value());
    QCOMPARE(end.isReached().value(), false);
    // "Not ready" is an answer, not a failure that sticks to the next launch.
    QVERIFY(checkLaunches("launching").has_value());
    QVERIFY(end.synchronize().has_value());
    QCOMPARE(end.isReached().value(), true);
    QVERIFY(Event::millisecondsBetween(start, end).value() >= 0.0);
    const Event untimed = Event::create(Event::Kind::Order).value();
    QVERIFY(untimed.record(stream).has_value());
    QVERIFY(untimed.synchronize().has_value());
    QVERIFY(!Event::millisecondsBetween(start, untimed).has_value());
}

void CudaHandlesTest::capture_isReplayedWithNewContents() {
    const Stream stream = Stream::create().value();
    const DeviceBuffer word = allocateDeviceBuffer(4, "a test").value();
    const PinnedBuffer from = allocatePinnedBuffer(4).value();
    const PinnedBuffer to = allocatePinnedBuffer(4).value();
    *to.as<std::uint32_t>() = 7;
    const auto graph = GraphExec::capture(stream, [&]() -> Status {
        SOTTO_TRY(sendWord(stream, word, from));
        return check(
            cudaMemcpyAsync(to.data(), word.data(), 4, cudaMemcpyDeviceToHost, stream.get()),
            "copying");
    });
    QVERIFY(graph.has_value());
    QVERIFY(!graph->isEmpty());
    QCOMPARE(graph->nNodes(), std::size_t{2});
    QVERIFY(stream.synchronize().has_value());
    QCOMPARE(*to.as<std::uint32_t>(), 7u);  // recorded, not run
    for (const std::uint32_t value : {11u, 12u}) {
        *from.as<std::uint32_t>() = value;
        QVERIFY(graph->launch(stream).has_value());
        QVERIFY(stream.synchronize().has_value());
        QCOMPARE(*to.as<std::uint32_t>(), value);
    }
    // The recording itself went when it was turned into something that can run.
    QCOMPARE(simt::callCount("cudaGraphDestroy"), 1);
}

void CudaHandlesTest::capture_failing_leavesTheStreamUsable_data() {
    QTest::addColumn<QString>("function");
    QTest::addColumn<int>("nGraphsDestroyed");
    QTest::addRow("begin") << "cudaStreamBeginCapture" << 0;
    QTest::addRow("a call of the body") << "cudaMemcpyAsync" << -1;
    QTest::addRow("count") << "cudaGraphGetNodes" << 1;
    QTest::addRow("instantiate") << "cudaGraphInstantiate" << 1;
}

void CudaHandlesTest::capture_failing_leavesTheStreamUsable() {
    QFETCH(QString, function);
    QFETCH(int, nGraphsDestroyed);
    {
        const Stream stream = Stream::create().value();
        const DeviceBuffer word = allocateDeviceBuffer(4, "a test").value();
        const PinnedBuffer from = allocatePinnedBuffer(4).value();
        simt::injectFailure(function.toStdString(), 1, cudaErrorNotSupported);
        const auto record = [&] {
            return GraphExec::capture(stream, [&] { return sendWord(stream, word, from); });
        };
        const auto failed = record();
        QVERIFY(!failed.has_value());
        QCOMPARE(failed.error().code, ErrorCode::Unsupported);
        if (nGraphsDestroyed >= 0) QCOMPARE(simt::callCount("cudaGraphDestroy"), nGraphsDestroyed);
        QVERIFY(checkLaunches("launching").has_value());
        cudaStreamCaptureStatus status = cudaStreamCaptureStatusActive;
        QCOMPARE(cudaStreamIsCapturing(stream.get(), &status), cudaSuccess);
        QCOMPARE(status, cudaStreamCaptureStatusNone);
        QVERIFY(sendWord(stream, word, from).has_value());
        QVERIFY(stream.synchronize().has_value());
        QVERIFY(record().has_value());
    }
    QCOMPARE(simt::leaks(), std::string());
}

void CudaHandlesTest::capture_bodyFails_bodysErrorIsTold() {
    {
        const Stream stream = Stream::create().value();
        const auto failed = GraphExec::capture(
            stream, []() -> Status { return fail(ErrorCode::ContextFull, "The body's own."); });
        QVERIFY(!failed.has_value());
        QCOMPARE(failed.error().code, ErrorCode::ContextFull);
        QCOMPARE(failed.error().message, std::string("The body's own."));
        QVERIFY(stream.synchronize().has_value());
    }
    QCOMPARE(simt::leaks(), std::string());
}

// Waiting inside a recording spoils it; the stream works again afterwards.
void CudaHandlesTest::capture_forbiddenCallInside_isTold() {
    {
        const Stream stream = Stream::create().value();
        const auto failed = GraphExec::capture(stream, [&] { return stream.synchronize(); });
        QVERIFY(!failed.has_value());
        QCOMPARE(failed.error().code, ErrorCode::Internal);
        QVERIFY(stream.synchronize().has_value());
        QVERIFY(checkLaunches("launching").has_value());
    }
    QCOMPARE(simt::leaks(), std::string());
}

void CudaHandlesTest::launch_afterStickyError_isDeviceFailed() {
    const Stream stream = Stream::create().value();
    const DeviceBuffer word = allocateDeviceBuffer(4, "a test").value();
    const PinnedBuffer from = allocatePinnedBuffer(4).value();
    const auto graph =
        GraphExec::capture(stream, [&] { return sendWord(stream, word, from); }).value();
    simt::injectFailure("cudaStreamSynchronize", 1, cudaErrorIllegalAddress, true);
    QVERIFY(graph.launch(stream).has_value());
    QCOMPARE(stream.synchronize().error().code, ErrorCode::DeviceFailed);
    QCOMPARE(graph.launch(stream).error().code, ErrorCode::DeviceFailed);
    QCOMPARE(allocateDeviceBuffer(16, "more").error().code, ErrorCode::DeviceFailed);
}

QTEST_APPLESS_MAIN(CudaHandlesTest)
#include "cuda_handles_test.moc"
