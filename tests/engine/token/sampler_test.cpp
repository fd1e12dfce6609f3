// The whole sampling chain: reproducible, faithful to its definition in distribution, safe on
// broken logits, and without allocations once warm.
#include "engine/token/sampler.h"

#include <QtTest>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>
#include <random>

#include "tests/engine/token/naive_sampling.h"

using namespace sotto;
using namespace sotto::test;

namespace {

std::atomic<std::int64_t> allocationCount{0};
constexpr float kNever = -std::numeric_limits<float>::infinity();

std::vector<float> randomLogits(std::size_t nVocab, std::uint64_t seed, float scale = 3) {
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal(0, scale);
    std::vector<float> logits(nVocab);
    for (float& logit : logits) logit = normal(random);
    return logits;
}

SamplingSettings greedySettings() {
    SamplingSettings settings;
    settings.temperature = 0;
    return settings;
}

}  // namespace

// Counts what the code under test allocates; replaces the global operators of this program only.
void* operator new(std::size_t size) {
    ++allocationCount;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocationCount;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

class SamplerTest : public QObject {
    Q_OBJECT

private slots:
    void greedy_firstOfEqualsWins();
    void greedy_obeysBiasAndPenalties();
    void sample_frequenciesFollowDefinition_data();
    void sample_frequenciesFollowDefinition();
    void sample_dependsOnSeedAndStepOnly();
    void sample_survivesBrokenLogits_data();
    void sample_survivesBrokenLogits();
    void sample_ratesFromRawLogits();
    void sample_givesAlternativesMostLikelyFirst();
    void sample_allocatesNothingWhenWarm();
    void sample_allocatesNothingWhileHistoryGrows();
    void sample_tellsUnusableLogits();
    void settings_outOfRangeAreNamed_data();
    void settings_outOfRangeAreNamed();
};

void SamplerTest::greedy_firstOfEqualsWins() {
    Sampler sampler(greedySettings(), 1, 4);
    QCOMPARE(sampler.sample(std::vector<float>{1, 5, 5, 0}, {}, 0).token, 1);
    QCOMPARE(sampler.sample(std::vector<float>{5, 5, 5, 5}, {}, 1).token, 0);
}

void SamplerTest::greedy_obeysBiasAndPenalties() {
    auto settings = greedySettings();
    settings.logitBias = {{1, kNever}};
    Sampler banned(settings, 1, 3);
    QCOMPARE(banned.sample(std::vector<float>{1, 5, 2}, {}, 0).token, 2);

    settings = greedySettings();
    settings.repeatPenalty = 3;
    settings.penaltyTokens = 2;
    Sampler repeated(settings, 1, 3);
    const std::vector<float> logits{1, 5, 2};
    QCOMPARE(repeated.sample(logits, std::vector<std::int32_t>{1, 0}, 0).token, 2);
    QCOMPARE(repeated.sample(logits, std::vector<std::int32_t>{1, 0, 0}, 0).token, 1);

    settings = greedySettings();
    settings.dry.multiplier = 10;
    Sampler dry(settings, 1, 3);
    // "2 0" was followed by 1 before.
    QCOMPARE(dry.sample(logits, std::vector<std::int32_t>{2, 0, 1, 2, 0}, 0).token, 2);
}

void SamplerTest::sample_frequenciesFollowDefinition_data() {
    QTest::addColumn<float>("temperature");
    QTest::addColumn<int>("topK");
    QTest::addColumn<float>("topP");
    QTest::addColumn<float>("minP");
    QTest::addColumn<float>("typicalP");
    QTest::newRow("temperature only") << 1.0F << 0 << 1.0F << 0.0F << 1.0F;
    QTest::newRow("hot") << 2.0F << 0 << 1.0F << 0.0F << 1.0F;
    QTest::newRow("top-k") << 1.0F << 5 << 1.0F << 0.0F << 1.0F;
    QTest::newRow("top-p") << 0.7F << 0 << 0.8F << 0.0F << 1.0F;
    QTest::newRow("min-p") << 1.3F << 0 << 1.0F << 0.2F << 1.0F;
    QTest::newRow("typical") << 1.0F << 0 << 1.0F << 0.0F << 0.7F;
    QTest::newRow("all") << 0.9F << 9 << 0.95F << 0.05F << 0.95F;
}

void SamplerTest::sample_frequenciesFollowDefinition() {
    QFETCH(float, temperature);
    QFETCH(int, topK);
    QFETCH(float, topP);
    QFETCH(float, minP);
    QFETCH(float, typicalP);
    SamplingSettings settings;
    settings.temperature = temperature;
    settings.topK = topK;
    settings.topP = topP;
    settings.minP = minP;
    settings.typicalP = typicalP;
    constexpr int kVocab = 12;
    constexpr int kDraws = 40000;
    const auto logits = randomLogits(kVocab, 5, 1);

    NaiveCandidates candidates;
    for (int token = 0; token < kVocab; ++token) {
        candidates.push_back({token, logits[static_cast<std::size_t>(token)]});
    }
    if (topK > 0) candidates = naiveTopK(candidates, topK);
    candidates = naiveTypical(candidates, typicalP);
    candidates = naiveTopP(candidates, topP);
    candidates = naiveMinP(candidates, minP);
    for (auto& candidate : candidates) candidate.logit /= temperature;
    const auto probabilities = naiveSoftmax(candidates);

    Sampler sampler(settings, 2026, kVocab);
    std::vector<int> counts(kVocab, 0);
    for (int step = 0; step < kDraws; ++step) {
        ++counts[static_cast<std::size_t>(sampler.sample(logits, {}, step).token)];
    }
    double chiSquare = 0;
    int nDrawn = 0;
    for (std::size_t index = 0; index < candidates.size(); ++index) {
        const int count = counts[static_cast<std::size_t>(candidates[index].token)];
        const double expected = probabilities[index] * kDraws;
        chiSquare += (count - expected) * (count - expected) / expected;
        nDrawn += count;
    }
    QCOMPARE(nDrawn, kDraws);  // nothing outside the definition's set
    // The 99.9 % point for 11 degrees of freedom is 31.3; fewer candidates have a lower one.
    QVERIFY2(chiSquare < 31.3, qPrintable(QString::number(chiSquare)));
    QVERIFY(candidates.size() > 1);
}

void SamplerTest::sample_dependsOnSeedAndStepOnly() {
    SamplingSettings settings;
    settings.temperature = 1.5F;
    const auto logits = randomLogits(1000, 1);
    const auto other = randomLogits(1000, 2);
    Sampler first(settings, 7, 1000);
    Sampler second(settings, 7, 1000);
    Sampler third(settings, 8, 1000);
    int nDifferent = 0;
    for (std::int64_t step = 0; step < 50; ++step) {
        const auto token = first.sample(logits, {}, step).token;
        // Another sampler, asked in another order and with other work in between.
        (void)second.sample(other, {}, 49 - step);
        QCOMPARE(second.sample(logits, {}, step).token, token);
        if (third.sample(logits, {}, step).token != token) ++nDifferent;
    }
    QVERIFY(nDifferent > 10);
}

void SamplerTest::sample_survivesBrokenLogits_data() {
    QTest::addColumn<float>("filling");
    QTest::newRow("nan") << std::nanf("");
    QTest::newRow("inf") << -kNever;
    QTest::newRow("-inf") << kNever;
    QTest::newRow("max") << std::numeric_limits<float>::max();
    QTest::newRow("lowest") << std::numeric_limits<float>::lowest();
}

void SamplerTest::sample_survivesBrokenLogits() {
    QFETCH(float, filling);
    std::vector<SamplingSettings> all{greedySettings(), SamplingSettings{}, SamplingSettings{}};
    all[1].temperature = 1e-20F;
    all[1].nAlternatives = 5;
    all[2].topK = 0;
    all[2].typicalP = 0.5F;
    all[2].repeatPenalty = 1.5F;
    all[2].dry.multiplier = 1;
    for (auto& settings : all) {
        settings.nAlternatives = 3;
        Sampler sampler(settings, 1, 600);
        std::vector<float> logits(600, filling);
        const std::vector<std::int32_t> history{1, 2, 1, 2, 1};
        for (int round = 0; round < 2; ++round) {
            const auto sampled = sampler.sample(logits, history, round);
            QVERIFY(sampled.token >= 0 && sampled.token < 600);
            QVERIFY(!std::isnan(sampled.probability));
            for (const auto& entry : sampled.alternatives) QVERIFY(!std::isnan(entry.probability));
            logits[9] = 4;  // second round: one sane value among them
        }
        if (std::isnan(filling) || filling < 0) {
            QCOMPARE(sampler.sample(logits, history, 3).token, 9);
        }
    }
    Sampler shortRow(SamplingSettings{}, 1, 10);
    const auto token = shortRow.sample(std::vector<float>{1, 2}, {}, 0).token;
    QVERIFY(token == 0 || token == 1);
}

void SamplerTest::sample_ratesFromRawLogits() {
    auto settings = greedySettings();
    settings.logitBias = {{2, 100.0F}};
    settings.nAlternatives = 3;
    Sampler sampler(settings, 1, 4);
    const std::vector<float> logits{1, 3, 0, 2};
    const auto sampled = sampler.sample(logits, {}, 0);
    QCOMPARE(sampled.token, 2);
    const double sum = std::exp(1.0) + std::exp(3.0) + 1 + std::exp(2.0);
    QVERIFY(std::abs(sampled.probability - 1 / sum) < 1e-6);
    QCOMPARE(sampled.alternatives.size(), std::size_t{3});
    QCOMPARE(sampled.alternatives[0].token, 1);
    QCOMPARE(sampled.alternatives[1].token, 3);
    QCOMPARE(sampled.alternatives[2].token, 0);
    QVERIFY(std::abs(sampled.alternatives[0].probability - std::exp(3.0) / sum) < 1e-6);
}

void SamplerTest::sample_givesAlternativesMostLikelyFirst() {
    auto logits = randomLogits(5000, 11);
    for (float& logit : logits) logit = std::round(logit);  // ties: the smaller id first
    SamplingSettings settings;
    settings.nAlternatives = 20;
    Sampler sampler(settings, 1, 5000);
    const auto sampled = sampler.sample(logits, {}, 0);
    NaiveCandidates candidates;
    for (std::size_t token = 0; token < logits.size(); ++token) {
        candidates.push_back({static_cast<std::int32_t>(token), logits[token]});
    }
    const auto expected = naiveTopK(candidates, 20);
    QCOMPARE(sampled.alternatives.size(), expected.size());
    for (std::size_t index = 0; index < expected.size(); ++index) {
        QCOMPARE(sampled.alternatives[index].token, expected[index].token);
    }
}

void SamplerTest::sample_allocatesNothingWhenWarm() {
    std::vector<SamplingSettings> all(3);
    all[0].nAlternatives = 20;
    all[0].repeatPenalty = 1.1F;
    all[0].dry.multiplier = 0.8F;
    all[1].topK = 0;
    all[1].typicalP = 0.9F;
    all[2] = greedySettings();
    const auto logits = randomLogits(32000, 4);
    const std::vector<std::int32_t> history(1000, 3);
    for (const auto& settings : all) {
        Sampler sampler(settings, 1, 32000);
        (void)sampler.sample(logits, history, 0);
        const std::int64_t before = allocationCount;
        for (int step = 1; step < 4; ++step) (void)sampler.sample(logits, history, step);
        QCOMPARE(allocationCount.load(), before);
    }
}

void SamplerTest::sample_allocatesNothingWhileHistoryGrows() {
    SamplingSettings settings;
    settings.dry.multiplier = 0.8F;
    settings.dry.lastTokens = -1;
    const auto logits = randomLogits(100, 4);
    const std::vector<std::int32_t> history(20000, 3);
    const auto countAllocations = [&](Sampler& sampler, std::size_t first, std::size_t last) {
        const std::int64_t before = allocationCount;
        for (std::size_t size = first; size <= last; ++size) {
            (void)sampler.sample(logits, std::span(history).first(size),
                                 static_cast<std::int64_t>(size));
        }
        return allocationCount - before;
    };
    Sampler grown(settings, 1, 100);
    (void)countAllocations(grown, 5000, 5000);
    QCOMPARE(countAllocations(grown, 5001, 5050), 0);
    Sampler promised(settings, 1, 100, {}, history.size());
    QCOMPARE(countAllocations(promised, history.size(), history.size()), 0);
}

void SamplerTest::sample_tellsUnusableLogits() {
    const float nan = std::nanf("");
    for (const float temperature : {0.0F, 1.0F}) {
        SamplingSettings settings;
        settings.temperature = temperature;
        Sampler sampler(settings, 1, 3);
        const auto isUnusable = [&](const std::vector<float>& logits) {
            return sampler.sample(logits, {}, 0).isUnusable;
        };
        QVERIFY(isUnusable({nan, nan, nan}));
        QVERIFY(isUnusable({kNever, kNever, kNever}));
        QVERIFY(isUnusable({-kNever, -kNever, -kNever}));
        QVERIFY(isUnusable({nan, kNever, -kNever}));
        QVERIFY(isUnusable({}));
        QVERIFY(!isUnusable({nan, kNever, -1e30F}));
        QVERIFY(!isUnusable({0, 0, 0}));
    }
}

void SamplerTest::settings_outOfRangeAreNamed_data() {
    QTest::addColumn<QString>("field");
    for (const char* field :
         {"", "temperature", "topK", "topP", "minP", "typicalP", "repeatPenalty", "presencePenalty",
          "frequencyPenalty", "penaltyTokens", "dry.multiplier", "dry.base", "dry.allowedLength",
          "dry.lastTokens", "nAlternatives", "logitBias"}) {
        QTest::newRow(field) << field;
    }
}

void SamplerTest::settings_outOfRangeAreNamed() {
    QFETCH(QString, field);
    SamplingSettings settings;
    settings.logitBias = {{0, -kNever}, {9, kNever}};
    if (field == "temperature") settings.temperature = std::nanf("");
    if (field == "topK") settings.topK = -1;
    if (field == "topP") settings.topP = 1.01F;
    if (field == "minP") settings.minP = -0.01F;
    if (field == "typicalP") settings.typicalP = std::nanf("");
    if (field == "repeatPenalty") settings.repeatPenalty = 0;
    if (field == "presencePenalty") settings.presencePenalty = kNever;
    if (field == "frequencyPenalty") settings.frequencyPenalty = std::nanf("");
    if (field == "penaltyTokens") settings.penaltyTokens = -2;
    if (field == "dry.multiplier") settings.dry.multiplier = -1;
    if (field == "dry.base") settings.dry.base = 0.5F;
    if (field == "dry.allowedLength") settings.dry.allowedLength = 0;
    if (field == "dry.lastTokens") settings.dry.lastTokens = -2;
    if (field == "nAlternatives") settings.nAlternatives = 21;
    if (field == "logitBias") settings.logitBias = {{10, 1.0F}};
    const auto status = checkSamplingSettings(settings, 10);
    QCOMPARE(status.has_value(), field.isEmpty());
    if (status) return;
    QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
    QCOMPARE(QString::fromStdString(status.error().context), field);
}

QTEST_APPLESS_MAIN(SamplerTest)
#include "sampler_test.moc"
