// What is said of an answer's length before it is written.
#include <QtTest>

#include "engine/schedule/answer_lengths.h"

using namespace sotto;

class AnswerLengthsTest : public QObject {
    Q_OBJECT

private slots:
    void unknown_isTheUsual();
    void quantile_isTheNearestRank();
    void quantile_isOfThoseThatGotThatFar();
    void cutAnswers_countAsLonger();
    void conversation_goesBeforeTheModel();
    void backgroundJobs_areCountedApart();
    void oldAnswersAndConversations_areForgotten();
};

void AnswerLengthsTest::unknown_isTheUsual() {
    AnswerLengths lengths(100);
    QCOMPARE(lengths.expected({}, 0), 100);
    QCOMPARE(lengths.expected({}, 99), 100);
    QCOMPARE(lengths.expected({}, 100), 200);
    for (int answer = 0; answer < 3; ++answer) lengths.note({}, 7);
    QCOMPARE(lengths.expected({}, 0), 100);  // three say too little
    lengths.note({}, 7);
    QCOMPARE(lengths.expected({}, 0), 7);
    QCOMPARE(AnswerLengths(0).expected({}, 0), 1);  // one token at least
}

void AnswerLengthsTest::quantile_isTheNearestRank() {
    AnswerLengths lengths(100);
    for (const int length : {50, 10, 40, 20, 30}) lengths.note({}, length);
    QCOMPARE(lengths.expected({}, 0), 40);  // the fourth of five
    lengths.note({}, 60);
    QCOMPARE(lengths.expected({}, 0), 50);  // ceil(4.8): the fifth of six
}

void AnswerLengthsTest::quantile_isOfThoseThatGotThatFar() {
    AnswerLengths lengths(100);
    for (const int length : {10, 20, 30, 40, 50}) lengths.note({}, length);
    QCOMPARE(lengths.expected({}, 39), 50);
    QCOMPARE(lengths.expected({}, 40), 50);
    QCOMPARE(lengths.expected({}, 50), 100);  // nobody got further
    QCOMPARE(lengths.expected({}, 100), 200);
}

// One that was cut off is as long as one that got so far usually is.
void AnswerLengthsTest::cutAnswers_countAsLonger() {
    AnswerLengths lengths(100);
    for (int answer = 0; answer < 9; ++answer) lengths.noteCut({}, 16);
    QCOMPARE(lengths.expected({}, 0), 100);
    AnswerLengths known(100);
    for (const int length : {10, 20, 30, 40, 50}) known.note({}, length);
    for (int answer = 0; answer < 9; ++answer) known.noteCut({}, 5);
    QCOMPARE(known.expected({}, 0), 40);
    known.noteCut({}, 50);  // nobody got further
    QCOMPARE(known.expected({}, 50), 100);
}

void AnswerLengthsTest::conversation_goesBeforeTheModel() {
    AnswerLengths lengths(100);
    for (int answer = 0; answer < 4; ++answer) lengths.note({false, 1}, 1000);
    for (int answer = 0; answer < 3; ++answer) lengths.note({false, 2}, 5);
    QCOMPARE(lengths.expected({false, 1}, 0), 1000);
    QCOMPARE(lengths.expected({false, 2}, 0), 1000);  // too few of its own
    lengths.note({false, 2}, 5);
    QCOMPARE(lengths.expected({false, 2}, 0), 5);
    QCOMPARE(lengths.expected({false, 3}, 0), 1000);
    QCOMPARE(lengths.expected({}, 0), 1000);
}

void AnswerLengthsTest::backgroundJobs_areCountedApart() {
    AnswerLengths lengths(100);
    for (int answer = 0; answer < 9; ++answer) lengths.note({true, 1}, 8);
    QCOMPARE(lengths.expected({true, 0}, 0), 8);
    QCOMPARE(lengths.expected({false, 1}, 0), 100);
    QCOMPARE(lengths.expected({}, 0), 100);
}

void AnswerLengthsTest::oldAnswersAndConversations_areForgotten() {
    AnswerLengths lengths(100);
    for (std::size_t answer = 0; answer < AnswerLengths::kMaxAnswers; ++answer)
        lengths.note({false, 1}, 1000);
    for (std::size_t answer = 0; answer < AnswerLengths::kMaxAnswers; ++answer)
        lengths.note({false, 2}, 10);
    QCOMPARE(lengths.expected({}, 0), 10);
    QCOMPARE(lengths.expected({false, 1}, 0), 1000);
    // As many others as there is place for; the one that was noted last stays longest.
    lengths.note({false, 1}, 1000);
    for (std::uint64_t other = 3; other < 2 + AnswerLengths::kMaxConversations; ++other)
        lengths.note({false, other}, 10);
    QCOMPARE(lengths.expected({false, 1}, 0), 1000);
    lengths.note({false, 1000}, 10);
    QCOMPARE(lengths.expected({false, 1}, 0), 10);
}

QTEST_APPLESS_MAIN(AnswerLengthsTest)
#include "answer_lengths_test.moc"
