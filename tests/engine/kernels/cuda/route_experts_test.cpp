// route_experts: the choice against a plain sort and a softmax in double, the router against
// double, and the promise that neither logits nor neighbours lead to another row's experts.
#include "engine/kernels/cuda/route_experts.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

#include "engine/kernels/cuda/linear_rows.h"
#include "tests/support/compare.h"
#include "tests/support/simt/control.h"
#include "tests/support/simt/hopper.h"

using namespace sotto;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kRounding = 0x1p-24;

struct Routed {
    std::vector<float> logits;
    std::vector<std::int32_t> experts;
    std::vector<float> weights;

    Routed(std::int64_t nTokens, const ExpertChoice& choice)
        : logits(static_cast<std::size_t>(nTokens * choice.nExperts), kNan),
          experts(static_cast<std::size_t>(nTokens * choice.nUsed), -7),
          weights(experts.size(), kNan) {}

    cuda::ChosenExperts chosen() { return {experts.data(), weights.data()}; }
    bool operator==(const Routed& other) const {
        return experts == other.experts &&
               test::firstBitDifference(weights, other.weights) == weights.size() &&
               test::firstBitDifference(logits, other.logits) == logits.size();
    }
};

Routed choose(const std::vector<float>& logits, std::int64_t nTokens, const ExpertChoice& choice) {
    Routed routed(nTokens, choice);
    routed.logits = logits;
    cuda::launchChooseExperts({routed.logits.data(), nTokens, choice, routed.chosen()},
                              {nullptr, true});
    return routed;
}

// The experts as the definition says: sorted by logit, the lower index first, NaN as -infinity.
std::vector<std::int32_t> expectedExperts(const float* logits, const ExpertChoice& choice) {
    const auto valueOf = [&](std::int32_t expert) {
        return std::isnan(logits[expert]) ? -kInfinity : logits[expert];
    };
    std::vector<std::int32_t> order(static_cast<std::size_t>(choice.nExperts));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t a, std::int32_t b) { return valueOf(a) > valueOf(b); });
    order.resize(static_cast<std::size_t>(choice.nUsed));
    return order;
}

// Weights of finite logits. A difference of logits is rounded once, exp() is good to two units in
// the last place (4 half units), a lane adds 16 terms and the warp five times, one division.
void checkWeights(const Routed& routed, std::int64_t token, const ExpertChoice& choice) {
    const float* const logits = routed.logits.data() + token * choice.nExperts;
    const auto begin = static_cast<std::size_t>(token * choice.nUsed);
    const double highest = logits[routed.experts[begin]];
    double sum = 0;
    double sumOfErrors = 0;
    const auto add = [&](std::int32_t expert) {
        const double term = std::exp(logits[expert] - highest);
        sum += term;
        sumOfErrors += term * (highest - logits[expert] + 4 + 21) * kRounding;
    };
    for (std::int32_t index = 0; index < (choice.isNormalized ? choice.nUsed : choice.nExperts);
         ++index)
        add(choice.isNormalized ? routed.experts[begin + static_cast<std::size_t>(index)] : index);
    for (std::int32_t place = 0; place < choice.nUsed; ++place) {
        const std::size_t index = begin + static_cast<std::size_t>(place);
        const double below = highest - logits[routed.experts[index]];
        const double expected = std::exp(-below) / sum;
        const double bound =
            expected * ((below + 4 + 2) * kRounding + sumOfErrors / sum) * 1.01 + 0x1p-126;
        QVERIFY2(std::fabs(routed.weights[index] - expected) <= bound,
                 qPrintable(QString("token %1, place %2: expected %3, got %4")
                                .arg(token)
                                .arg(place)
                                .arg(expected)
                                .arg(static_cast<double>(routed.weights[index]))));
    }
}

// Hidden rows and a router; pointers may be one float off their alignment.
struct RouterCase {
    int nTokens, nCols;
    ExpertChoice choice;
    float epsilon = 1e-5f;
    int offset = 0;
    std::vector<float> hidden, norm, router;

    RouterCase(std::mt19937& random, int tokens, int cols, const ExpertChoice& experts)
        : nTokens(tokens), nCols(cols), choice(experts) {
        const auto fill = [&](std::int64_t count, float scale) {
            std::normal_distribution<float> normal;
            std::vector<float> values(static_cast<std::size_t>(count));
            for (float& value : values)
                value = scale * normal(random) * (random() % 61 == 0 ? 30.0f : 1.0f);
            return values;
        };
        hidden = fill(std::int64_t{nTokens} * nCols, 3.0f);
        norm = fill(nCols, 1.0f);
        router = fill(std::int64_t{choice.nExperts} * nCols, 0.1f);
    }

    Routed run(std::int32_t* finishedBlocks) const {
        const auto shifted = [&](const std::vector<float>& values) {
            std::vector<float> result(static_cast<std::size_t>(offset), kNan);
            result.insert(result.end(), values.begin(), values.end());
            return result;
        };
        const std::vector<float> ownHidden = shifted(hidden);
        const std::vector<float> ownNorm = shifted(norm);
        const std::vector<float> ownRouter = shifted(router);
        Routed routed(nTokens, choice);
        cuda::RouteRowsLaunch args;
        args.hidden = ownHidden.data() + offset;
        args.normWeight = ownNorm.data() + offset;
        args.normEpsilon = epsilon;
        args.router = ownRouter.data() + offset;
        args.nTokens = nTokens;
        args.nCols = nCols;
        args.choice = choice;
        args.logits = routed.logits.data();
        args.finishedBlocks = finishedBlocks;
        args.chosen = routed.chosen();
        cuda::launchRouteRows(args, {nullptr, true});
        return routed;
    }
    Routed run() const {
        std::int32_t finishedBlocks = 0;
        Routed routed = run(&finishedBlocks);
        if (finishedBlocks != 0) qFatal("the counter was not left at zero");
        return routed;
    }
    RouterCase rowsOf(const std::vector<int>& tokens) const {
        RouterCase some = *this;
        some.nTokens = static_cast<int>(tokens.size());
        some.hidden.clear();
        for (const int token : tokens)
            some.hidden.insert(some.hidden.end(), hidden.begin() + token * nCols,
                               hidden.begin() + (token + 1) * nCols);
        return some;
    }

    // A thread's fused multiply-adds (four per 1024 columns), five steps of the warp, eight warps,
    // one rounding of hidden * norm. The squares' sum has as many and passes a root (half of its
    // relative error), with a division, an addition, root, inverse and product besides.
    void checkLogits(const Routed& routed) const {
        const double nRoundings = 4.0 * std::ceil(nCols / 1024.0) + 5 + 8 + 1;
        for (int token = 0; token < nTokens; ++token) {
            const float* const x = hidden.data() + token * nCols;
            double squares = 0;
            for (int col = 0; col < nCols; ++col) squares += double(x[col]) * x[col];
            const double factor = 1 / std::sqrt(squares / nCols + double(epsilon));
            for (int expert = 0; expert < choice.nExperts; ++expert) {
                const float* const row = router.data() + expert * nCols;
                double sum = 0, size = 0;
                for (int col = 0; col < nCols; ++col) {
                    const double term =
                        double(row[col]) * x[col] * norm[static_cast<std::size_t>(col)];
                    sum += term;
                    size += std::fabs(term);
                }
                const double bound = (nRoundings * size + (nRoundings / 2 + 6) * std::fabs(sum)) *
                                     factor * kRounding;
                const double actual =
                    routed.logits[static_cast<std::size_t>(token * choice.nExperts + expert)];
                QVERIFY2(std::fabs(actual - sum * factor) <= bound,
                         qPrintable(QString("token %1, expert %2: expected %3, got %4")
                                        .arg(token)
                                        .arg(expert)
                                        .arg(sum * factor)
                                        .arg(actual)));
            }
        }
    }
};

}  // namespace

class RouteExpertsTest : public QObject {
    Q_OBJECT

private slots:
    // Overlapping launches: every kernel must wait for what it reads.
    void init() {
        simt::reset();
        simt::useHopper();
    }

    void choice_isTheSoftmaxOfTheHighest_data() {
        QTest::addColumn<int>("nExperts");
        QTest::addColumn<int>("nUsed");
        QTest::addColumn<int>("nTokens");
        QTest::addColumn<bool>("isNormalized");
        QTest::addColumn<bool>("hasTies");
        for (const auto& [nExperts, nUsed, nTokens] : {std::tuple{1, 1, 1},
                                                       {2, 1, 3},
                                                       {8, 2, 17},
                                                       {31, 31, 8},
                                                       {32, 8, 9},
                                                       {33, 11, 2},
                                                       {128, 8, 7},
                                                       {129, 32, 8},
                                                       {512, 10, 3},
                                                       {500, 32, 1}})
            for (const bool isNormalized : {true, false})
                for (const bool hasTies : {true, false})
                    QTest::addRow("%d of %d, %d tokens%s%s", nUsed, nExperts, nTokens,
                                  isNormalized ? ", normalized" : "", hasTies ? ", ties" : "")
                        << nExperts << nUsed << nTokens << isNormalized << hasTies;
    }
    void choice_isTheSoftmaxOfTheHighest() {
        QFETCH(int, nExperts);
        QFETCH(int, nUsed);
        QFETCH(int, nTokens);
        QFETCH(bool, isNormalized);
        QFETCH(bool, hasTies);
        const ExpertChoice choice{
            .nExperts = nExperts, .nUsed = nUsed, .isNormalized = isNormalized};
        std::mt19937 random(static_cast<unsigned>(nExperts + nUsed));
        std::normal_distribution<float> normal;
        std::vector<float> logits(static_cast<std::size_t>(nTokens * nExperts));
        // Rows of all sizes, the widest over several hundred; ties by few different values, zeros
        // of both signs among them.
        for (std::size_t index = 0; index < logits.size(); ++index) {
            const float scale =
                std::exp2(static_cast<float>(index / static_cast<std::size_t>(nExperts) % 8));
            logits[index] = scale * normal(random);
            if (hasTies) logits[index] = std::round(2.0f * normal(random)) * -0.5f;
        }
        const Routed routed = choose(logits, nTokens, choice);
        for (int token = 0; token < nTokens; ++token) {
            const std::vector<std::int32_t> expected =
                expectedExperts(logits.data() + token * nExperts, choice);
            QVERIFY(std::equal(expected.begin(), expected.end(),
                               routed.experts.begin() + token * nUsed));
            checkWeights(routed, token, choice);
            if (QTest::currentTestFailed()) return;
        }
        for (const std::uint64_t seed : {1, 2}) {
            simt::setThreadOrderSeed(seed);
            QVERIFY(choose(logits, nTokens, choice) == routed);
        }
    }

    // NaN, infinities, nothing possible at all: distinct experts in the order of the definition,
    // and weights that are numbers.
    void strangeLogits_giveExpertsInRange() {
        const ExpertChoice choices[] = {
            {40, 6, true}, {40, 6, false}, {200, 32, true}, {6, 6, false}};
        const float values[] = {kNan,
                                -kNan,
                                kInfinity,
                                -kInfinity,
                                std::numeric_limits<float>::max(),
                                std::numeric_limits<float>::lowest(),
                                0.0f,
                                -0.0f,
                                1.0f};
        std::mt19937 random(5);
        for (const ExpertChoice& choice : choices) {
            // A row of each value alone, then mixtures.
            constexpr int kTokens = 30;
            std::vector<float> logits(static_cast<std::size_t>(kTokens * choice.nExperts));
            for (std::size_t index = 0; index < logits.size(); ++index) {
                const std::size_t token = index / static_cast<std::size_t>(choice.nExperts);
                logits[index] =
                    values[token < std::size(values) ? token : random() % std::size(values)];
            }
            const Routed routed = choose(logits, kTokens, choice);
            for (int token = 0; token < kTokens; ++token) {
                const auto first = routed.experts.begin() + token * choice.nUsed;
                const std::vector<std::int32_t> expected =
                    expectedExperts(logits.data() + token * choice.nExperts, choice);
                QVERIFY(std::equal(expected.begin(), expected.end(), first));
                double sum = 0;
                for (int place = 0; place < choice.nUsed; ++place) {
                    const float weight =
                        routed.weights[static_cast<std::size_t>(token * choice.nUsed + place)];
                    QVERIFY(weight >= 0.0f && weight <= 1.0f);
                    // All alike: all the same.
                    if (token < static_cast<int>(std::size(values)))
                        QCOMPARE(weight,
                                 1.0f / static_cast<float>(choice.isNormalized ? choice.nUsed
                                                                               : choice.nExperts));
                    sum += weight;
                }
                if (choice.isNormalized) QVERIFY(std::fabs(sum - 1.0) <= 32 * kRounding);
            }
        }
    }

    void router_isTheNormedProduct_data() {
        QTest::addColumn<int>("nTokens");
        QTest::addColumn<int>("nCols");
        QTest::addColumn<int>("nExperts");
        QTest::addColumn<int>("nUsed");
        QTest::addColumn<int>("offset");
        QTest::newRow("one expert") << 1 << 32 << 1 << 1 << 0;
        QTest::newRow("8 of 128") << 1 << 256 << 128 << 8 << 0;
        QTest::newRow("2 of 8, wide") << 2 << 2304 << 8 << 2 << 0;
        QTest::newRow("odd columns") << 7 << 1027 << 9 << 3 << 0;
        QTest::newRow("unaligned") << 8 << 2052 << 5 << 5 << 1;
        QTest::newRow("odd and wide") << 3 << 3073 << 4 << 1 << 1;
        QTest::newRow("10 of 200") << 8 << 64 << 200 << 10 << 0;
    }
    void router_isTheNormedProduct() {
        QFETCH(int, nTokens);
        QFETCH(int, nCols);
        QFETCH(int, nExperts);
        QFETCH(int, nUsed);
        QFETCH(int, offset);
        std::mt19937 random(static_cast<unsigned>(nCols));
        RouterCase routing(random, nTokens, nCols, {nExperts, nUsed, nUsed % 2 == 0});
        routing.offset = offset;
        const Routed routed = routing.run();
        routing.checkLogits(routed);
        if (QTest::currentTestFailed()) return;
        // From here on the choice is that of the other kernel.
        QVERIFY(choose(routed.logits, nTokens, routing.choice) == routed);
        // Blocks in any order, the counter used again and again.
        std::int32_t finishedBlocks = 0;
        for (const std::uint64_t seed : {0, 1, 2, 3}) {
            simt::setThreadOrderSeed(seed);
            QVERIFY(routing.run(&finishedBlocks) == routed);
            QCOMPARE(finishedBlocks, 0);
        }
        // A pointer's alignment changes the loads, not the order of the sums.
        routing.offset = 1 - offset;
        QVERIFY(routing.run() == routed);
    }

    void rows_doNotDependOnEachOther() {
        std::mt19937 random(11);
        RouterCase all(random, 8, 1280, {12, 3, true});
        // A broken row breaks no other.
        std::fill_n(all.hidden.begin() + 3 * all.nCols, all.nCols, kNan);
        all.hidden[static_cast<std::size_t>(5 * all.nCols + 17)] = kInfinity;
        const Routed expected = all.run();
        for (const int broken : {3, 5})
            for (int place = 0; place < 3; ++place)
                QCOMPARE(expected.experts[static_cast<std::size_t>(broken * 3 + place)], place);
        for (int nTokens = 1; nTokens <= 8; ++nTokens) {
            std::vector<int> tokens;
            for (int index = 0; index < nTokens; ++index)
                tokens.push_back((5 * index + nTokens) % 8);
            const Routed some = all.rowsOf(tokens).run();
            for (int index = 0; index < nTokens; ++index) {
                const int token = tokens[static_cast<std::size_t>(index)];
                QCOMPARE(std::memcmp(&some.logits[static_cast<std::size_t>(index * 12)],
                                     &expected.logits[static_cast<std::size_t>(token * 12)],
                                     12 * sizeof(float)),
                         0);
                for (int place = 0; place < 3; ++place) {
                    const auto at = static_cast<std::size_t>(index * 3 + place);
                    const auto from = static_cast<std::size_t>(token * 3 + place);
                    QCOMPARE(some.experts[at], expected.experts[from]);
                    QCOMPARE(std::memcmp(&some.weights[at], &expected.weights[from], 4), 0);
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(RouteExpertsTest)
#include "route_experts_test.moc"
