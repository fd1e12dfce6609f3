#include <QtTest>
#include <cstring>
#include <vector>

#include "engine/device/cuda/bandwidth_kernels.h"
#include "engine/device/cuda/cuda_bandwidth_probe.h"
#include "engine/device/cuda/cuda_devices.h"
#include "engine/device/cuda/cuda_handles.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

class CudaBandwidthProbeTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void probeBytes_staysAboveTheCacheAndBelowTheFree_data();
    void probeBytes_staysAboveTheCacheAndBelowTheFree();
    void medianBandwidth_isTheMiddlePass_data();
    void medianBandwidth_isTheMiddlePass();
    void kernels_touchEveryByteOnce_data();
    void kernels_touchEveryByteOnce();
    void probe_measuresAndGivesEverythingBack();
    void probe_tooLittleMemory_measuresNothing();
    void probe_failingCard_isTold_data();
    void probe_failingCard_isTold();
    void measureCudaBandwidth_refusesOtherIds();
};

void CudaBandwidthProbeTest::probeBytes_staysAboveTheCacheAndBelowTheFree_data() {
    QTest::addColumn<qulonglong>("wanted");
    QTest::addColumn<qulonglong>("free");
    QTest::addColumn<qulonglong>("l2");
    QTest::addColumn<qulonglong>("expected");  // 0: refused
    constexpr qulonglong kMib = 1ull << 20;
    QTest::addRow("plenty") << 2048 * kMib << 20000 * kMib << 50 * kMib << 2048 * kMib;
    QTest::addRow("half of the free") << 2048 * kMib << 1000 * kMib << 4 * kMib << 500 * kMib;
    QTest::addRow("rounded down") << 2048 * kMib << 1003 * kMib << 4 * kMib << 500 * kMib;
    QTest::addRow("just enough") << 2048 * kMib << 800 * kMib << 50 * kMib << 400 * kMib;
    QTest::addRow("cache too large") << 2048 * kMib << 798 * kMib << 50 * kMib << 0ull;
    QTest::addRow("nothing free") << 2048 * kMib << 0ull << 0ull << 0ull;
    QTest::addRow("unknown cache") << 2048 * kMib << 4 * kMib << 0ull << 2 * kMib;
}

void CudaBandwidthProbeTest::probeBytes_staysAboveTheCacheAndBelowTheFree() {
    QFETCH(qulonglong, wanted);
    QFETCH(qulonglong, free);
    QFETCH(qulonglong, l2);
    QFETCH(qulonglong, expected);
    const auto bytes = probeBytes(wanted, free, l2);
    QCOMPARE(bytes.has_value(), expected > 0);
    if (bytes) {
        QCOMPARE(qulonglong(*bytes), expected);
    } else {
        QCOMPARE(bytes.error().code, ErrorCode::OutOfMemory);
        QCOMPARE(qulonglong(bytes.error().available), free);
        QVERIFY(bytes.error().needed > bytes.error().available);
    }
}

void CudaBandwidthProbeTest::medianBandwidth_isTheMiddlePass_data() {
    QTest::addColumn<QVector<double>>("milliseconds");
    QTest::addColumn<double>("expected");
    // 8e9 bytes in 2 ms are 4000 GB/s.
    QTest::addRow("none") << QVector<double>{} << 0.0;
    QTest::addRow("one") << QVector<double>{2.0} << 4000.0;
    QTest::addRow("an outlier") << QVector<double>{900.0, 2.0, 1.9, 2.1, 2.0} << 4000.0;
    QTest::addRow("a clock that stands") << QVector<double>{0.0, 0.0, 2.0} << 0.0;
}

void CudaBandwidthProbeTest::medianBandwidth_isTheMiddlePass() {
    QFETCH(QVector<double>, milliseconds);
    QFETCH(double, expected);
    // 4000 is reached by one multiplication and two divisions: a few units in the last place.
    const double found =
        medianBandwidthGbS(8'000'000'000ull, {milliseconds.begin(), milliseconds.end()});
    QVERIFY(std::abs(found - expected) <= expected * 1e-14);
}

void CudaBandwidthProbeTest::kernels_touchEveryByteOnce_data() {
    QTest::addColumn<int>("nWords");  // of 16 bytes
    // One SM is 2048 threads with 4 words in flight each: 8192 words a turn.
    for (const int nWords : {1, 2047, 2048, 2049, 8191, 8192, 8193, 20000})
        QTest::addRow("%d", nWords) << nWords;
}

void CudaBandwidthProbeTest::kernels_touchEveryByteOnce() {
    QFETCH(int, nWords);
    const std::size_t bytes = std::size_t(nWords) * 16;
    const Stream stream = Stream::create().value();
    const DeviceBuffer from = allocateDeviceBuffer(bytes, "a test").value();
    const DeviceBuffer to = allocateDeviceBuffer(bytes + 16, "a test").value();
    const DeviceBuffer sum = allocateDeviceBuffer(4, "a test").value();
    std::uint32_t expected = 0;
    for (std::size_t index = 0; index < bytes / 4; ++index) {
        from.as<std::uint32_t>()[index] = std::uint32_t(index) * 2654435761u + 1;
        expected += from.as<std::uint32_t>()[index];
    }
    std::memset(to.data(), 0x77, bytes + 16);
    *sum.as<std::uint32_t>() = 5;
    launchReadProbe({from.data(), bytes, 1}, sum.as<std::uint32_t>(), stream.get());
    launchCopyProbe({from.data(), bytes, 1}, to.data(), stream.get());
    QVERIFY(stream.synchronize().has_value());
    QCOMPARE(*sum.as<std::uint32_t>(), expected + 5);
    QVERIFY(std::memcmp(to.data(), from.data(), bytes) == 0);
    QCOMPARE(int(to.data()[bytes]), 0x77);
}

void CudaBandwidthProbeTest::probe_measuresAndGivesEverythingBack() {
    simt::setDevices({{.nMultiprocessors = 1, .memoryBytes = 64u << 20, .l2Bytes = 1u << 18}});
    simt::setStreamTiming(simt::StreamTiming::Late);
    const CudaDevice device = CudaDevice::open(0).value();
    const auto measured =
        probeCudaBandwidth(device, {.bytes = 2u << 20, .nPasses = 3, .nLaunchesPerPass = 2});
    QVERIFY(measured.has_value());
    // The emulator's clock is the host's: any positive figure.
    QVERIFY(measured->readGbS > 0.0);
    QVERIFY(measured->copyGbS > 0.0);
    QCOMPARE(measured->specGbS, device.properties().specBandwidthGbS());
    // (3 passes and one to wake up) x 2 launches for each kernel, and one to compare the copy.
    QCOMPARE(simt::kernelsRun(), std::uint64_t{4 * 2 * 2 + 1});
    QCOMPARE(simt::leaks(), std::string());
}

void CudaBandwidthProbeTest::probe_tooLittleMemory_measuresNothing() {
    simt::setDevices({{.memoryBytes = 64u << 20, .l2Bytes = 8u << 20}});
    const CudaDevice device = CudaDevice::open(0).value();
    const auto measured = probeCudaBandwidth(device, {});
    QVERIFY(measured.has_value());
    QCOMPARE(measured->readGbS, 0.0);
    QCOMPARE(measured->copyGbS, 0.0);
    QCOMPARE(measured->specGbS, device.properties().specBandwidthGbS());
    QCOMPARE(simt::kernelsRun(), std::uint64_t{0});
    QCOMPARE(simt::leaks(), std::string());
}

void CudaBandwidthProbeTest::probe_failingCard_isTold_data() {
    QTest::addColumn<QString>("function");
    QTest::addColumn<int>("nth");
    QTest::addRow("first launch") << "cudaLaunchKernel" << 1;
    QTest::addRow("last launch") << "cudaLaunchKernel" << 5;
    QTest::addRow("waiting") << "cudaEventSynchronize" << 2;
    QTest::addRow("time") << "cudaEventElapsedTime" << 1;
    QTest::addRow("reading back") << "cudaMemcpyAsync" << 1;
}

void CudaBandwidthProbeTest::probe_failingCard_isTold() {
    QFETCH(QString, function);
    QFETCH(int, nth);
    simt::setDevices({{.nMultiprocessors = 1, .l2Bytes = 1u << 18}});
    const CudaDevice device = CudaDevice::open(0).value();
    simt::injectFailure(function.toStdString(), nth, cudaErrorLaunchFailure);
    const auto failed =
        probeCudaBandwidth(device, {.bytes = 2u << 20, .nPasses = 1, .nLaunchesPerPass = 1});
    QVERIFY(!failed.has_value());
    QCOMPARE(failed.error().code, ErrorCode::DeviceFailed);
    QCOMPARE(simt::leaks(), std::string());
}

void CudaBandwidthProbeTest::measureCudaBandwidth_refusesOtherIds() {
    QCOMPARE(measureCudaBandwidth("cpu").error().code, ErrorCode::InvalidArgument);
    QCOMPARE(measureCudaBandwidth("cuda:7").error().code, ErrorCode::InvalidArgument);
    simt::setVersions(0, 13000);
    QCOMPARE(measureCudaBandwidth("cuda:0").error().code, ErrorCode::Unsupported);
}

QTEST_APPLESS_MAIN(CudaBandwidthProbeTest)
#include "cuda_bandwidth_probe_test.moc"
