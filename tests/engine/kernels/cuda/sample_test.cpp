// Penalties with the host sampler's bits, and the top candidates against a sort.
#include <QtTest>
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "engine/kernels/cuda/sample.h"
#include "engine/token/sampling_steps.h"
#include "tests/support/simt/control.h"

using namespace sotto;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

struct Candidates {
    std::vector<float> values;      // [nRows, k]
    std::vector<std::int32_t> ids;  // [nRows, k]
};

// With scratch of exactly the promised size.
Candidates topOf(const std::vector<float>& logits, std::int64_t nVocab, std::int32_t k) {
    const auto nRows = static_cast<std::int32_t>(std::ssize(logits) / nVocab);
    Candidates top{std::vector<float>(at(nRows * k)), std::vector<std::int32_t>(at(nRows * k))};
    std::vector<std::uint64_t> scratch(
        at(cuda::topCandidatesScratchBytes(nVocab, nRows, k)) / sizeof(std::uint64_t), ~0ull);
    cuda::TopCandidatesLaunch args;
    args.logits = logits.data();
    args.nVocab = nVocab;
    args.nRows = nRows;
    args.k = k;
    args.values = top.values.data();
    args.ids = top.ids.data();
    args.scratch = reinterpret_cast<std::byte*>(scratch.data());
    cuda::launchTopCandidates(args, {});
    return top;
}

// The first k ids of a row, by the rule of sample.h.
std::vector<std::int32_t> sortedIds(const float* logits, std::int64_t nVocab, std::int32_t k) {
    std::vector<std::int32_t> ids(at(nVocab));
    std::iota(ids.begin(), ids.end(), 0);
    const auto isBefore = [logits](std::int32_t left, std::int32_t right) {
        const float a = logits[left], b = logits[right];
        if (std::isnan(a) || std::isnan(b))
            return std::isnan(a) == std::isnan(b) ? left < right : std::isnan(b);
        return a != b ? a > b : left < right;
    };
    std::partial_sort(ids.begin(), ids.begin() + k, ids.end(), isBefore);
    ids.resize(at(k));
    return ids;
}

void compareWithSort(const std::vector<float>& logits, std::int64_t nVocab, std::int32_t k) {
    const Candidates top = topOf(logits, nVocab, k);
    for (std::int64_t row = 0; row * nVocab < std::ssize(logits); ++row) {
        const float* rowLogits = logits.data() + row * nVocab;
        const auto expected = sortedIds(rowLogits, nVocab, k);
        for (std::int32_t index = 0; index < k; ++index) {
            const auto place = at(row * k + index);
            QCOMPARE(top.ids[place], expected[at(index)]);
            QCOMPARE(std::memcmp(&top.values[place], rowLogits + top.ids[place], sizeof(float)), 0);
        }
    }
}

std::vector<float> randomLogits(std::int64_t nElements, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, 4.0f);
    std::vector<float> logits(at(nElements));
    for (float& logit : logits) logit = normal(random);
    return logits;
}

}  // namespace

class SampleTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void topCandidates_areThoseOfASort_data() {
        QTest::addColumn<int>("nVocab");
        QTest::addColumn<int>("nRows");
        QTest::addColumn<int>("k");
        QTest::newRow("one token") << 1 << 1 << 1;
        QTest::newRow("k = vocabulary") << 40 << 2 << 40;
        QTest::newRow("one block") << 4096 << 2 << 40;
        QTest::newRow("one more than a block") << 4097 << 1 << 20;
        QTest::newRow("greedy, 8 rows") << 32000 << 8 << 1;
        QTest::newRow("a real vocabulary") << 151936 << 1 << 40;
        QTest::newRow("the most candidates, a large second block") << 151936 << 1 << 256;
        QTest::newRow("a last part smaller than k") << 4096 * 2 + 10 << 1 << 256;
        QTest::newRow("three levels") << 4096 * 65 << 1 << 256;
    }
    void topCandidates_areThoseOfASort() {
        QFETCH(int, nVocab);
        QFETCH(int, nRows);
        QFETCH(int, k);
        compareWithSort(randomLogits(std::int64_t{nVocab} * nRows, 21), nVocab, k);
    }

    void topCandidates_orderTiesAndSpecialValues_data() {
        QTest::addColumn<int>("k");
        for (const int k : {1, 7, 64, 256}) QTest::addRow("k %d", k) << k;
    }
    void topCandidates_orderTiesAndSpecialValues() {
        QFETCH(int, k);
        constexpr std::int64_t kVocab = 9000;
        // Few distinct values, so that ties cross the borders of parts; zeros of both signs.
        std::vector<float> ties(kVocab);
        for (std::size_t index = 0; index < ties.size(); ++index)
            ties[index] = index * 7 % 11 < 9 ? -1.0f : index % 2 == 0 ? 0.0f : -0.0f;
        compareWithSort(ties, kVocab, k);
        compareWithSort(std::vector<float>(kVocab, 2.5f), kVocab, k);
        compareWithSort(std::vector<float>(kVocab, std::nanf("")), kVocab, k);
        compareWithSort(std::vector<float>(kVocab, -kInfinity), kVocab, k);
        std::vector<float> special(kVocab, std::nanf(""));
        special[8999] = kInfinity;
        special[17] = -kInfinity;
        special[4500] = FLT_MAX;
        special[3] = -FLT_MAX;
        special[5000] = 1e-45f;
        special[5001] = -1e-45f;
        compareWithSort(special, kVocab, k);
    }

    void topCandidates_fillUpWherePastTheVocabulary() {
        const Candidates top = topOf({3.0f, 5.0f, 4.0f}, 3, 6);
        QCOMPARE(top.ids, (std::vector<std::int32_t>{1, 2, 0, -1, -1, -1}));
        QCOMPARE(top.values, (std::vector<float>{5, 4, 3, -kInfinity, -kInfinity, -kInfinity}));
    }

    // The collection's order depends on the threads' order, the result must not.
    void topCandidates_areTheSameInAnyThreadOrder() {
        const std::vector<float> logits = randomLogits(2 * 10000, 5);
        for (const std::uint64_t seed : {1u, 2u, 3u}) {
            simt::setThreadOrderSeed(seed);
            compareWithSort(logits, 10000, 50);
            compareWithSort(logits, 10000, 1);
        }
    }

    void penalties_haveTheSamplersBits_data() {
        QTest::addColumn<float>("repeat");
        QTest::addColumn<float>("presence");
        QTest::addColumn<float>("frequency");
        QTest::newRow("repeat") << 1.1f << 0.0f << 0.0f;
        QTest::newRow("presence") << 1.0f << 0.7f << 0.0f;
        QTest::newRow("frequency") << 1.0f << 0.0f << 0.3f;
        QTest::newRow("all, rewards too") << 0.9f << -0.2f << 0.33f;
        QTest::newRow("overflow") << 1e30f << -3e38f << -1e38f;
    }
    void penalties_haveTheSamplersBits() {
        QFETCH(float, repeat);
        QFETCH(float, presence);
        QFETCH(float, frequency);
        constexpr std::int32_t kVocab = 300, kRows = 4;
        std::vector<float> logits = randomLogits(std::int64_t{kVocab} * kRows, 8);
        const float special[] = {std::nanf(""), kInfinity, -kInfinity, 0.0f, -0.0f, FLT_MAX, 3e38f};
        std::ranges::copy(special, logits.begin());
        const std::vector<float> before = logits;
        std::vector<float> expected = logits;
        std::vector<PenalizedToken> penalized;
        std::vector<cuda::DeviceChoice> choices(kRows);
        // The second row is fed with a token of its list, the third with another one.
        const std::vector<std::int32_t> fed{-1, 4, 299, -1};
        std::mt19937 random(6);
        SamplingSettings settings;
        settings.repeatPenalty = repeat;
        settings.presencePenalty = presence;
        settings.frequencyPenalty = frequency;
        for (std::int32_t row = 0; row < kRows; ++row) {
            std::vector<std::int32_t> window = {0, 1, 2, 3, 4, 5, 6, 0, 3};
            for (int index = 0; index < 150; ++index)
                window.push_back(static_cast<std::int32_t>(random() % (kVocab - 1)));
            std::vector<std::int32_t> seen(kVocab, 0);
            for (const std::int32_t token : window) ++seen[at(token)];
            cuda::DeviceChoice& choice = choices[at(row)];
            choice.isPenalizing = row < 3 ? 1 : 0;
            choice.repeatPenalty = repeat;
            choice.presencePenalty = presence;
            choice.frequencyPenalty = frequency;
            choice.firstPenalized = static_cast<std::int32_t>(penalized.size());
            for (std::int32_t token = 0; token < kVocab; ++token)
                if (seen[at(token)] > 0) penalized.push_back({token, seen[at(token)]});
            choice.nPenalized = static_cast<std::int32_t>(penalized.size()) - choice.firstPenalized;
            if (choice.isPenalizing == 0) continue;
            if (fed[at(row)] >= 0) window.push_back(fed[at(row)]);
            // The sampler cleans every logit first; the device those that are listed.
            const std::span<float> rowLogits(expected.data() + row * kVocab, kVocab);
            for (const std::int32_t token : window)
                rowLogits[at(token)] = cleanLogit(rowLogits[at(token)]);
            std::vector<std::uint32_t> scratch(kVocab, 0);
            applyPenalties(rowLogits, window, settings, scratch);
        }
        std::vector<cuda::RawLogit> raw(kRows * (kMaxPenalized + 1));
        cuda::PenalizeLaunch args;
        args.logits = logits.data();
        args.nVocab = kVocab;
        args.nRows = kRows;
        args.choices = choices.data();
        args.penalized = penalized.data();
        args.fedTokens = fed.data();
        args.raw = raw.data();
        cuda::launchPenalize(args, {});
        for (std::size_t index = 0; index < raw.size(); ++index)
            if (raw[index].token >= 0) {
                const std::size_t row = index / (kMaxPenalized + 1);
                QCOMPARE(std::memcmp(&raw[index].logit,
                                     &before[row * kVocab + at(raw[index].token)], sizeof(float)),
                         0);
            }
        for (std::size_t index = 0; index < logits.size(); ++index)
            QVERIFY2(std::memcmp(&logits[index], &expected[index], sizeof(float)) == 0,
                     qPrintable(QStringLiteral("%1: expected %2, actual %3")
                                    .arg(index)
                                    .arg(double{expected[index]}, 0, 'g', 10)
                                    .arg(double{logits[index]}, 0, 'g', 10)));
    }
};

QTEST_APPLESS_MAIN(SampleTest)
#include "sample_test.moc"
