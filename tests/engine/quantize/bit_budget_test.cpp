// Spending bytes on tensors: never more than there are, and as good as trying every combination.
#include <QtTest>
#include <algorithm>
#include <random>

#include "engine/quantize/bit_budget.h"

using namespace sotto;

namespace {

// Some forms of each item; larger ones lose less, but for some that nobody should choose.
std::vector<BudgetItem> randomItems(std::mt19937& random, std::size_t nItems) {
    std::uniform_int_distribution<std::uint64_t> anyBytes(1, 40);
    std::uniform_real_distribution<double> anyLoss(0.0, 1.0);
    std::vector<BudgetItem> items(nItems);
    for (BudgetItem& item : items)
        for (int choice = 0; choice < 4; ++choice)
            item.push_back({anyBytes(random), anyLoss(random)});
    return items;
}

// The best of all combinations within the budget.
double bestLoss(const std::vector<BudgetItem>& items, std::size_t first, std::uint64_t budget) {
    if (first == items.size()) return 0.0;
    double best = 1e9;
    for (const BudgetChoice& choice : items[first])
        if (choice.bytes <= budget)
            best = std::min(best, choice.loss + bestLoss(items, first + 1, budget - choice.bytes));
    return best;
}

}  // namespace

class BitBudgetTest : public QObject {
    Q_OBJECT
private slots:
    void spending_isWhatItSays();
    void spending_isWithinOneStepOfTheBest();
    void hullsBudgets_areSpentBest();
    void tooFewBytes_areRefused();
    void leftBytes_areFilled();
    void moreThanEnough_takesTheLeastLoss();
};

void BitBudgetTest::spending_isWhatItSays() {
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        const auto items = randomItems(random, 6);
        const std::uint64_t budget = leastBytes(items) + std::uint64_t(round);
        const auto spending = spendBudget(items, budget);
        QVERIFY(spending && spending->choices.size() == items.size());
        std::uint64_t bytes = 0;
        double loss = 0;
        for (std::size_t item = 0; item < items.size(); ++item) {
            bytes += items[item][spending->choices[item]].bytes;
            loss += items[item][spending->choices[item]].loss;
        }
        QCOMPARE(spending->bytes, bytes);
        QVERIFY(std::abs(spending->loss - loss) < 1e-12);
        QVERIFY(bytes <= budget);
    }
}

// A step of an item loses at most what its worst form does: one.
void BitBudgetTest::spending_isWithinOneStepOfTheBest() {
    std::mt19937 random(2);
    double sumOurs = 0, sumBest = 0;
    for (int round = 0; round < 60; ++round) {
        const auto items = randomItems(random, 6);
        const std::uint64_t budget = leastBytes(items) + std::uint64_t(round);
        const auto spending = spendBudget(items, budget);
        const double best = bestLoss(items, 0, budget);
        QVERIFY(spending && spending->loss >= best - 1e-12);
        QVERIFY2(spending->loss <= best + 1.0, qPrintable(QString::number(round)));
        sumOurs += spending->loss;
        sumBest += best;
    }
    // Six items of four forms: a whole model has hundreds, of which one step is little.
    QVERIFY2(sumOurs <= 1.1 * sumBest, qPrintable(QString("%1 %2").arg(sumOurs).arg(sumBest)));
}

// Where the bytes end with a step of the hull nothing is better: what the Lagrangian promises.
void BitBudgetTest::hullsBudgets_areSpentBest() {
    std::mt19937 random(3);
    for (int round = 0; round < 30; ++round) {
        auto items = randomItems(random, 5);
        // Halving the loss with each byte more: every form is a corner of the hull.
        for (std::size_t item = 0; item < items.size(); ++item)
            for (std::size_t choice = 0; choice < 4; ++choice)
                items[item][choice] = {2 + choice, double(item + 1) / double(1U << choice)};
        for (std::uint64_t budget = leastBytes(items); budget <= leastBytes(items) + 15; ++budget) {
            const auto spending = spendBudget(items, budget);
            QVERIFY(spending.has_value());
            QVERIFY(std::abs(spending->loss - bestLoss(items, 0, budget)) < 1e-12);
            QCOMPARE(spending->bytes, budget);
        }
    }
}

void BitBudgetTest::tooFewBytes_areRefused() {
    const std::vector<BudgetItem> items{{{10, 1.0}, {20, 0.5}}, {{7, 0.0}}};
    QCOMPARE(leastBytes(items), std::uint64_t{17});
    QVERIFY(!spendBudget(items, 16));
    QVERIFY(spendBudget(items, 17).has_value());
}

// The hull goes from 10 to 100; the form between them lies above it and still helps.
void BitBudgetTest::leftBytes_areFilled() {
    const std::vector<BudgetItem> items{{{10, 1.0}, {100, 0.0}, {50, 0.9}}};
    const auto spending = spendBudget(items, 60);
    QVERIFY(spending.has_value());
    QCOMPARE(spending->choices.front(), std::size_t{2});
}

void BitBudgetTest::moreThanEnough_takesTheLeastLoss() {
    const std::vector<BudgetItem> items{{{10, 1.0}, {100, 0.2}, {120, 0.3}}, {{5, 0.1}, {9, 0.0}}};
    const auto spending = spendBudget(items, 1000);
    QVERIFY(spending.has_value());
    QCOMPARE(spending->bytes, std::uint64_t{109});
}

QTEST_GUILESS_MAIN(BitBudgetTest)
#include "bit_budget_test.moc"
