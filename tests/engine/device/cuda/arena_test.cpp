#include <QtTest>
#include <cstring>

#include "engine/device/cuda/arena.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

class ArenaTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void plan_alignsEveryPartAndCountsTheGaps();
    void create_takesExactlyThePlanInOneAllocation();
    void parts_doNotOverlap();
    void create_tooLarge_saysNumbersAndWhatWouldFit();
    void unitsThatFit_isTheLargestNumberThatDoes_data();
    void unitsThatFit_isTheLargestNumberThatDoes();
    void create_otherFailure_isNotCalledOutOfMemory();
    void clear_zeroesOnlyItsPart();
};

void ArenaTest::plan_alignsEveryPartAndCountsTheGaps() {
    ArenaPlan plan("a test");
    const ArenaSlot first = plan.add("first", 1);
    const ArenaSlot empty = plan.add("empty", 0);
    const ArenaSlot second = plan.add("second", 256);
    const ArenaSlot third = plan.addUnits("third", 3, 100, "units");
    QCOMPARE(plan.part(first).offset, std::size_t{0});
    QCOMPARE(plan.part(empty).bytes, std::size_t{0});
    QCOMPARE(plan.part(second).offset, std::size_t{256});
    QCOMPARE(plan.part(third).offset, std::size_t{512});
    QCOMPARE(plan.part(third).bytes, std::size_t{300});
    QCOMPARE(plan.bytes(), std::size_t{1024});
}

void ArenaTest::create_takesExactlyThePlanInOneAllocation() {
    ArenaPlan plan("a test");
    const ArenaSlot large = plan.add("large", 5000);
    const ArenaSlot empty = plan.add("empty", 0);
    const std::size_t planned = plan.bytes();
    {
        const Arena arena = Arena::create(std::move(plan)).value();
        QCOMPARE(arena.bytes(), planned);
        QCOMPARE(simt::allocatedBytes(), wholePages(planned));
        QCOMPARE(simt::callCount("cudaMalloc"), 1);
        QVERIFY(arena.data(large) != nullptr);
        QVERIFY(arena.data(empty) == nullptr);
    }
    QCOMPARE(simt::leaks(), std::string());
    const auto nothing = Arena::create(ArenaPlan("nothing"));
    QVERIFY(nothing.has_value());
    QCOMPARE(nothing->bytes(), std::size_t{0});
}

// Emulated device memory is host memory: each part is filled and none may change another.
void ArenaTest::parts_doNotOverlap() {
    ArenaPlan plan("a test");
    std::vector<ArenaSlot> parts;
    for (const std::size_t bytes : {1u, 255u, 256u, 257u, 1023u, 4096u})
        parts.push_back(plan.add("part", bytes));
    const Arena arena = Arena::create(std::move(plan)).value();
    for (std::size_t index = 0; index < parts.size(); ++index) {
        const std::size_t bytes = arena.plan().part(parts[index]).bytes;
        QCOMPARE(reinterpret_cast<std::uintptr_t>(arena.data(parts[index])) % kArenaAlignment,
                 std::uintptr_t{0});
        std::memset(arena.data(parts[index]), int(index) + 1, bytes);
    }
    for (std::size_t index = 0; index < parts.size(); ++index)
        for (std::size_t byte = 0; byte < arena.plan().part(parts[index]).bytes; ++byte)
            QCOMPARE(int(arena.data(parts[index])[byte]), int(index) + 1);
}

void ArenaTest::create_tooLarge_saysNumbersAndWhatWouldFit() {
    simt::setDevices({{.memoryBytes = 100u << 20, .memoryUsedByOthers = 40u << 20}});
    ArenaPlan plan("the working memory");
    plan.add("scratch", 20u << 20);
    plan.addUnits("KV cache", 4096, 20u << 10, "tokens of context");  // 80 MiB
    const auto refused = Arena::create(plan);
    QVERIFY(!refused.has_value());
    const Error& error = refused.error();
    QCOMPARE(error.code, ErrorCode::OutOfMemory);
    QCOMPARE(error.needed, std::uint64_t{100} << 20);
    QCOMPARE(error.available, std::uint64_t{60} << 20);
    const QString message = QString::fromStdString(error.message);
    QVERIFY2(message.contains("the working memory: 100 MiB needed, 60 MiB free"),
             qPrintable(message));
    QVERIFY2(message.contains("scratch 20 MiB, KV cache 80 MiB"), qPrintable(message));
    // 40 MiB are left for it, at 20 KiB each.
    QVERIFY2(message.contains("2048 of 4096 tokens of context would fit"), qPrintable(message));
}

void ArenaTest::unitsThatFit_isTheLargestNumberThatDoes_data() {
    QTest::addColumn<qulonglong>("available");
    for (const qulonglong available : {0ull, 255ull, 256ull, 511ull, 512ull, 812ull, 1000ull,
                                       1024ull, 1279ull, 1280ull, 9999ull, 1ull << 40})
        QTest::addRow("%llu", available) << available;
}

// Against the definition: the largest number of units whose plan is not larger than what is free.
void ArenaTest::unitsThatFit_isTheLargestNumberThatDoes() {
    QFETCH(qulonglong, available);
    constexpr std::int64_t kUnits = 30;
    const auto planOf = [](std::int64_t nUnits) {
        ArenaPlan plan("a test");
        plan.add("before", 100);
        plan.addUnits("flexible", nUnits, 100, "units");
        plan.add("after", 300);
        return plan;
    };
    std::int64_t expected = 0;
    for (std::int64_t nUnits = 1; nUnits <= kUnits; ++nUnits)
        if (planOf(nUnits).bytes() <= available) expected = nUnits;
    QCOMPARE(planOf(kUnits).unitsThatFit(ArenaSlot{1}, available), expected);
    QCOMPARE(planOf(kUnits).unitsThatFit(ArenaSlot{0}, available), std::int64_t{0});
}

void ArenaTest::create_otherFailure_isNotCalledOutOfMemory() {
    simt::injectFailure("cudaMalloc", 1, cudaErrorLaunchFailure, true);
    ArenaPlan plan("a test");
    plan.add("part", 100);
    const auto refused = Arena::create(std::move(plan));
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().code, ErrorCode::DeviceFailed);
}

void ArenaTest::clear_zeroesOnlyItsPart() {
    ArenaPlan plan("a test");
    const ArenaSlot before = plan.add("before", 256);
    const ArenaSlot cleared = plan.add("cleared", 300);
    const ArenaSlot empty = plan.add("empty", 0);
    const ArenaSlot after = plan.add("after", 256);
    const Arena arena = Arena::create(std::move(plan)).value();
    std::memset(arena.data(before), 0x55, arena.bytes());
    const Stream stream = Stream::create().value();
    QVERIFY(arena.clear(cleared, stream).has_value());
    QVERIFY(arena.clear(empty, stream).has_value());
    QVERIFY(stream.synchronize().has_value());
    QCOMPARE(int(arena.data(before)[255]), 0x55);
    QCOMPARE(int(arena.data(cleared)[0]), 0);
    QCOMPARE(int(arena.data(cleared)[299]), 0);
    QCOMPARE(int(arena.data(cleared)[300]), 0x55);  // the gap belongs to nobody
    QCOMPARE(int(arena.data(after)[0]), 0x55);
}

QTEST_APPLESS_MAIN(ArenaTest)
#include "arena_test.moc"
