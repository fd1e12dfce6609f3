// Perplexity and divergence by hand on distributions of a few tokens.
#include "engine/schedule/divergence_scores.h"

#include <QtTest>
#include <array>
#include <cmath>

using namespace sotto;

namespace {

constexpr std::size_t kTokens = 3;
using Row = std::array<float, kTokens>;

Row logOf(const std::array<double, kTokens>& probabilities) {
    Row row{};
    for (std::size_t token = 0; token < kTokens; ++token)
        row[token] = static_cast<float>(std::log(probabilities[token]));
    return row;
}

bool isNear(double actual, double expected) {
    // A few roundings of log-probabilities to float32, which are below 3.
    return std::fabs(actual - expected) <= 8 * 3 * 0x1p-24;
}

}  // namespace

class DivergenceScoresTest : public QObject {
    Q_OBJECT

private slots:
    void softmax_sumsUpToOneWhereTheLogitsAreLarge();
    void divergence_isItsDefinition();
    void statistics_areThoseOfTheField();
    void oneRow_hasNoErrors();
    void quantile_liesBetweenTwoValues();
};

void DivergenceScoresTest::softmax_sumsUpToOneWhereTheLogitsAreLarge() {
    const Row logits{300.0f, 301.0f, -500.0f};
    Row logs{};
    logSoftmax(logits, logs);
    const double second = 1 / (1 + std::exp(-1.0));
    QVERIFY(isNear(std::exp(double(logs[1])), second));
    QVERIFY(isNear(std::exp(double(logs[0])), 1 - second));
    QVERIFY(std::isfinite(logs[2]) && logs[2] < -800.0f);
    QCOMPARE(likeliestToken(logs), std::size_t{1});
    QCOMPARE(likeliestToken(Row{1.0f, 1.0f, 0.0f}), std::size_t{0});
}

void DivergenceScoresTest::divergence_isItsDefinition() {
    const Row reference = logOf({0.5, 0.25, 0.25}), own = logOf({0.25, 0.5, 0.25});
    QVERIFY(isNear(klDivergence(reference, own), 0.5 * std::log(2.0) - 0.25 * std::log(2.0)));
    QCOMPARE(klDivergence(reference, reference), 0.0);
}

// Two rows: of a token that the model finds half as likely, and of one that it finds twice as.
void DivergenceScoresTest::statistics_areThoseOfTheField() {
    DivergenceScores scores;
    scores.add(tokenDivergence(logOf({0.5, 0.25, 0.25}), logOf({0.25, 0.5, 0.25}), 0));
    scores.add(tokenDivergence(logOf({0.5, 0.25, 0.25}), logOf({0.5, 0.375, 0.125}), 2));
    QCOMPARE(scores.count(), std::int64_t{2});
    const DivergenceStatistics statistics = scores.statistics();
    const double first = 0.25 * std::log(2.0);
    const double second = 0.25 * std::log(0.25 / 0.375) + 0.25 * std::log(2.0);
    QVERIFY(isNear(statistics.klMean, (first + second) / 2));
    // Of two values half their distance.
    QVERIFY(isNear(statistics.klError, std::fabs(first - second) / 2));
    QVERIFY(isNear(statistics.klMedian, (first + second) / 2));
    QVERIFY(isNear(statistics.klMax, first));
    QCOMPARE(statistics.top1Agreement, 0.5);
    QCOMPARE(statistics.top1Error, 0.5);
    // Both halve: 0.5 to 0.25 and 0.25 to 0.125.
    QVERIFY(isNear(statistics.logPerplexityRatio, std::log(2.0)));
    QVERIFY(isNear(statistics.perplexityRatio, 2.0));
    QVERIFY(statistics.perplexityRatioError < 1e-3);
    QVERIFY(isNear(statistics.deltaPMean, (-0.25 - 0.125) / 2));
    QVERIFY(isNear(statistics.deltaPError, 0.125 / 2));
    QVERIFY(isNear(statistics.deltaPRms, std::sqrt((0.25 * 0.25 + 0.125 * 0.125) / 2)));
    QVERIFY(isNear(statistics.deltaP.front(), -0.25));
    QVERIFY(isNear(statistics.deltaP.back(), -0.125));
}

void DivergenceScoresTest::oneRow_hasNoErrors() {
    DivergenceScores scores;
    scores.add(tokenDivergence(logOf({0.5, 0.25, 0.25}), logOf({0.25, 0.5, 0.25}), 1));
    const DivergenceStatistics statistics = scores.statistics();
    QCOMPARE(statistics.klError, 0.0);
    QCOMPARE(statistics.top1Error, 0.0);
    QCOMPARE(statistics.perplexityRatioError, 0.0);
    QCOMPARE(statistics.klMedian, statistics.klMax);
    PerplexityScores perplexity;
    perplexity.add(std::log(0.25));
    QVERIFY(std::fabs(perplexity.perplexity() - 4) < 1e-12);
    QCOMPARE(perplexity.standardError(), 0.0);
}

void DivergenceScoresTest::quantile_liesBetweenTwoValues() {
    const std::array<double, 4> sorted{1, 2, 4, 8};
    QCOMPARE(quantile(sorted, 0), 1.0);
    QCOMPARE(quantile(sorted, 0.5), 3.0);
    QCOMPARE(quantile(sorted, 0.25), 1.75);
    QCOMPARE(quantile(sorted, 1), 8.0);
}

QTEST_APPLESS_MAIN(DivergenceScoresTest)
#include "divergence_scores_test.moc"
