// Queue: what is taken out when, and what a closed or full one says.
#include "base/queue.h"

#include <QtTest>

using namespace sotto;

class QueueTest : public QObject {
    Q_OBJECT

private slots:
    void values_comeInOrder() {
        Queue<int> queue(Queue<int>::kUnbounded);
        for (int value = 0; value < 100; ++value) QVERIFY(queue.push(value));
        for (int value = 0; value < 100; ++value) QCOMPARE(queue.pop(), std::optional(value));
        QVERIFY(!queue.tryPop());
    }

    void popUntil_takesWhatIsThere_alsoWhenTheTimeIsOver() {
        const auto past = std::chrono::steady_clock::now() - std::chrono::hours(1);
        Queue<int> queue(Queue<int>::kUnbounded);
        QVERIFY(!queue.popUntil(past));
        queue.push(7);
        QCOMPARE(queue.popUntil(past), std::optional(7));
    }

    void closed_givesWhatIsInside_andTakesNothing() {
        const auto later = std::chrono::steady_clock::now() + std::chrono::hours(1);
        Queue<int> queue(Queue<int>::kUnbounded);
        queue.push(7);
        queue.close();
        QVERIFY(!queue.push(8));
        QCOMPARE(queue.popUntil(later), std::optional(7));
        QVERIFY(!queue.popUntil(later));  // at once
        QVERIFY(!queue.pop());
    }
};

QTEST_APPLESS_MAIN(QueueTest)
#include "queue_test.moc"
