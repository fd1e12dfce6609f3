// RateMeter: over the last seconds, from enough of them, and anew behind a pause.
#include "base/rate_meter.h"

#include <QtTest>
#include <cmath>

using namespace sotto;
using namespace std::chrono_literals;

class RateMeterTest : public QObject {
    Q_OBJECT

private slots:
    void aRate_isOfTheLastSeconds() {
        RateMeter meter(5s);
        RateMeter::Time now{};
        QVERIFY(!meter.perSecond(now));
        std::uint64_t nBytes = 0;
        for (int step = 0; step < 100; ++step) {
            meter.note(now, nBytes);
            now += 100ms;
            nBytes += 1000;
        }
        QVERIFY(std::abs(*meter.perSecond(now - 100ms) - 10'000) < 1);
        // Nothing more comes: what is shown sinks.
        QVERIFY(*meter.perSecond(now + 20s) < 2500);
        meter.note(now, 0);
        QVERIFY(!meter.perSecond(now));
    }

    void aShortLook_saysNothing() {
        RateMeter meter(10s, 1s);
        const RateMeter::Time begin{};
        meter.note(begin, 0);
        meter.note(begin + 500ms, 100);
        QVERIFY(!meter.perSecond(begin + 500ms));
        meter.note(begin + 2s, 1000);
        QCOMPARE(*meter.perSecond(begin + 2s), 500.0);
        // Slower later: what was before the window no longer counts.
        for (int second = 3; second <= 40; ++second)
            meter.note(begin + std::chrono::seconds(second),
                       1000 + static_cast<std::uint64_t>(second - 2) * 100);
        QCOMPARE(*meter.perSecond(begin + 40s), 100.0);
        meter.note(begin + 41s, 10);  // it began again
        QVERIFY(!meter.perSecond(begin + 41s));
        meter.note(begin + 43s, 10);
        QCOMPARE(*meter.perSecond(begin + 43s), 0.0);
        meter.reset();
        QVERIFY(!meter.perSecond(begin + 50s));
    }
};

QTEST_APPLESS_MAIN(RateMeterTest)
#include "rate_meter_test.moc"
