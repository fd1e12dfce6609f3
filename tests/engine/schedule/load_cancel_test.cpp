#include <QtTest>
#include <atomic>
#include <thread>
#include <vector>

#include "engine/schedule/engine_shared.h"

using namespace sotto;

class LoadCancelTest : public QObject {
    Q_OBJECT
private slots:
    void cancelAll_reachesWhatWasAskedForBefore() {
        LoadCancel loads;
        const std::uint64_t first = loads.nextLoad();
        const std::uint64_t second = loads.nextLoad();
        QVERIFY(!loads.isCancelled(first));
        loads.cancelAll();
        QVERIFY(loads.isCancelled(first) && loads.isCancelled(second));
        QVERIFY(!loads.isCancelled(loads.nextLoad()));
    }

    // The flag says of the load that runs what isCancelled() says.
    void stopFlag_speaksOfTheRunningLoad() {
        LoadCancel loads;
        const std::uint64_t first = loads.nextLoad();
        loads.begin(first);
        QVERIFY(!loads.stopFlag());
        loads.cancelAll();
        QVERIFY(loads.stopFlag());
        const std::uint64_t second = loads.nextLoad(), third = loads.nextLoad();
        loads.begin(second);
        QVERIFY(!loads.stopFlag());
        loads.cancelAll();
        loads.begin(third);  // cancelled while it was queued
        QVERIFY(loads.isCancelled(third) && loads.stopFlag());
        loads.begin(loads.nextLoad());
        QVERIFY(!loads.stopFlag());
    }

    // Other threads that cancel at the same time take nothing back and stop no later load.
    void cancelAll_isNotTakenBackByAnEarlierOne() {
        constexpr int kLoads = 20'000;
        LoadCancel loads;
        std::atomic<bool> isDone{false};
        std::vector<std::thread> others;
        for (unsigned thread = 0; thread < 2 * std::thread::hardware_concurrency(); ++thread)
            others.emplace_back([&] {
                while (!isDone) loads.cancelAll();
            });
        int nWrong = 0;
        for (int load = 0; load < kLoads; ++load) {
            const std::uint64_t number = loads.nextLoad();
            loads.begin(number);
            const bool isStopping = loads.stopFlag();
            nWrong += isStopping && !loads.isCancelled(number);
            loads.cancelAll();
            nWrong += !loads.isCancelled(number) || !loads.stopFlag();
        }
        isDone = true;
        for (std::thread& other : others) other.join();
        QCOMPARE(nWrong, 0);
    }
};

QTEST_APPLESS_MAIN(LoadCancelTest)
#include "load_cancel_test.moc"
