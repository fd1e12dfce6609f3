#include <QtTest>
#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include "engine/device/cpu/thread_pool.h"

using namespace sotto;

class ThreadPoolTest : public QObject {
    Q_OBJECT
private slots:
    void parallelFor_runsEveryChunkOnce_data();
    void parallelFor_runsEveryChunkOnce();
    void parallelFor_seesTheWritesOfTheJobBefore();
    void parallelFor_wakesSleepingWorkers();
    void parallelFor_givesEachThreadItsOwnIndex();
    void destructor_endsWorkersThatNeverWorked();
};

void ThreadPoolTest::parallelFor_runsEveryChunkOnce_data() {
    QTest::addColumn<int>("nThreads");
    QTest::addColumn<int>("nChunks");
    for (const int nThreads : {1, 2, 3, 7})
        for (const int nChunks : {0, 1, 2, 3, 8, 1009})
            QTest::addRow("%d threads, %d chunks", nThreads, nChunks) << nThreads << nChunks;
}

void ThreadPoolTest::parallelFor_runsEveryChunkOnce() {
    QFETCH(int, nThreads);
    QFETCH(int, nChunks);
    ThreadPool pool(nThreads);
    QCOMPARE(pool.nThreads(), nThreads);
    for (int repeat = 0; repeat < 20; ++repeat) {
        std::vector<int> counts(static_cast<std::size_t>(nChunks), 0);  // plain: one writer each
        pool.parallelFor(nChunks, [&](std::int64_t chunk, int threadIndex) {
            if (threadIndex >= 0 && threadIndex < nThreads)
                ++counts[static_cast<std::size_t>(chunk)];
        });
        for (const int count : counts) QCOMPARE(count, 1);
    }
}

// Jobs follow each other without a lock between them: what one wrote, the next must read.
void ThreadPoolTest::parallelFor_seesTheWritesOfTheJobBefore() {
    ThreadPool pool(3);
    constexpr std::int64_t kChunks = 64;
    std::array<std::int64_t, kChunks> values{};
    constexpr int kJobs = 3000;
    for (int job = 0; job < kJobs; ++job) {
        // Each chunk reads its neighbour's value of the job before, as attention reads what
        // ropeStore wrote.
        std::array<std::int64_t, kChunks> next{};
        pool.parallelFor(kChunks, [&](std::int64_t chunk, int) {
            next[static_cast<std::size_t>(chunk)] =
                values[static_cast<std::size_t>((chunk + 1) % kChunks)] + 1;
        });
        values = next;
    }
    for (const std::int64_t value : values) QCOMPARE(value, std::int64_t{kJobs});
}

void ThreadPoolTest::parallelFor_wakesSleepingWorkers() {
    ThreadPool pool(2);
    for (int round = 0; round < 5; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // long past spinning
        // Both chunks wait for each other: this ends only when the worker has come.
        std::atomic<int> nArrived{0};
        pool.parallelFor(2, [&](std::int64_t, int) {
            ++nArrived;
            while (nArrived.load() < 2) std::this_thread::yield();
        });
        QCOMPARE(nArrived.load(), 2);
    }
}

void ThreadPoolTest::parallelFor_givesEachThreadItsOwnIndex() {
    ThreadPool pool(3);
    std::array<std::atomic<int>, 3> nInside{};
    std::atomic<bool> hasOverlap{false};
    for (int round = 0; round < 50; ++round)
        pool.parallelFor(30, [&](std::int64_t, int threadIndex) {
            auto& inside = nInside[static_cast<std::size_t>(threadIndex)];
            if (++inside > 1) hasOverlap = true;
            std::this_thread::yield();
            --inside;
        });
    QVERIFY(!hasOverlap.load());
}

void ThreadPoolTest::destructor_endsWorkersThatNeverWorked() {
    for (int round = 0; round < 50; ++round) ThreadPool pool(4);
    ThreadPool asleep(4);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    QCOMPARE(asleep.nThreads(), 4);
}

QTEST_APPLESS_MAIN(ThreadPoolTest)
#include "thread_pool_test.moc"
