#include <QtTest>

#include "engine/device/cuda/nvml.h"
#include "engine/device/process_id.h"
#include "tests/engine/device/cuda/fake_nvml.h"

using namespace sotto;
using namespace sotto::cuda;

class NvmlTest : public QObject {
    Q_OBJECT
private slots:
    void init() { fakeNvml = {}; }
    void open_withoutTheLibrary_isUnsupportedAndSaysSo();
    void open_refusingLibrary_isNotShutDown();
    void open_tooOldLibrary_isRefusedBeforeItStarts();
    void session_movedAndDropped_isShutDownOnce();
    void device_isAskedByPciBusId();
    void sample_readsEverything();
    void sample_silentCard_leavesEverythingOut();
    void sample_missingFunctions_leaveEverythingOut();
    void memoryOwned_findsThisProcess_data();
    void memoryOwned_findsThisProcess();
    void memoryOfOthers_fallsBackToOurOwnCount();
    void throttleReasons_areWordsStrongestFirst_data();
    void throttleReasons_areWordsStrongestFirst();
};

void NvmlTest::open_withoutTheLibrary_isUnsupportedAndSaysSo() {
    const auto nvml = Nvml::open();
    if (nvml) QSKIP("this machine has NVIDIA's management library");
    QCOMPARE(nvml.error().code, ErrorCode::Unsupported);
    QVERIFY(nvml.error().message.find("not available") != std::string::npos);
}

void NvmlTest::open_refusingLibrary_isNotShutDown() {
    fakeNvml.initResult = 9;  // driver not loaded
    const auto nvml = Nvml::open(fakeNvmlApi());
    QVERIFY(!nvml.has_value());
    QCOMPARE(nvml.error().code, ErrorCode::Unsupported);
    QVERIFY(nvml.error().message.find("error 9") != std::string::npos);
    QCOMPARE(fakeNvml.nShutdowns, 0);
}

void NvmlTest::open_tooOldLibrary_isRefusedBeforeItStarts() {
    NvmlApi api = fakeNvmlApi();
    api.handleByPciBusId = nullptr;
    QVERIFY(!Nvml::open(api).has_value());
    QCOMPARE(fakeNvml.nInits, 0);
}

void NvmlTest::session_movedAndDropped_isShutDownOnce() {
    {
        Nvml first = Nvml::open(fakeNvmlApi()).value();
        QCOMPARE(first.driverVersion(), std::string("580.65.06"));
        Nvml second = std::move(first);
        QCOMPARE(fakeNvml.nShutdowns, 0);
        second = Nvml::open(fakeNvmlApi()).value();
        QCOMPARE(fakeNvml.nShutdowns, 1);
    }
    QCOMPARE(fakeNvml.nInits, 2);
    QCOMPARE(fakeNvml.nShutdowns, 2);
}

void NvmlTest::device_isAskedByPciBusId() {
    const Nvml nvml = Nvml::open(fakeNvmlApi()).value();
    QCOMPARE(nvml.device("0000:3B:00.0").value(), fakeNvmlHandle());
    const auto unknown = nvml.device("0000:01:00.0");
    QVERIFY(!unknown.has_value());
    QCOMPARE(fakeNvml.askedBusId, std::string("0000:01:00.0"));
    QCOMPARE(unknown.error().context, std::string("0000:01:00.0"));
}

void NvmlTest::sample_readsEverything() {
    fakeNvml.throttle = kThrottlePowerCap;
    fakeNvml.computing = {{1, 500, 0, 0}, {processId(), 7000, 0, 0}};
    const Nvml nvml = Nvml::open(fakeNvmlApi()).value();
    const NvmlSample sample = nvml.sample(fakeNvmlHandle());
    QCOMPARE(sample.memoryTotal.value(), std::uint64_t{24000});
    QCOMPARE(sample.memoryFree.value(), std::uint64_t{14000});
    QCOMPARE(sample.memoryUsed.value(), std::uint64_t{10000});
    QCOMPARE(sample.memoryOwned.value(), std::uint64_t{7000});
    QCOMPARE(sample.memoryOfOthers(0).value(), std::uint64_t{3000});
    QCOMPARE(sample.smClockMhz.value(), 1980u);
    QCOMPARE(sample.smClockMaxMhz.value(), 2520u);
    QCOMPARE(sample.memoryClockMhz.value(), 10501u);
    QCOMPARE(sample.memoryClockMaxMhz.value(), 10502u);
    QCOMPARE(sample.powerWatts.value(), 312.5);
    QCOMPARE(sample.powerLimitWatts.value(), 450.0);
    QCOMPARE(sample.temperatureCelsius.value(), 71u);
    QCOMPARE(sample.utilizationPercent.value(), 97u);
    QCOMPARE(sample.memoryUtilizationPercent.value(), 64u);
    QCOMPARE(sample.pcieGeneration.value(), 4u);
    QCOMPARE(sample.pcieLanes.value(), 16u);
    QVERIFY(sample.throttling == std::vector<ThrottleReason>{ThrottleReason::Power});
    const PcieThroughput throughput = nvml.pcieThroughput(fakeNvmlHandle()).value();
    QCOMPARE(throughput.toCardGbS, 12.0);
    QCOMPARE(throughput.fromCardGbS, 0.5);
    QCOMPARE(nvml.memoryBusBits(fakeNvmlHandle()).value(), 384u);
}

void NvmlTest::sample_silentCard_leavesEverythingOut() {
    fakeNvml.isSilent = true;
    const Nvml nvml = Nvml::open(fakeNvmlApi()).value();
    const NvmlSample sample = nvml.sample(fakeNvmlHandle());
    QVERIFY(!sample.memoryTotal && !sample.memoryOwned && !sample.memoryOfOthers(5));
    QVERIFY(!sample.smClockMhz && !sample.powerWatts && !sample.temperatureCelsius);
    QVERIFY(!sample.utilizationPercent && !sample.pcieGeneration && sample.throttling.empty());
    QVERIFY(!nvml.pcieThroughput(fakeNvmlHandle()));
}

void NvmlTest::sample_missingFunctions_leaveEverythingOut() {
    NvmlApi api;
    const NvmlApi whole = fakeNvmlApi();
    api.init = whole.init;
    api.shutdown = whole.shutdown;
    api.handleByPciBusId = whole.handleByPciBusId;
    const Nvml nvml = Nvml::open(api).value();
    QCOMPARE(nvml.driverVersion(), std::string());
    const NvmlSample sample = nvml.sample(fakeNvmlHandle());
    QVERIFY(!sample.memoryTotal && !sample.memoryOwned && !sample.powerLimitWatts);
    QVERIFY(!nvml.memoryBusBits(fakeNvmlHandle()));
}

void NvmlTest::memoryOwned_findsThisProcess_data() {
    QTest::addColumn<int>("nOthers");
    QTest::addColumn<qulonglong>("computing");  // 0: not in that list
    QTest::addColumn<qulonglong>("drawing");
    QTest::addColumn<qlonglong>("expected");  // -1: unknown
    QTest::addRow("alone") << 0 << 70ull << 0ull << 70ll;
    QTest::addRow("among some") << 5 << 70ull << 0ull << 70ll;
    QTest::addRow("list grows") << 100 << 70ull << 0ull << 70ll;
    QTest::addRow("only drawing") << 3 << 0ull << 30ull << 30ll;
    QTest::addRow("in both, counted once") << 3 << 70ull << 70ull << 70ll;
    QTest::addRow("not named") << 3 << 0ull << 0ull << -1ll;
    QTest::addRow("kept secret") << 3 << kNvmlUnknownMemory << 0ull << -1ll;
}

void NvmlTest::memoryOwned_findsThisProcess() {
    QFETCH(int, nOthers);
    QFETCH(qulonglong, computing);
    QFETCH(qulonglong, drawing);
    QFETCH(qlonglong, expected);
    for (int index = 0; index < nOthers; ++index)
        fakeNvml.computing.push_back({processId() + 1 + unsigned(index), 1000, 0, 0});
    if (computing > 0) fakeNvml.computing.push_back({processId(), computing, 0, 0});
    if (drawing > 0) fakeNvml.drawing.push_back({processId(), drawing, 0, 0});
    const Nvml nvml = Nvml::open(fakeNvmlApi()).value();
    const NvmlSample sample = nvml.sample(fakeNvmlHandle());
    QCOMPARE(sample.memoryOwned ? qlonglong(*sample.memoryOwned) : -1ll, expected);
}

void NvmlTest::memoryOfOthers_fallsBackToOurOwnCount() {
    NvmlSample sample;
    sample.memoryTotal = 1000;
    sample.memoryFree = 400;
    QCOMPARE(sample.memoryOfOthers(150).value(), std::uint64_t{450});
    QCOMPARE(sample.memoryOfOthers(9999).value(), std::uint64_t{0});
    sample.memoryOwned = 600;
    QCOMPARE(sample.memoryOfOthers(150).value(), std::uint64_t{0});
}

void NvmlTest::throttleReasons_areWordsStrongestFirst_data() {
    QTest::addColumn<qulonglong>("bits");
    QTest::addColumn<QString>("words");
    QTest::addRow("none") << 0ull << "";
    QTest::addRow("idle") << kThrottleIdle << "idle";
    QTest::addRow("power") << kThrottlePowerCap << "power limit";
    QTest::addRow("heat and power")
        << (kThrottlePowerCap | kThrottleSoftwareThermal) << "heat, power limit";
    QTest::addRow("both heats once")
        << (kThrottleHardwareThermal | kThrottleSoftwareThermal | kThrottleHardware) << "heat";
    QTest::addRow("hardware alone") << kThrottleHardware << "hardware protection";
    QTest::addRow("brake") << (kThrottleHardware | kThrottlePowerBrake) << "power supply";
    QTest::addRow("limited") << (kThrottleUserClocks | kThrottleDisplayClocks)
                             << "clocks set lower";
    QTest::addRow("synced") << kThrottleSyncBoost << "waiting for other cards";
    QTest::addRow("of the future") << 0x8000ull << "";
}

void NvmlTest::throttleReasons_areWordsStrongestFirst() {
    QFETCH(qulonglong, bits);
    QFETCH(QString, words);
    QStringList found;
    for (const ThrottleReason reason : throttleReasonsOf(bits))
        found << QString::fromStdString(std::string(throttleReasonName(reason)));
    QCOMPARE(found.join(", "), words);
}

QTEST_APPLESS_MAIN(NvmlTest)
#include "nvml_test.moc"
