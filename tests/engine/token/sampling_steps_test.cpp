// Every sampling step against its definition (naive_sampling.h) on random logits with ties,
// outliers and impossible tokens.
#include "engine/token/sampling_steps.h"

#include <QtTest>
#include <limits>
#include <random>

#include "engine/token/dry_penalty.h"
#include "engine/token/fast_exp.h"
#include "engine/token/philox.h"
#include "tests/engine/token/naive_sampling.h"

using namespace sotto;
using namespace sotto::test;

namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

// Sizes around the chunk of 256 that the partial selection starts with.
const std::vector<std::size_t> kSizes{1, 2, 3, 17, 255, 256, 257, 1000, 5000};

// Rounded to eighths, so that ties are common; some outliers.
std::vector<float> randomLogits(std::size_t nVocab, std::uint64_t seed, float scale) {
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal(0, scale);
    std::vector<float> logits(nVocab);
    for (float& logit : logits) logit = std::round(normal(random) * 8) / 8;
    if (nVocab > 10) logits[7] = 9 * scale;
    return logits;
}

std::vector<Candidate> candidatesOf(const std::vector<float>& logits) {
    std::vector<Candidate> candidates;
    for (std::size_t token = 0; token < logits.size(); ++token) {
        candidates.push_back({static_cast<std::int32_t>(token), logits[token], 0});
    }
    return candidates;
}

NaiveCandidates naiveOf(const std::vector<float>& logits) {
    NaiveCandidates candidates;
    for (std::size_t token = 0; token < logits.size(); ++token) {
        candidates.push_back({static_cast<std::int32_t>(token), logits[token]});
    }
    return candidates;
}

std::vector<std::int32_t> tokensOf(std::span<const Candidate> candidates) {
    std::vector<std::int32_t> tokens;
    for (const auto& candidate : candidates) tokens.push_back(candidate.token);
    return tokens;
}

std::vector<std::int32_t> tokensOf(const NaiveCandidates& candidates) {
    std::vector<std::int32_t> tokens;
    for (const auto& candidate : candidates) tokens.push_back(candidate.token);
    return tokens;
}

// Where the sum of probabilities meets the bound within float rounding, either count is right:
// float sums of n terms stray by up to about n * 2^-24. Otherwise the lists must be equal.
void compareKept(const std::vector<std::int32_t>& actual, const std::vector<std::int32_t>& expected,
                 std::size_t nVocab) {
    if (actual == expected) return;
    const auto nShorter = static_cast<std::ptrdiff_t>(std::min(actual.size(), expected.size()));
    QVERIFY2(std::equal(actual.begin(), actual.begin() + nShorter, expected.begin()),
             "not even the beginnings agree");
    const auto nDifferent =
        std::max(actual.size(), expected.size()) - static_cast<std::size_t>(nShorter);
    QVERIFY2(nDifferent <= 1 + nVocab / 2000,
             qPrintable(QString("%1 kept, expected %2").arg(actual.size()).arg(expected.size())));
}

}  // namespace

class SamplingStepsTest : public QObject {
    Q_OBJECT

private slots:
    void philox_knownAnswers();
    void uniform_isInsideAndDependsOnBoth();
    void fastExp_isWithinTwoUnits();
    void cleanLogit_leavesNoNan();
    void logitBias_addsAndIgnoresOutside();
    void penalties_matchDefinition();
    void dry_matchesDefinition_data();
    void dry_matchesDefinition();
    void dry_sequenceBreakerEndsRepeat();
    void dry_longRepeatStaysFinite();
    void argmax_firstOfEqualsWins();
    void softmax_matchesDefinition();
    void topK_matchesDefinition();
    void topP_matchesDefinition();
    void minP_matchesDefinition();
    void typical_matchesDefinition();
    void steps_keepAtLeastOne();
    void pick_followsRunningSum();
};

void SamplingStepsTest::philox_knownAnswers() {
    // The vectors published with Random123 (kat_vectors, philox4x32 10).
    using Words = std::array<std::uint32_t, 4>;
    QCOMPARE(philox4x32({0, 0, 0, 0}, {0, 0}),
             (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    constexpr std::uint32_t kOnes = 0xffffffff;
    QCOMPARE(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
             (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    QCOMPARE(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
             (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

void SamplingStepsTest::uniform_isInsideAndDependsOnBoth() {
    double sum = 0;
    for (std::uint64_t position = 0; position < 10000; ++position) {
        const double value = uniformAt(42, position);
        QVERIFY(value >= 0 && value < 1);
        sum += value;
    }
    // Mean of 10000 uniforms: 0.5 with standard deviation 0.0029; five of them.
    QVERIFY(std::abs(sum / 10000 - 0.5) < 0.0145);
    QVERIFY(uniformAt(1, 5) != uniformAt(2, 5));
    QVERIFY(uniformAt(1, 5) != uniformAt(1, 6));
    QVERIFY(uniformAt(1, 5) != uniformAt(1ULL << 32U, 5));
    QVERIFY(uniformAt(1, 5) != uniformAt(1, 5 + (1ULL << 32U)));
}

void SamplingStepsTest::fastExp_isWithinTwoUnits() {
    for (int step = 0; step < 87'000; ++step) {
        const float x = -static_cast<float>(step) * 1e-3F;
        const double expected = std::exp(static_cast<double>(x));
        // Two units in the last place: 2 * 2^-23.
        QVERIFY2(std::abs(expOfNonPositive(x) - expected) <= 2.4e-7 * expected,
                 qPrintable(QString::number(static_cast<double>(x))));
    }
    QCOMPARE(expOfNonPositive(0.0F), 1.0F);
    QVERIFY(expOfNonPositive(kNever) < 2e-38F);
    QVERIFY(expOfNonPositive(-1e30F) < 2e-38F);
}

void SamplingStepsTest::cleanLogit_leavesNoNan() {
    QCOMPARE(cleanLogit(std::nanf("")), kNever);
    QCOMPARE(cleanLogit(kNever), kNever);
    QCOMPARE(cleanLogit(-kNever), std::numeric_limits<float>::max());
    QCOMPARE(cleanLogit(1.5F), 1.5F);
}

void SamplingStepsTest::logitBias_addsAndIgnoresOutside() {
    std::vector<float> logits{1, 2, 3};
    const std::vector<std::pair<std::int32_t, float>> biases{
        {0, 0.5F}, {0, 0.25F}, {2, kNever}, {-1, 9}, {3, 9}};
    applyLogitBias(logits, biases);
    QCOMPARE(logits, (std::vector<float>{1.75F, 2, kNever}));
}

void SamplingStepsTest::penalties_matchDefinition() {
    std::mt19937_64 random(3);
    for (const std::size_t nVocab : {2, 50, 1000}) {
        for (const float repeat : {1.0F, 1.3F, 0.5F}) {
            SamplingSettings settings;
            settings.repeatPenalty = repeat;
            settings.presencePenalty = 0.75F;
            settings.frequencyPenalty = -0.25F;
            std::vector<float> logits = randomLogits(nVocab, nVocab, 4);
            std::vector<double> expected(logits.begin(), logits.end());
            std::vector<std::int32_t> window(64);
            for (auto& token : window) token = static_cast<std::int32_t>(random() % nVocab);
            std::vector<std::uint32_t> counts(nVocab, 0);
            applyPenalties(logits, window, settings, counts);
            naivePenalties(expected, window, settings);
            for (std::size_t token = 0; token < nVocab; ++token) {
                // Three float operations on values below 64: 3 * 64 * 2^-24 at most.
                QVERIFY(std::abs(logits[token] - expected[token]) < 1.2e-5);
                QCOMPARE(counts[token], 0U);
            }
        }
    }
    std::vector<float> logits{1, 2};
    std::vector<std::uint32_t> counts(2, 0);
    applyPenalties(logits, std::vector<std::int32_t>{-1, 2, 100}, SamplingSettings{}, counts);
    QCOMPARE(logits, (std::vector<float>{1, 2}));
}

void SamplingStepsTest::dry_matchesDefinition_data() {
    QTest::addColumn<int>("nVocab");
    QTest::addColumn<int>("nHistory");
    QTest::addColumn<int>("allowedLength");
    for (const int nVocab : {1, 2, 3, 6}) {
        for (const int nHistory : {0, 1, 2, 5, 60}) {
            for (const int allowed : {1, 2, 4}) {
                QTest::addRow("%d tokens, %d long, %d", nVocab, nHistory, allowed)
                    << nVocab << nHistory << allowed;
            }
        }
    }
}

void SamplingStepsTest::dry_matchesDefinition() {
    QFETCH(int, nVocab);
    QFETCH(int, nHistory);
    QFETCH(int, allowedLength);
    std::mt19937_64 random(static_cast<std::uint64_t>(nVocab * 100 + nHistory));
    DrySettings settings;
    settings.multiplier = 0.8F;
    settings.base = 1.25F;
    settings.allowedLength = allowedLength;
    DryPenalty dry;
    dry.reserve(static_cast<std::size_t>(nVocab), 64);
    for (int round = 0; round < 30; ++round) {
        std::vector<std::int32_t> history;
        for (int place = 0; place < nHistory; ++place) {
            history.push_back(static_cast<std::int32_t>(random() % static_cast<unsigned>(nVocab)));
        }
        std::vector<std::int32_t> breakers;
        if (round % 3 == 1) breakers = {0};
        settings.lastTokens = round % 5 == 4 ? 10 : -1;
        std::vector<float> logits(static_cast<std::size_t>(nVocab), 2.0F);
        std::vector<double> expected(logits.begin(), logits.end());
        dry.apply(logits, history, settings, {breakers, {}});
        std::vector<std::int32_t> window = history;
        if (settings.lastTokens >= 0 && window.size() > 10) {
            window.assign(history.end() - 10, history.end());
        }
        naiveDry(expected, window, settings, breakers);
        for (std::size_t token = 0; token < logits.size(); ++token) {
            const double magnitude = std::abs(expected[token]) + 2;
            QVERIFY(std::abs(logits[token] - expected[token]) < magnitude * 1e-6);
        }
    }
}

void SamplingStepsTest::dry_sequenceBreakerEndsRepeat() {
    // 1 2 3 4 … 1 2 3 -> 4 repeats three tokens; the breaker "2 3" leaves none after it.
    const std::vector<std::int32_t> history{1, 2, 3, 4, 5, 1, 2, 3};
    DrySettings settings;
    settings.multiplier = 1;
    settings.base = 2;
    DryPenalty dry;
    dry.reserve(6, 64);
    std::vector<float> logits(6, 0.0F);
    dry.apply(logits, history, settings, {});
    QCOMPARE(logits, (std::vector<float>{0, 0, 0, 0, -2, 0}));
    logits.assign(6, 0.0F);
    dry.apply(logits, history, settings, {{}, {{2, 3}}});
    QCOMPARE(logits, (std::vector<float>(6, 0.0F)));
    logits.assign(6, 0.0F);
    dry.apply(logits, history, settings, {{}, {{1, 2}}});
    QCOMPARE(logits, (std::vector<float>(6, 0.0F)));  // one token since the breaker: below 2
}

void SamplingStepsTest::dry_longRepeatStaysFinite() {
    const std::vector<std::int32_t> history(3000, 0);
    DrySettings settings;
    settings.multiplier = 5;
    DryPenalty dry;
    dry.reserve(2, 64);
    std::vector<float> logits{1, 2};
    dry.apply(logits, history, settings, {});
    QVERIFY(std::isfinite(logits[0]));
    QVERIFY(logits[0] < -1e30F);
    QCOMPARE(logits[1], 2.0F);
}

void SamplingStepsTest::argmax_firstOfEqualsWins() {
    QCOMPARE(argmax(std::vector<float>{1, 3, 3, 2}), 1);
    QCOMPARE(argmax(std::vector<float>{kNever, kNever}), 0);
    QCOMPARE(argmax(std::vector<float>{kNever, -5}), 1);
    QCOMPARE(argmax({}), 0);
}

void SamplingStepsTest::softmax_matchesDefinition() {
    for (const std::size_t nVocab : kSizes) {
        auto logits = randomLogits(nVocab, nVocab, 5);
        if (nVocab > 2) logits[1] = kNever;
        auto candidates = candidatesOf(logits);
        softmax(candidates);
        const auto expected = naiveSoftmax(naiveOf(logits));
        for (std::size_t token = 0; token < nVocab; ++token) {
            // One float exp (2 ulp), two products: a few 2^-24 relative.
            QVERIFY(std::abs(candidates[token].probability - expected[token]) <=
                    5e-7 * expected[token] + 2e-38);
        }
    }
    std::vector<Candidate> impossible{{0, kNever, 0}, {1, kNever, 0}};
    softmax(impossible);
    QCOMPARE(impossible[0].probability, 0.5F);
}

void SamplingStepsTest::topK_matchesDefinition() {
    for (const std::size_t nVocab : kSizes) {
        for (const int k : {0, 1, 2, 40, 256, 100000}) {
            const auto logits = randomLogits(nVocab, nVocab, 2);
            auto candidates = candidatesOf(logits);
            const auto nKept = keepTopK(candidates, k);
            QCOMPARE(tokensOf(std::span(candidates).first(nKept)),
                     tokensOf(naiveTopK(naiveOf(logits), k)));
        }
    }
}

void SamplingStepsTest::topP_matchesDefinition() {
    for (const std::size_t nVocab : kSizes) {
        for (const float scale : {0.01F, 1.0F, 5.0F}) {
            for (const float p : {0.0F, 0.1F, 0.5F, 0.95F, 0.999F, 1.0F}) {
                const auto logits = randomLogits(nVocab, nVocab, scale);
                auto candidates = candidatesOf(logits);
                const auto nKept = keepTopP(candidates, p);
                compareKept(tokensOf(std::span(candidates).first(nKept)),
                            tokensOf(naiveTopP(naiveOf(logits), p)), nVocab);
            }
        }
    }
}

void SamplingStepsTest::minP_matchesDefinition() {
    for (const std::size_t nVocab : kSizes) {
        // Bounds that no rounded logit meets exactly: ln(0.05) * 8 and the others are not whole.
        for (const float p : {0.0F, 0.05F, 0.3F, 0.9F, 1.0F}) {
            const auto logits = randomLogits(nVocab, nVocab, 2);
            auto candidates = candidatesOf(logits);
            const auto nKept = keepMinP(candidates, p);
            QCOMPARE(tokensOf(std::span(candidates).first(nKept)),
                     tokensOf(naiveMinP(naiveOf(logits), p)));
        }
    }
}

void SamplingStepsTest::typical_matchesDefinition() {
    for (const std::size_t nVocab : kSizes) {
        for (const float scale : {0.5F, 2.0F, 5.0F}) {
            for (const float p : {0.1F, 0.5F, 0.9F, 1.0F}) {
                const auto logits = randomLogits(nVocab, nVocab, scale);
                auto candidates = candidatesOf(logits);
                const auto nKept = keepTypical(candidates, p);
                auto actual = tokensOf(std::span(candidates).first(nKept));
                auto expected = tokensOf(naiveTypical(naiveOf(logits), p));
                // As sets: rounding moves candidates in and out at the border only.
                std::sort(actual.begin(), actual.end());
                std::sort(expected.begin(), expected.end());
                std::vector<std::int32_t> different;
                std::set_symmetric_difference(actual.begin(), actual.end(), expected.begin(),
                                              expected.end(), std::back_inserter(different));
                QVERIFY2(different.size() <= 2 + nVocab / 1000,
                         qPrintable(QString("%1 of %2").arg(different.size()).arg(nVocab)));
            }
        }
    }
}

void SamplingStepsTest::steps_keepAtLeastOne() {
    for (const float logit : {kNever, 0.0F, -1e30F}) {
        std::vector<Candidate> candidates(300, Candidate{0, logit, 0});
        QVERIFY(keepTopK(candidates, 1) == 1);
        QVERIFY(keepTopP(candidates, 0.0F) >= 1);
        QVERIFY(keepMinP(candidates, 1.0F) >= 1);
        QVERIFY(keepTypical(candidates, 0.01F) >= 1);
        applyTemperature(candidates, 1e-30F);
        softmax(candidates);
        for (const auto& candidate : candidates) QVERIFY(!std::isnan(candidate.probability));
    }
}

void SamplingStepsTest::pick_followsRunningSum() {
    const std::vector<Candidate> candidates{
        {5, 0, 0.25F}, {6, 0, 0}, {7, 0, 0.5F}, {8, 0, 0.25F}, {9, 0, 0}};
    QCOMPARE(pick(candidates, 0.0), 5);
    QCOMPARE(pick(candidates, 0.2499), 5);
    QCOMPARE(pick(candidates, 0.25), 7);
    QCOMPARE(pick(candidates, 0.7499), 7);
    QCOMPARE(pick(candidates, 0.75), 8);
    QCOMPARE(pick(candidates, 1.0), 8);  // beyond the sum: the last possible one
}

QTEST_APPLESS_MAIN(SamplingStepsTest)
#include "sampling_steps_test.moc"
