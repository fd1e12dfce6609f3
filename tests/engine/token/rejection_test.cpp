// Rejection sampling keeps the model's distribution, whatever the guesses are drawn from: counts of
// many draws against the probabilities, by chi-square.
#include <QtTest>
#include <cmath>
#include <random>

#include "engine/token/rejection.h"

using namespace sotto;

namespace {

using Weights = std::vector<float>;  // by token; 0: no candidate

std::vector<Candidate> candidatesOf(const Weights& weights) {
    std::vector<Candidate> candidates;
    float sum = 0;
    for (const float weight : weights) sum += weight;
    for (std::size_t token = 0; token < weights.size(); ++token)
        if (weights[token] > 0)
            candidates.push_back(
                {static_cast<std::int32_t>(token), std::log(weights[token]), weights[token] / sum});
    return candidates;
}

}  // namespace

class RejectionTest : public QObject {
    Q_OBJECT

private slots:
    void tokens_areOfTheModelsDistribution_data() {
        QTest::addColumn<QList<float>>("model");
        QTest::addColumn<QList<float>>("guesses");  // one alone: it was sure
        const QList<float> even{1, 1, 1, 1}, steep{16, 8, 4, 1}, back{1, 4, 8, 16};
        QTest::newRow("the same") << steep << steep;
        QTest::newRow("steeper") << even << steep;
        QTest::newRow("flatter") << steep << even;
        QTest::newRow("the other way") << steep << back;
        QTest::newRow("of fewer tokens") << steep << QList<float>{0, 5, 1, 0};
        QTest::newRow("of more tokens") << QList<float>{0, 5, 1, 0} << even;
        QTest::newRow("of others") << QList<float>{2, 1, 0, 0} << QList<float>{0, 0, 1, 1};
        QTest::newRow("sure") << steep << QList<float>{0, 1, 0, 0};
        QTest::newRow("sure and impossible")
            << QList<float>{2, 0, 3, 1} << QList<float>{0, 1, 0, 0};
    }
    void tokens_areOfTheModelsDistribution() {
        QFETCH(QList<float>, model);
        QFETCH(QList<float>, guesses);
        const auto wanted = candidatesOf({model.begin(), model.end()});
        const auto drawnFrom = candidatesOf({guesses.begin(), guesses.end()});
        const bool isSure = drawnFrom.size() == 1;
        constexpr int kDraws = 100'000;
        std::mt19937_64 random(7);
        std::uniform_real_distribution<double> uniform(0, 1);
        std::vector<float> scratch(4, 0.0F);
        std::vector<int> counts(4, 0);
        for (int draw = 0; draw < kDraws; ++draw) {
            auto candidates = wanted;
            DrawnGuess guess{pick(drawnFrom, uniform(random)), drawnFrom};
            if (isSure) guess.candidates = {};
            const RejectionDraws draws{uniform(random), uniform(random)};
            ++counts[static_cast<std::size_t>(pickAfterGuess(candidates, guess, draws, scratch))];
            QVERIFY(scratch == std::vector<float>(4, 0.0F));
        }
        double chiSquare = 0;
        int nCells = 0;
        for (std::size_t token = 0; token < counts.size(); ++token) {
            const auto place =
                std::ranges::find(wanted, static_cast<std::int32_t>(token), &Candidate::token);
            if (place == wanted.end()) {
                QCOMPARE(counts[token], 0);
                continue;
            }
            const double expected = static_cast<double>(place->probability) * kDraws;
            chiSquare += (counts[token] - expected) * (counts[token] - expected) / expected;
            ++nCells;
        }
        // Of 3 degrees of freedom one in 10,000 is above 21.
        QVERIFY2(chiSquare < 21, qPrintable(QString::number(chiSquare)));
        QVERIFY(nCells >= 2);
    }

    // As often as the two have in common.
    void guesses_standAsOftenAsTheyCan() {
        const auto wanted = candidatesOf({16, 8, 4, 1}), drawnFrom = candidatesOf({1, 4, 8, 16});
        double common = 0;
        for (std::size_t token = 0; token < 4; ++token)
            common += static_cast<double>(
                std::min(wanted[token].probability, drawnFrom[token].probability));
        constexpr int kDraws = 50'000;
        std::mt19937_64 random(8);
        std::uniform_real_distribution<double> uniform(0, 1);
        std::vector<float> scratch(4, 0.0F);
        int nStood = 0;
        for (int draw = 0; draw < kDraws; ++draw) {
            auto candidates = wanted;
            const DrawnGuess guess{pick(drawnFrom, uniform(random)), drawnFrom};
            const RejectionDraws draws{uniform(random), uniform(random)};
            nStood += pickAfterGuess(candidates, guess, draws, scratch) == guess.token ? 1 : 0;
        }
        // Five standard deviations of a binomial.
        const double spread = 5 * std::sqrt(common * (1 - common) / kDraws);
        QVERIFY(std::abs(static_cast<double>(nStood) / kDraws - common) < spread);
    }
};

QTEST_APPLESS_MAIN(RejectionTest)
#include "rejection_test.moc"
