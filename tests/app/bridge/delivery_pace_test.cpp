// How often the window takes the engine's events, by what showing the last ones cost.
#include "app/bridge/delivery_pace.h"

#include <QtTest>

using namespace sotto::app;
using std::chrono::milliseconds;

class DeliveryPaceTest : public QObject {
    Q_OBJECT

    milliseconds m_now{1000};

    DeliveryPace pace() {
        return DeliveryPace([this] { return m_now; });
    }
    void deliver(DeliveryPace& pace, int costMs, bool isText = true) {
        pace.begin();
        m_now += milliseconds(costMs);
        pace.end(isText);
    }

private slots:
    void first_comesAfterAFrame() {
        const DeliveryPace pace = this->pace();
        QCOMPARE(pace.untilNext().count(), 33);
        m_now += milliseconds(20);
        QCOMPARE(pace.untilNext().count(), 13);
        m_now += milliseconds(500);
        QCOMPARE(pace.untilNext().count(), 0);  // what was waited before counts
    }

    void next_comesAfterTwelveTimesTheCost_data() {
        QTest::addColumn<int>("costMs");
        QTest::addColumn<int>("pauseMs");  // from the begin of one to that of the next
        QTest::newRow("nothing") << 0 << 33;
        QTest::newRow("cheap") << 2 << 33;
        QTest::newRow("just dear") << 3 << 36;
        QTest::newRow("dear") << 10 << 120;
        QTest::newRow("at the limit") << 25 << 300;
        QTest::newRow("beyond the limit") << 200 << 300;
    }
    void next_comesAfterTwelveTimesTheCost() {
        QFETCH(int, costMs);
        QFETCH(int, pauseMs);
        DeliveryPace pace = this->pace();
        deliver(pace, costMs);
        QCOMPARE(pace.untilNext().count(), pauseMs - costMs);
        m_now += pace.untilNext();
        QCOMPARE(pace.untilNext().count(), 0);
        // A cheap one after it is followed at once again.
        deliver(pace, 1);
        QCOMPARE(pace.untilNext().count(), 32);
    }

    void whatIsDearerThanTheLongestPause_leavesNone() {
        DeliveryPace pace = this->pace();
        deliver(pace, 400);
        QCOMPARE(pace.untilNext().count(), 0);
    }

    void eventsWithoutText_doNotSlowItDown() {
        DeliveryPace pace = this->pace();
        deliver(pace, 20, false);
        QCOMPARE(pace.untilNext().count(), 13);
    }
};

QTEST_APPLESS_MAIN(DeliveryPaceTest)
#include "delivery_pace_test.moc"
