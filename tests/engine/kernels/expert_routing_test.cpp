// Which experts a row goes to on the processor, against a plain sort, and the places of the pairs.
#include "engine/kernels/cpu/expert_routing.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <set>

using namespace sotto;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Row {
    std::vector<std::int32_t> experts;
    std::vector<double> weights;
};

// By the definition of experts.h: all experts sorted, a softmax over all of them.
Row expectedRow(const std::vector<float>& logits, const ExpertChoice& choice) {
    std::vector<std::int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const auto valueOf = [&](std::int32_t expert) {
        const float logit = logits[static_cast<std::size_t>(expert)];
        return std::isnan(logit) ? -kInfinity : logit;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](auto left, auto right) { return valueOf(left) > valueOf(right); });
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double(logit) - valueOf(order.front()));
    Row row;
    double chosen = 0;
    for (std::int32_t n = 0; n < choice.nUsed; ++n) {
        const std::int32_t expert = order[static_cast<std::size_t>(n)];
        row.experts.push_back(expert);
        row.weights.push_back(
            std::exp(double(logits[static_cast<std::size_t>(expert)]) - valueOf(order.front())) /
            sum);
        chosen += row.weights.back();
    }
    if (choice.isNormalized)
        for (double& weight : row.weights) weight /= chosen;
    return row;
}

KernelLimits limitsFor(std::int64_t nTokens, const ExpertChoice& choice) {
    KernelLimits limits;
    limits.maxTokens = nTokens;
    limits.maxExperts = choice.nExperts;
    limits.maxExpertsUsed = choice.nUsed;
    return limits;
}

}  // namespace

class ExpertRoutingTest : public QObject {
    Q_OBJECT
private slots:
    void choose_takesTheMostProbable_data();
    void choose_takesTheMostProbable();
    void choose_whateverTheLogitsAre_takesExpertsThatExist();
    void places_areSortedByExpertAndPair();
};

void ExpertRoutingTest::choose_takesTheMostProbable_data() {
    QTest::addColumn<int>("nExperts");
    QTest::addColumn<int>("nUsed");
    QTest::addColumn<bool>("isNormalized");
    for (const auto& [nExperts, nUsed] :
         {std::pair{1, 1}, {2, 1}, {8, 2}, {8, 8}, {128, 8}, {512, 32}})
        for (const bool isNormalized : {true, false})
            QTest::addRow("%d of %d%s", nUsed, nExperts, isNormalized ? ", normalized" : "")
                << nExperts << nUsed << isNormalized;
}

void ExpertRoutingTest::choose_takesTheMostProbable() {
    QFETCH(int, nExperts);
    QFETCH(int, nUsed);
    QFETCH(bool, isNormalized);
    const ExpertChoice choice{.nExperts = nExperts, .nUsed = nUsed, .isNormalized = isNormalized};
    constexpr std::int64_t kTokens = 17;
    std::mt19937 random(static_cast<unsigned>(nExperts + nUsed));
    std::vector<float> logits;
    // Multiples of a quarter: many are equal.
    for (std::int64_t index = 0; index < kTokens * nExperts; ++index)
        logits.push_back(0.25f * static_cast<float>(static_cast<int>(random() % 41) - 20));
    cpu::ExpertRouting routing;
    routing.reserve(limitsFor(kTokens, choice));
    routing.choose(logits.data(), kTokens, choice);

    std::vector<std::int32_t> expertOfPair(static_cast<std::size_t>(kTokens * nUsed), -1);
    for (const cpu::ExpertGroup& group : routing.groups())
        for (std::int64_t place = group.firstPlace; place < group.firstPlace + group.nPlaces;
             ++place) {
            const std::int32_t pair = routing.pairOfPlace()[static_cast<std::size_t>(place)];
            expertOfPair[static_cast<std::size_t>(pair)] = group.expert;
        }
    for (std::int64_t token = 0; token < kTokens; ++token) {
        const auto first = logits.begin() + token * nExperts;
        const Row expected = expectedRow({first, first + nExperts}, choice);
        for (int n = 0; n < nUsed; ++n) {
            const auto pair = static_cast<std::size_t>(token * nUsed + n);
            QCOMPARE(expertOfPair[pair], expected.experts[static_cast<std::size_t>(n)]);
            const double weight = expected.weights[static_cast<std::size_t>(n)];
            // One rounding to float.
            QVERIFY(std::abs(routing.weights()[pair] - weight) <= 0x1p-24 * weight);
        }
    }
}

void ExpertRoutingTest::choose_whateverTheLogitsAre_takesExpertsThatExist() {
    const float nan = std::nanf("");
    const std::vector<std::vector<float>> rows{{nan, nan, nan, nan},
                                               {nan, 1, nan, 2},
                                               {kInfinity, kInfinity, 0, kInfinity},
                                               {-kInfinity, -kInfinity, -kInfinity, -kInfinity},
                                               {0, 0, 0, 0}};
    const ExpertChoice choice{.nExperts = 4, .nUsed = 3, .isNormalized = true};
    cpu::ExpertRouting routing;
    routing.reserve(limitsFor(1, choice));
    for (const auto& row : rows) {
        routing.choose(row.data(), 1, choice);
        std::set<std::int32_t> experts;
        for (const cpu::ExpertGroup& group : routing.groups()) experts.insert(group.expert);
        QCOMPARE(experts.size(), std::size_t{3});
        QVERIFY(*experts.begin() >= 0 && *experts.rbegin() < 4);
    }
    routing.choose(rows[1].data(), 1, {4, 2, true});
    QCOMPARE(routing.groups().size(), std::size_t{2});
    QCOMPARE(routing.groups()[0].expert, 1);
    QCOMPARE(routing.groups()[1].expert, 3);
}

void ExpertRoutingTest::places_areSortedByExpertAndPair() {
    const ExpertChoice choice{.nExperts = 6, .nUsed = 2, .isNormalized = true};
    // Tokens to experts 4 and 1, 1 and 0, 4 and 0.
    const std::vector<float> logits{0, 2, 0, 0, 3, 0, /**/ 2, 3, 0, 0, 0, 0, /**/ 2, 0, 0, 0, 3, 0};
    cpu::ExpertRouting routing;
    routing.reserve(limitsFor(3, choice));
    routing.choose(logits.data(), 3, choice);
    const std::vector<std::int32_t> pairs{3, 5, 1, 2, 0, 4};
    QVERIFY(std::ranges::equal(routing.pairOfPlace(), pairs));
    for (std::size_t place = 0; place < pairs.size(); ++place)
        QCOMPARE(routing.placeOfPair()[static_cast<std::size_t>(pairs[place])],
                 static_cast<std::int32_t>(place));
    const std::vector<std::int32_t> experts{0, 1, 4};
    QCOMPARE(routing.groups().size(), experts.size());
    for (std::size_t index = 0; index < experts.size(); ++index) {
        QCOMPARE(routing.groups()[index].expert, experts[index]);
        QCOMPARE(routing.groups()[index].firstPlace, static_cast<std::int64_t>(2 * index));
        QCOMPARE(routing.groups()[index].nPlaces, std::int64_t{2});
    }
}

QTEST_APPLESS_MAIN(ExpertRoutingTest)
#include "expert_routing_test.moc"
