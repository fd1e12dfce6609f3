#include <QtTest>
#include <cstring>

#include "engine/device/cuda/cuda_telemetry.h"
#include "engine/device/process_id.h"
#include "tests/engine/device/cuda/fake_nvml.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

namespace {

constexpr std::uint64_t kMib = std::uint64_t{1} << 20;

// The one emulated card, with 4 GiB, 1 GiB of them used by others, known to the fake NVML.
CudaTelemetry makeTelemetry() {
    CudaDevice device = CudaDevice::open(0).value();
    fakeNvml.knownBusId = device.properties().pciBusId;
    fakeNvml.memory = {4096 * kMib, 2048 * kMib, 2048 * kMib};
    return CudaTelemetry(std::move(device), Nvml::open(fakeNvmlApi()).value());
}

}  // namespace

class CudaTelemetryTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        fakeNvml = {};
        simt::reset();
        simt::setDevices({{.memoryBytes = 4096 * kMib, .memoryUsedByOthers = 1024 * kMib}});
    }
    void read_takesEverythingFromTheDriver();
    void read_withoutNvml_knowsNameAndMemory();
    void read_cardUnknownToNvml_asksTheRuntime();
    void read_sliceOfACard_asksTheRuntime();
    void read_longName_isCut();
    void openDeviceTelemetry_forOtherDevices_isNull();
};

void CudaTelemetryTest::read_takesEverythingFromTheDriver() {
    CudaTelemetry telemetry = makeTelemetry();
    fakeNvml.throttle = kThrottlePowerCap | kThrottleSoftwareThermal;
    fakeNvml.computing = {{processId(), 700 * kMib, 0, 0}};
    const DeviceStats stats = telemetry.read(5);
    QCOMPARE(std::string(stats.name), std::string("Emulated GPU"));
    QVERIFY(stats.specGbS > 0);
    QVERIFY(stats.isMemoryKnown);
    QCOMPARE(stats.memoryTotal, 4096 * kMib);
    QCOMPARE(stats.memoryFree, 2048 * kMib);
    QCOMPARE(stats.memoryOfOthers, (2048 - 700) * kMib);
    QCOMPARE(stats.smClockMhz, 1980);
    QCOMPARE(stats.smClockMaxMhz, 2520);
    QCOMPARE(stats.memoryClockMhz, 10501);
    QCOMPARE(stats.memoryClockMaxMhz, 10502);
    QCOMPARE(stats.powerWatts, 312.5);
    QCOMPARE(stats.powerLimitWatts, 450.0);
    QCOMPARE(stats.temperatureCelsius, 71);
    QCOMPARE(stats.utilizationPercent, 97);
    QCOMPARE(stats.pcieGeneration, 4);
    QCOMPARE(stats.pcieLanes, 16);
    QVERIFY(stats.isThrottledBy(ThrottleReason::Power));
    QVERIFY(stats.isThrottledBy(ThrottleReason::Heat));
    QVERIFY(!stats.isThrottledBy(ThrottleReason::Hardware));
    QVERIFY(!stats.isThrottledBy(ThrottleReason::Idle));
}

void CudaTelemetryTest::read_withoutNvml_knowsNameAndMemory() {
    CudaTelemetry telemetry(CudaDevice::open(0).value(), std::nullopt);
    const DeviceStats stats = telemetry.read(24 * kMib);
    QCOMPARE(std::string(stats.name), std::string("Emulated GPU"));
    QVERIFY(stats.isMemoryKnown);
    QCOMPARE(stats.memoryTotal, 4096 * kMib);
    QCOMPARE(stats.memoryFree, 3072 * kMib);
    QCOMPARE(stats.memoryOfOthers, (1024 - 24) * kMib);
    QCOMPARE(stats.temperatureCelsius, 0);
    QCOMPARE(stats.utilizationPercent, -1);
    QCOMPARE(stats.throttling, 0u);
}

void CudaTelemetryTest::read_cardUnknownToNvml_asksTheRuntime() {
    fakeNvml.knownBusId = "another";
    CudaTelemetry telemetry(CudaDevice::open(0).value(), Nvml::open(fakeNvmlApi()).value());
    const DeviceStats stats = telemetry.read(0);
    QVERIFY(stats.isMemoryKnown);
    QCOMPARE(stats.memoryFree, 3072 * kMib);
    QCOMPARE(stats.powerWatts, 0.0);
}

// The driver speaks of the whole card of 80 GiB, this program has a slice of 4 GiB.
void CudaTelemetryTest::read_sliceOfACard_asksTheRuntime() {
    CudaTelemetry telemetry = makeTelemetry();
    fakeNvml.memory = {81920 * kMib, 70000 * kMib, 11920 * kMib};
    const DeviceStats stats = telemetry.read(0);
    QVERIFY(stats.isMemoryKnown);
    QCOMPARE(stats.memoryTotal, 4096 * kMib);
    QCOMPARE(stats.memoryOfOthers, 1024 * kMib);
    QCOMPARE(stats.temperatureCelsius, 71);
}

void CudaTelemetryTest::read_longName_isCut() {
    simt::setDevices({{.name = std::string(200, 'x')}});
    CudaTelemetry telemetry(CudaDevice::open(0).value(), std::nullopt);
    QCOMPARE(std::strlen(telemetry.read(0).name), sizeof(DeviceStats::name) - 1);
}

void CudaTelemetryTest::openDeviceTelemetry_forOtherDevices_isNull() {
    QVERIFY(openDeviceTelemetry("cpu") == nullptr);
    QVERIFY(openDeviceTelemetry("cuda:3") == nullptr);
    const auto telemetry = openDeviceTelemetry("cuda:0");
    QVERIFY(telemetry != nullptr);
    QCOMPARE(std::string(telemetry->read(0).name), std::string("Emulated GPU"));
}

QTEST_APPLESS_MAIN(CudaTelemetryTest)
#include "cuda_telemetry_test.moc"
