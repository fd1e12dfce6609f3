#include <QtTest>
#include <cstring>

#include "base/cpu_features.h"
#include "engine/api/device_info.h"
#include "engine/device/buffer.h"
#include "engine/device/system_memory.h"

using namespace sotto;

class HostMemoryTest : public QObject {
    Q_OBJECT
private slots:
    void allocate_isAlignedAndWritable_data();
    void allocate_isAlignedAndWritable();
    void allocate_beyondAllMemory_saysBothNumbers();
    void buffer_moved_freesOnce();
    void systemMemory_isConsistent();
    void cpuInfo_isConsistent();
    void listDevices_namesTheProcessor();
};

void HostMemoryTest::allocate_isAlignedAndWritable_data() {
    QTest::addColumn<qulonglong>("bytes");
    for (const qulonglong bytes : {1ull, 63ull, 64ull, 65ull, 4096ull, (4ull << 20) - 1, 4ull << 20,
                                   (4ull << 20) + 1, 9ull << 20})
        QTest::addRow("%llu", bytes) << bytes;
}

void HostMemoryTest::allocate_isAlignedAndWritable() {
    QFETCH(qulonglong, bytes);
    const auto buffer = allocateHostBuffer(bytes);
    QVERIFY(buffer.has_value());
    QCOMPARE(buffer->bytes(), static_cast<std::size_t>(bytes));
    QCOMPARE(reinterpret_cast<std::uintptr_t>(buffer->data()) % 64, std::uintptr_t{0});
    std::memset(buffer->data(), 0x5a, buffer->bytes());
    QCOMPARE(buffer->data()[buffer->bytes() - 1], std::byte{0x5a});
}

void HostMemoryTest::allocate_beyondAllMemory_saysBothNumbers() {
    const std::size_t absurd = SIZE_MAX - 100;
    const auto buffer = allocateHostBuffer(absurd);
    QVERIFY(!buffer.has_value());
    QCOMPARE(buffer.error().code, ErrorCode::OutOfMemory);
    QCOMPARE(buffer.error().needed, static_cast<std::uint64_t>(absurd));
    QVERIFY(buffer.error().available > 0);
    QVERIFY(!buffer.error().message.empty());
    const auto empty = allocateHostBuffer(0);
    QVERIFY(empty.has_value());
    QCOMPARE(empty->bytes(), std::size_t{0});
}

// Double frees are left to the sanitizers to see; here: the moved-from buffer holds nothing.
void HostMemoryTest::buffer_moved_freesOnce() {
    Buffer first = allocateHostBuffer(100).value();
    std::byte* const data = first.data();
    Buffer second = std::move(first);
    QCOMPARE(second.data(), data);
    QVERIFY(first.data() == nullptr);
    second = allocateHostBuffer(200).value();
    QCOMPARE(second.bytes(), std::size_t{200});
}

void HostMemoryTest::systemMemory_isConsistent() {
    const SystemMemory memory = systemMemory();
    QVERIFY(memory.totalBytes >= std::uint64_t{64} << 20);
    QVERIFY(memory.availableBytes > 0);
    QVERIFY(memory.availableBytes <= memory.totalBytes);
}

void HostMemoryTest::cpuInfo_isConsistent() {
    const CpuInfo info = cpuInfo();
    QVERIFY(info.nPhysicalCores >= 1);
    QVERIFY(info.nLogicalCores >= info.nPhysicalCores);
    QVERIFY(isIsaSupported(Isa::Scalar));
    QVERIFY(isIsaSupported(bestIsa()));
    // The system's own list of features and ours must agree where both speak.
    if (info.featureList.empty()) QSKIP("the system does not list processor features");
    const QString list = QString::fromStdString(info.featureList) + ' ';
    QCOMPARE(isIsaSupported(Isa::Avx2),
             list.contains("avx2 ") && list.contains("fma ") && list.contains("f16c "));
    QCOMPARE(isIsaSupported(Isa::Avx512Vnni),
             list.contains("avx512f ") && list.contains("avx512bw ") &&
                 list.contains("avx512vl ") && list.contains("avx512dq ") &&
                 list.contains("avx512_vnni "));
}

void HostMemoryTest::listDevices_namesTheProcessor() {
    const auto devices = listDevices();
    QVERIFY(!devices.empty());
    QCOMPARE(devices.front().id, std::string("cpu"));
    QCOMPARE(devices.front().instructionSet, std::string(isaName(bestIsa())));
    QVERIFY(devices.front().nCores >= 1);
    QCOMPARE(devices.front().nThreads, cpuInfo().defaultThreads());
    QCOMPARE(devices.front().quotaCores, cpuInfo().quota);
    QVERIFY(devices.front().memoryTotal >= devices.front().memoryAvailable);
    QVERIFY(devices.front().unusableReason.empty());
}

QTEST_APPLESS_MAIN(HostMemoryTest)
#include "host_memory_test.moc"
