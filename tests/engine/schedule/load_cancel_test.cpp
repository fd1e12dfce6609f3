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

    // Another thread that cancels may have counted before the load was asked for, and be stopped by
    // the system until it has been cancelled: more threads than cores, so that they are.
    void cancelAll_isNotTakenBackByAnEarlierOne() {
        constexpr int kLoads = 500'000, kLooks = 200;
        LoadCancel loads;
        std::atomic<bool> isDone{false};
        std::vector<std::thread> others;
        for (unsigned thread = 0; thread < 2 * std::thread::hardware_concurrency(); ++thread)
            others.emplace_back([&] {
                while (!isDone) loads.cancelAll();
            });
        int nTakenBack = 0;
        for (int load = 0; load < kLoads && nTakenBack == 0; ++load) {
            const std::uint64_t number = loads.nextLoad();
            loads.cancelAll();
            for (int look = 0; look < kLooks; ++look) nTakenBack += !loads.isCancelled(number);
        }
        isDone = true;
        for (std::thread& other : others) other.join();
        QCOMPARE(nTakenBack, 0);
    }
};

QTEST_APPLESS_MAIN(LoadCancelTest)
#include "load_cancel_test.moc"
