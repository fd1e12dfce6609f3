#include <QtTest>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "engine/device/cpu/thread_pool.h"

using namespace sotto;

namespace {

constexpr std::int64_t kAllChunks = -1;

// What a job with this chunk told its caller: the number in the exception, none without one.
template <typename Chunk>
std::optional<std::int64_t> thrownBy(ThreadPool& pool, std::int64_t nChunks, Chunk&& chunk) {
    try {
        pool.parallelFor(nChunks, chunk);
    } catch (const std::out_of_range& thrown) {
        return std::stoll(thrown.what());
    }
    return {};
}

bool doesRunEveryChunk(ThreadPool& pool) {
    std::atomic<int> nRun{0};
    pool.parallelFor(50, [&](std::int64_t, int) { ++nRun; });
    return nRun.load() == 50;
}

}  // namespace

class ThreadPoolTest : public QObject {
    Q_OBJECT
private slots:
    void parallelFor_runsEveryChunkOnce_data();
    void parallelFor_runsEveryChunkOnce();
    void parallelFor_seesTheWritesOfTheJobBefore();
    void parallelFor_wakesSleepingWorkers();
    void parallelFor_givesEachThreadItsOwnIndex();
    void destructor_endsWorkersThatNeverWorked();
    void chunkThatThrows_isTheCallers_data();
    void chunkThatThrows_isTheCallers();
    void callersChunkThrows_waitsForTheWorkers();
    void workersChunkThrows_endsAtTheCaller();
    void chunksBehindOneThatThrew_areSkipped();
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

void ThreadPoolTest::chunkThatThrows_isTheCallers_data() {
    QTest::addColumn<int>("nThreads");
    QTest::addColumn<int>("nChunks");
    for (const int nThreads : {1, 2, 3, 7})
        for (const int nChunks : {1, 2, 3, 40})
            QTest::addRow("%d threads, %d chunks", nThreads, nChunks) << nThreads << nChunks;
}

// Each chunk in turn, then all of them: none runs on once the caller knows, and the next job is
// whole.
void ThreadPoolTest::chunkThatThrows_isTheCallers() {
    QFETCH(int, nThreads);
    QFETCH(int, nChunks);
    ThreadPool pool(nThreads);
    std::atomic<int> nInside{0};
    for (int repeat = 0; repeat < 20; ++repeat) {
        for (std::int64_t bad = kAllChunks; bad < nChunks; ++bad) {
            const auto thrown = thrownBy(pool, nChunks, [&](std::int64_t chunk, int) {
                ++nInside;
                if (chunk % 3 == 0) std::this_thread::yield();
                --nInside;
                if (chunk == bad || bad == kAllChunks)
                    throw std::out_of_range(std::to_string(chunk));
            });
            QCOMPARE(nInside.load(), 0);
            QVERIFY(thrown.has_value());
            if (bad != kAllChunks) QCOMPARE(*thrown, bad);
            QVERIFY(doesRunEveryChunk(pool));
        }
    }
}

// The chunk function and all that it refers to lie in the caller's frame.
void ThreadPoolTest::callersChunkThrows_waitsForTheWorkers() {
    ThreadPool pool(2);
    std::atomic<bool> hasWorkerBegun{false}, hasWorkerEnded{false};
    const auto thrown = thrownBy(pool, 2, [&](std::int64_t, int threadIndex) {
        if (threadIndex == 0) {
            while (!hasWorkerBegun.load()) std::this_thread::yield();
            throw std::out_of_range("0");
        }
        hasWorkerBegun = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        hasWorkerEnded = true;
    });
    QVERIFY(hasWorkerEnded.load());
    QCOMPARE(thrown, std::optional<std::int64_t>(0));
    QVERIFY(doesRunEveryChunk(pool));
}

void ThreadPoolTest::workersChunkThrows_endsAtTheCaller() {
    ThreadPool pool(2);
    for (int round = 0; round < 50; ++round) {
        std::atomic<bool> hasWorkerBegun{false};
        const auto thrown = thrownBy(pool, 2, [&](std::int64_t, int threadIndex) {
            if (threadIndex == 1) {
                hasWorkerBegun = true;
                throw std::out_of_range(std::to_string(round));
            }
            while (!hasWorkerBegun.load()) std::this_thread::yield();
        });
        QCOMPARE(thrown, std::optional<std::int64_t>(round));
    }
    QVERIFY(doesRunEveryChunk(pool));
}

// Whose result nobody asks for any more. Only the chunks that were under way may still run.
void ThreadPoolTest::chunksBehindOneThatThrew_areSkipped() {
    for (const int nThreads : {1, 3}) {
        ThreadPool pool(nThreads);
        std::atomic<int> nRun{0};
        constexpr int kChunks = 500;
        const auto thrown = thrownBy(pool, kChunks, [&](std::int64_t chunk, int) {
            ++nRun;
            if (chunk == 0) throw std::out_of_range("0");
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        });
        QCOMPARE(thrown, std::optional<std::int64_t>(0));
        QVERIFY(nRun.load() < kChunks);
    }
}

QTEST_APPLESS_MAIN(ThreadPoolTest)
#include "thread_pool_test.moc"
