#include "engine/kernels/cpu/bandwidth_probe.h"

#include <QtTest>
#include <atomic>
#include <thread>

#include "engine/device/buffer.h"
#include "engine/kernels/cpu/kernel_table.h"

using namespace sotto;

class BandwidthProbeTest : public QObject {
    Q_OBJECT
private slots:
    void readMemory_readsEveryByte_data();
    void readMemory_readsEveryByte();
    void probe_smallBuffers_measuresSomething();
    void probeBytes_littleFreeMemory_isLargerThanTheCacheOrNothing();
    void probe_littleFreeMemory_givesNoFigure();
    void probe_cancelled_givesNoFigure();
    void probe_cancelledInTheMiddle_ends();
};

void BandwidthProbeTest::readMemory_readsEveryByte_data() {
    QTest::addColumn<int>("isa");
    QTest::addColumn<int>("nStreams");
    for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni})
        for (const int nStreams : {1, 2, 4, 8})
            QTest::addRow("%s, %d", std::string(isaName(isa)).c_str(), nStreams)
                << static_cast<int>(isa) << nStreams;
}

// One bit among zeros, in each byte in turn, is told in its place of the word.
void BandwidthProbeTest::readMemory_readsEveryByte() {
    QFETCH(int, isa);
    QFETCH(int, nStreams);
    if (cpu::usableIsa(static_cast<Isa>(isa)) != static_cast<Isa>(isa))
        QSKIP("this machine has no such instructions");
    const auto read = cpu::kernelTable(static_cast<Isa>(isa))->readMemory;
    const std::int64_t nBytes = 2 * 8 * cpu::kReadStepBytes;
    const Buffer buffer = allocateHostBuffer(static_cast<std::size_t>(nBytes)).value();
    std::fill_n(buffer.data(), nBytes, std::byte{0});
    QCOMPARE(read(buffer.data(), nBytes, nStreams), std::uint64_t{0});
    for (std::int64_t at = 0; at < nBytes; ++at) {
        buffer.data()[at] = std::byte{0x40};
        QCOMPARE(read(buffer.data(), nBytes, nStreams), std::uint64_t{0x40} << at % 8 * 8);
        buffer.data()[at] = std::byte{0};
    }
}

void BandwidthProbeTest::probe_smallBuffers_measuresSomething() {
    const auto measured =
        probeBandwidth({.nThreads = 2, .bytes = std::size_t{16} << 20, .nPasses = 4});
    QVERIFY(measured.has_value());
    // Any memory is faster than a floppy disk and slower than light: only nonsense fails.
    QVERIFY(measured->readGbS > 0.01 && measured->readGbS < 1e5);
    QVERIFY(measured->copyGbS > 0.01 && measured->copyGbS < 1e5);
}

void BandwidthProbeTest::probeBytes_littleFreeMemory_isLargerThanTheCacheOrNothing() {
    constexpr std::size_t kMiB = std::size_t{1} << 20;
    // A cache of 32 MiB: 512 for two threads, then a quarter of what is free, then two caches.
    QCOMPARE(probeBytes(2, 32 * kMiB, 8192 * kMiB), 512 * kMiB);
    QCOMPARE(probeBytes(2, 32 * kMiB, 1024 * kMiB), 256 * kMiB);
    QCOMPARE(probeBytes(2, 32 * kMiB, 160 * kMiB), 64 * kMiB);
    QCOMPARE(probeBytes(2, 32 * kMiB, 128 * kMiB), 64 * kMiB);
    QCOMPARE(probeBytes(2, 32 * kMiB, 127 * kMiB), std::size_t{0});
    QCOMPARE(probeBytes(2, 480 * kMiB, 8192 * kMiB), 1440 * kMiB);
    QCOMPARE(probeBytes(2, 480 * kMiB, 1900 * kMiB), std::size_t{0});
    // Of a processor that does not tell its cache.
    QVERIFY(probeBytes(1, 0, 8192 * kMiB) >= 128 * kMiB);
    QCOMPARE(probeBytes(1, 0, 64 * kMiB), std::size_t{0});
    for (std::size_t available = 0; available <= 8192; available += 7)
        for (const std::size_t cache : {1u, 32u, 480u}) {
            const std::size_t bytes = probeBytes(2, cache * kMiB, available * kMiB);
            QVERIFY(bytes == 0 || bytes >= 2 * cache * kMiB);
            QVERIFY(bytes <= available * kMiB / 2 + 4 * kMiB);
        }
}

void BandwidthProbeTest::probe_littleFreeMemory_givesNoFigure() {
    const auto measured = probeBandwidth({.nThreads = 2, .availableBytes = 1 << 20});
    QVERIFY(!measured);
    QCOMPARE(measured.error().code, ErrorCode::OutOfMemory);
    QVERIFY(measured.error().needed > measured.error().available);
}

void BandwidthProbeTest::probe_cancelled_givesNoFigure() {
    const std::atomic<bool> isCancelled{true};
    const auto measured = probeBandwidth(
        {.nThreads = 2, .bytes = std::size_t{16} << 20, .nPasses = 1, .isCancelled = &isCancelled});
    QVERIFY(!measured);
    QCOMPARE(measured.error().code, ErrorCode::Cancelled);
}

// Hours of passes.
void BandwidthProbeTest::probe_cancelledInTheMiddle_ends() {
    std::atomic<bool> isCancelled{false};
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        isCancelled = true;
    });
    const auto measured = probeBandwidth({.nThreads = 2,
                                          .bytes = std::size_t{16} << 20,
                                          .nPasses = 1'000'000,
                                          .isCancelled = &isCancelled});
    other.join();
    QVERIFY(!measured);
    QCOMPARE(measured.error().code, ErrorCode::Cancelled);
}

QTEST_APPLESS_MAIN(BandwidthProbeTest)
#include "bandwidth_probe_test.moc"
