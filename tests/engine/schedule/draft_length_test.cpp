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

// Guesses of one kind that are worth making.
std::vector<GuessKind> plannedChain(const DraftLength& length, GuessKind kind,
                                    const RowCost& cost) {
    std::vector<GuessKind> guesses;
    GuessChain chain(length, cost, kMaxDraft);
    while (chain.isWorthMaking(kind, 0) && chain.take(kind, 0)) guesses.push_back(kind);
    return guesses;
}

std::int64_t plan(const DraftLength& length, std::int64_t matchLength, const RowCost& cost) {
    return std::ssize(plannedChain(length, lookupKind(matchLength), cost));
}

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
            const auto guesses = plannedChain(length, lookupKind(text.matchLength), cost);
            const std::int64_t nDraft = std::ssize(guesses);
            std::int64_t nRight = 0;
            while (nRight < nDraft && isRight(random)) ++nRight;
            if (nDraft == 0)
                length.noteQuiet();
            else
                length.note(guesses, nRight);
            const double taken = secondsOf(nDraft + 1, perRow);
            cost.note(nDraft + 1, taken);
            tokens += 1 + static_cast<double>(nRight);
            seconds += taken;
        }
        return tokens / seconds;
    }
};

// The same with a draft model, whose guesses are sure and right or unsure and wrong; or always
// sure and always wrong.
struct ModelAnswer {
    DraftLength length;
    RowCost cost;
    double perRow = 0, perGuess = 0;
    std::int64_t nTried = 0, nRight = 0;
    std::mt19937 random{3};

    ModelAnswer(double row, double guess) : perRow(row), perGuess(guess) {
        noteOften(cost, 1, 1);
        for (int count = 0; count < 3; ++count) cost.noteGuesses({1, guess});
    }
    double rightShare() const { return static_cast<double>(nRight) / static_cast<double>(nTried); }

    double gain(bool isKnowing, int nSteps) {
        std::bernoulli_distribution isSure(0.7);
        double tokens = 0, seconds = 0;
        for (int step = 0; step < nSteps; ++step) {
            std::vector<GuessKind> guesses;
            std::int64_t right = 0;
            GuessChain chain(length, cost, kMaxDraft);
            while (chain.isWorthMaking(kModelGuess, perGuess)) {
                seconds += perGuess;
                const bool sure = !isKnowing || isSure(random);
                const GuessKind kind = modelKind(sure ? 0.97f : 0.1f);
                if (!chain.take(kind, perGuess)) {
                    length.noteDropped();
                    break;
                }
                if (isKnowing && sure && right == std::ssize(guesses)) ++right;
                guesses.push_back(kind);
            }
            if (guesses.empty())
                length.noteQuiet();
            else
                length.note(guesses, right);
            nTried += std::ssize(guesses);
            nRight += right;
            const double taken = secondsOf(std::ssize(guesses) + 1, perRow);
            cost.note(std::ssize(guesses) + 1, taken);
            tokens += 1 + static_cast<double>(right);
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
        QCOMPARE(cost.of(8), 4.5);  // three rows more than five
        // One that is dear does not make those below it so: they are tried.
        noteOften(cost, 8, 50.0);
        QCOMPARE(cost.of(6), 3.5);
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
        QCOMPARE(plan(length, 20, {}), 0);
    }

    void freeRows_areFilledWhereGuessesAreRight() {
        Answer answer(0.02);
        QVERIFY(answer.gain({1.0}, 400) > 6.0);  // 8 tokens in 1.14
        QCOMPARE(plan(answer.length, 4, answer.cost), kMaxDraft);
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
        QCOMPARE(plan(answer.length, 4, answer.cost), 1);
    }

    void whatAPlainStepTakes_isMeasuredNowAndThen() {
        Answer answer(0.02);
        int nPlain = 0;
        for (int step = 0; step < 300; ++step) {
            const auto guesses = plannedChain(answer.length, lookupKind(20), answer.cost);
            nPlain += guesses.empty() ? 1 : 0;
            if (guesses.empty())
                answer.length.noteQuiet();
            else
                answer.length.note(guesses, std::ssize(guesses));
        }
        QCOMPARE(nPlain, 4);  // every 65th
    }

    // A draft model that is right half of the time and knows when, or never is and does not.
    void modelThatKnows_isAskedWhileItIsSure() {
        ModelAnswer answer(0.1, 0.05);
        const double gain = answer.gain(true, 2000);
        QVERIFY2(gain > 1.35, qPrintable(text(gain)));
        QVERIFY(answer.rightShare() > 0.8);
    }
    void modelThatIsWrong_costsLittle_data() {
        QTest::addColumn<double>("perRow");
        QTest::addColumn<double>("perGuess");
        for (const double perRow : {0.05, 0.25, 1.0})
            for (const double perGuess : {0.02, 0.2, 0.6})
                QTest::addRow("%.2f, %.2f", perRow, perGuess) << perRow << perGuess;
    }
    void modelThatIsWrong_costsLittle() {
        QFETCH(double, perRow);
        QFETCH(double, perGuess);
        const double gain = ModelAnswer(perRow, perGuess).gain(false, 2000);
        QVERIFY2(gain > 0.97, qPrintable(text(gain)));
    }

    void modelsKinds_followItsSureness() {
        GuessKind before = modelKind(0);
        QVERIFY(isOfModel(before) && !isOfModel(lookupKind(2)) && !isOfModel(lookupKind(32)));
        QVERIFY(lookupKind(5) < kLongLookup && lookupKind(6) >= kLongLookup);
        for (float probability = 0; probability <= 1; probability += 0.01f) {
            const GuessKind kind = modelKind(probability);
            QVERIFY(kind >= before && kind < kModelGuess);
            before = kind;
        }
        QCOMPARE(before, kModelGuess - 1);
    }
};

QTEST_APPLESS_MAIN(DraftLengthTest)
#include "draft_length_test.moc"
