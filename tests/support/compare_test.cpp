#include "tests/support/compare.h"

#include <QtTest/QtTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace sotto::test;

class CompareTest : public QObject {
    Q_OBJECT

private slots:
    void compareValues_measuresKnownDifference() {
        const std::vector<float> expected{3.0f, 4.0f};
        const std::vector<float> actual{3.0f, 4.5f};
        const Difference difference = compareValues(expected, actual);
        QCOMPARE(difference.relativeL2, 0.1);  // 0.5 / 5
        QCOMPARE(difference.maxAbs, 0.5);
        QCOMPARE(difference.rms, 0.5 / std::sqrt(2.0));
        QCOMPARE(difference.worstIndex, std::size_t{1});
        QVERIFY(difference.text().find("worst at 1 of 2: expected 4, actual 4.5") !=
                std::string::npos);
    }

    void compareValues_isInfiniteForNanAndForZeroExpectation() {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const std::vector<float> numbers{1.0f, 2.0f};
        const std::vector<float> broken{1.0f, nan};
        QVERIFY(std::isinf(compareValues(numbers, broken).relativeL2));
        QCOMPARE(compareValues(numbers, broken).worstIndex, std::size_t{1});
        QVERIFY(std::isinf(compareValues(broken, numbers).relativeL2));
        const std::vector<float> zeros{0.0f, 0.0f};
        QVERIFY(std::isinf(compareValues(zeros, numbers).relativeL2));
        QCOMPARE(compareValues(zeros, zeros).relativeL2, 0.0);
        QCOMPARE(compareValues(broken, broken).relativeL2, 0.0);
    }

    void firstBitDifference_seesTheSignOfZero() {
        const std::vector<float> positive{1.0f, 0.0f};
        const std::vector<float> negative{1.0f, -0.0f};
        QCOMPARE(firstBitDifference(positive, negative), std::size_t{1});
        QCOMPARE(firstBitDifference(positive, positive), std::size_t{2});
    }
};

QTEST_APPLESS_MAIN(CompareTest)
#include "compare_test.moc"
