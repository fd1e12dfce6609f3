// How many tokens are guessed: by what was right and what steps take, and never at a loss that is
// felt.
#include <QtTest>
#include <random>

#include "engine/schedule/draft_length.h"

using namespace sotto;

namespace {

void noteOften(RowCost& cost, std::int64_t nRows, double seconds) {
    for (int count = 0; count < 3; ++count) cost.note(nRows, seconds);
}

// A machine on which every further row takes this part of the first.
double secondsOf(std::int64_t nRows, double perRow) {
    return 1 + perRow * static_cast<double>(nRows - 1);
}

// Of whose matches of a length how many guesses are right.
struct Text {
    double chance = 0;
    std::int64_t matchLength = 4;
};

// One answer on that machine, which learns what its steps take.
struct Answer {
    DraftLength length;
    RowCost cost;
    double perRow = 0;
    std::mt19937 random{3};

    explicit Answer(double row) : perRow(row) { noteOften(cost, 1, 1); }

    // Tokens over what they would have taken one by one.
    double gain(Text text, int nSteps) {
        std::bernoulli_distribution isRight(text.chance);
        double tokens = 0, seconds = 0;
        for (int step = 0; step < nSteps; ++step) {
            const std::int64_t nDraft = length.plan(text.matchLength, cost);
            std::int64_t nRight = 0;
            while (nRight < nDraft && isRight(random)) ++nRight;
            if (nDraft == 0)
                length.noteQuiet();
            else
                length.note(text.matchLength, nDraft, nRight);
            const double taken = secondsOf(nDraft + 1, perRow);
            cost.note(nDraft + 1, taken);
            tokens += 1 + static_cast<double>(nRight);
            seconds += taken;
        }
        return tokens / seconds;
    }
};

QString text(double number) { return QString::number(number); }

}  // namespace

class DraftLengthTest : public QObject {
    Q_OBJECT

private slots:
    void cost_isMeasuredOrWhatIsUsual() {
        RowCost cost;
        QCOMPARE(cost.of(1), 0.0);
        QCOMPARE(cost.of(5), 0.0);
        cost.note(1, 90.0);  // the first two are not believed
        cost.note(1, 50.0);
        QCOMPARE(cost.of(1), 0.0);
        cost.note(1, 2.0);
        QCOMPARE(cost.of(1), 2.0);
        QCOMPARE(cost.of(5), 4.0);  // a quarter of the first for each
        noteOften(cost, 5, 3.0);
        QCOMPARE(cost.of(3), 2.5);
        QCOMPARE(cost.of(8), 5.5);
        // One that is dear does not make those below it so: they are tried.
        noteOften(cost, 8, 50.0);
        QCOMPARE(cost.of(6), 4.5);
        QCOMPARE(cost.of(8), 50.0);
        cost.note(99, 1.0);  // no step of an answer
        cost.note(1, 3.0);
        QVERIFY(cost.of(1) > 2.0 && cost.of(1) < 2.2);
        cost.note(1, 1.0);
        QVERIFY(cost.of(1) < 1.6);
        noteOften(cost, 4, 1.0);
        QCOMPARE(cost.of(1), 1.0);  // no slower than four
    }

    void withoutACost_nothingIsGuessed() {
        DraftLength length;
        QCOMPARE(length.plan(20, {}), 0);
    }

    void freeRows_areFilledWhereGuessesAreRight() {
        Answer answer(0.02);
        QVERIFY(answer.gain({1.0}, 400) > 6.0);  // 8 tokens in 1.14
        QCOMPARE(answer.length.plan(4, answer.cost), kMaxDraft);
    }

    // What cannot be guessed is not slowed by more than three hundredths.
    void wrongGuesses_costLittle_data() {
        QTest::addColumn<double>("perRow");
        QTest::addColumn<int>("matchLength");
        for (const double perRow : {0.05, 0.25, 0.4, 1.0})
            for (const int matchLength : {2, 4, 20})
                QTest::addRow("%.2f, %d", perRow, matchLength) << perRow << matchLength;
    }
    void wrongGuesses_costLittle() {
        QFETCH(double, perRow);
        QFETCH(int, matchLength);
        const double gain = Answer(perRow).gain({0.0, matchLength}, 1500);
        QVERIFY2(gain > 0.97, qPrintable(text(gain)));
    }

    // Rows that cost as much as steps of their own can gain nothing.
    void dearRows_areNotTaken() {
        const double gain = Answer(1.0).gain({0.8}, 1500);
        QVERIFY2(gain > 0.97, qPrintable(text(gain)));
    }

    void textThatCanBeGuessedAgain_isNoticed_data() {
        QTest::addColumn<double>("perRow");
        QTest::addColumn<double>("least");  // of 8 / (1 + 7 perRow), or of fewer rows
        QTest::newRow("cheap") << 0.1 << 3.0;
        QTest::newRow("usual") << 0.25 << 1.9;
        QTest::newRow("dear") << 0.4 << 1.4;
    }
    void textThatCanBeGuessedAgain_isNoticed() {
        QFETCH(double, perRow);
        QFETCH(double, least);
        Answer answer(perRow);
        answer.gain({0.0}, 1500);
        const double gain = answer.gain({1.0}, 1500);
        QVERIFY2(gain > least, qPrintable(text(gain)));
    }

    // Steps without a match in between do not use up what is tried now and then.
    void longStretchWithoutMatches_isFollowedByOneGuess() {
        Answer answer(1.0);
        answer.gain({0.0}, 300);
        for (int step = 0; step < 1000; ++step) answer.length.noteQuiet();
        QCOMPARE(answer.length.plan(4, answer.cost), 1);
    }

    void whatAPlainStepTakes_isMeasuredNowAndThen() {
        Answer answer(0.02);
        int nPlain = 0;
        for (int step = 0; step < 300; ++step) {
            const std::int64_t nDraft = answer.length.plan(20, answer.cost);
            nPlain += nDraft == 0 ? 1 : 0;
            if (nDraft == 0)
                answer.length.noteQuiet();
            else
                answer.length.note(20, nDraft, nDraft);
        }
        QCOMPARE(nPlain, 4);  // every 65th
    }
};

QTEST_APPLESS_MAIN(DraftLengthTest)
#include "draft_length_test.moc"
