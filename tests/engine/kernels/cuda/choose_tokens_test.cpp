// Tokens chosen on the device against the host's sampler on the same logits: the token, its
// probability, the alternatives, and when the device leaves the choice to the host.
#include <QtTest>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "engine/kernels/cuda/choose_tokens.h"
#include "engine/token/sampler.h"
#include "tests/support/sampling_settings.h"
#include "tests/support/simt/control.h"

using namespace sotto;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// One launch over all rows, with results and scratch of exactly the promised sizes.
struct Choices {
    std::vector<std::byte> results;
    cuda::ChoiceLayout layout;

    std::vector<std::int32_t> ids(std::int32_t index) const {
        const auto span = row(index).topIds;
        return {span.begin(), span.end()};
    }
    ChosenToken row(std::int32_t index) const {
        const auto* headers = reinterpret_cast<const cuda::ChosenHeader*>(results.data());
        const auto k = at(layout.k);
        const auto* logits = reinterpret_cast<const float*>(results.data() + layout.logitsOffset());
        const auto* ids =
            reinterpret_cast<const std::int32_t*>(results.data() + layout.idsOffset());
        const cuda::ChosenHeader& header = headers[index];
        return {header.token,
                header.isUnusable != 0,
                header.logit,
                header.highest,
                header.sumOfExp,
                {logits + at(index) * k, k},
                {ids + at(index) * k, k}};
    }
};

// `fedBy`: the row of an earlier result that each row was fed with, -1: none; or nothing.
struct Feed {
    std::vector<std::byte> earlier;
    std::vector<std::int32_t> fedBy;
};

Choices choose(std::vector<float> logits, std::int64_t nVocab,
               const std::vector<TokenChoice>& choices, const Feed& feed = {}) {
    Choices made;
    // As StepInputsBuffer sends them.
    std::vector<cuda::DeviceChoice> onDevice;
    std::vector<PenalizedToken> penalized;
    bool isPenalizing = false;
    for (const TokenChoice& choice : choices) {
        onDevice.push_back({choice.uniform, choice.temperature, choice.topP, choice.minP,
                            choice.repeatPenalty, choice.presencePenalty, choice.frequencyPenalty,
                            choice.topK, choice.isPenalizing ? 1 : 0,
                            static_cast<std::int32_t>(penalized.size()),
                            static_cast<std::int32_t>(choice.penalized.size())});
        penalized.insert(penalized.end(), choice.penalized.begin(), choice.penalized.end());
        isPenalizing |= choice.isPenalizing;
    }
    penalized.emplace_back();  // so that data() is not null
    std::vector<std::int32_t> tokenIds, outputRows;
    for (const std::int32_t row : feed.fedBy) {
        outputRows.push_back(static_cast<std::int32_t>(tokenIds.size()));
        tokenIds.push_back(row < 0 ? 7 : -1 - row);
    }
    std::int32_t nWanted = 1;
    for (const TokenChoice& choice : choices) nWanted = std::max(nWanted, choice.nTopLogits);
    made.layout = {static_cast<std::int32_t>(choices.size()), cuda::candidateCount(nWanted)};
    made.results.assign(made.layout.bytes(), std::byte{0x7f});
    std::ranges::copy(feed.earlier, made.results.begin());
    std::vector<std::byte> scratch(
        at(cuda::chooseTokensScratchBytes(nVocab, made.layout.nRows, made.layout.k)),
        std::byte{0x7f});
    cuda::ChooseTokensLaunch args;
    args.logits = logits.data();
    args.nVocab = nVocab;
    args.choices = onDevice.data();
    if (isPenalizing) args.penalized = penalized.data();
    if (!feed.fedBy.empty()) {
        args.tokenIds = tokenIds.data();
        args.outputRows = outputRows.data();
    }
    args.layout = made.layout;
    args.results = made.results.data();
    args.scratch = scratch.data();
    cuda::launchChooseTokens(args, {});
    return made;
}

std::vector<float> randomLogits(std::int64_t nElements, float deviation, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, deviation);
    std::vector<float> logits(at(nElements));
    for (float& logit : logits) logit = normal(random);
    return logits;
}

bool isNear(float actual, float expected) {
    // Sums of thousands of floats in another order: 16 terms per thread and 8 warps, each addition
    // off by at most 2^-24 of the sum; exp by 2 units in the last place.
    return std::abs(actual - expected) <= 3e-6f * expected + 1e-30f;
}

// The device's token and what is told of it, against the sampler's own.
void compareWithSampler(const std::vector<float>& logits, std::int64_t nVocab,
                        const SamplingSettings& settings, std::uint64_t seed, int nSteps,
                        const std::vector<std::int32_t>& history = {}) {
    const auto step = std::ssize(history);
    for (const std::uint64_t end = seed + static_cast<std::uint64_t>(nSteps); seed < end; ++seed) {
        Sampler onHost(settings, seed, static_cast<std::int32_t>(nVocab));
        Sampler onDevice(settings, seed, static_cast<std::int32_t>(nVocab));
        const auto choice = onDevice.deviceChoice(history, step);
        QVERIFY(choice.has_value());
        const Choices made = choose(logits, nVocab, {*choice});
        const SampledToken actual = onDevice.describe(made.row(0));
        const SampledToken expected = onHost.sample(logits, history, step);
        QCOMPARE(actual.isUnusable, expected.isUnusable);
        if (expected.isUnusable) continue;
        QCOMPARE(actual.token, expected.token);
        QVERIFY2(isNear(actual.probability, expected.probability),
                 qPrintable(QStringLiteral("probability %1, expected %2")
                                .arg(double{actual.probability}, 0, 'g', 9)
                                .arg(double{expected.probability}, 0, 'g', 9)));
        QCOMPARE(actual.alternatives.size(), expected.alternatives.size());
        for (std::size_t index = 0; index < expected.alternatives.size(); ++index) {
            QCOMPARE(actual.alternatives[index].token, expected.alternatives[index].token);
            QVERIFY(isNear(actual.alternatives[index].probability,
                           expected.alternatives[index].probability));
        }
    }
}

constexpr auto settingsOf = test::samplingSettings;

}  // namespace

class ChooseTokensTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void tokens_areTheSamplers_data() {
        QTest::addColumn<int>("nVocab");
        QTest::addColumn<float>("temperature");
        QTest::addColumn<int>("topK");
        QTest::addColumn<float>("topP");
        QTest::addColumn<float>("minP");
        QTest::addColumn<int>("nAlternatives");
        QTest::newRow("greedy") << 9000 << 0.0f << 0 << 1.0f << 0.0f << 0;
        QTest::newRow("greedy with alternatives") << 9000 << 0.0f << 40 << 0.95f << 0.05f << 20;
        QTest::newRow("the app's defaults") << 9000 << 0.8f << 40 << 0.95f << 0.05f << 5;
        QTest::newRow("top-k alone") << 5000 << 1.3f << 64 << 1.0f << 0.0f << 0;
        QTest::newRow("the largest top-k") << 5000 << 2.0f << 256 << 1.0f << 0.0f << 0;
        QTest::newRow("top-k past the vocabulary") << 50 << 2.0f << 200 << 1.0f << 0.0f << 3;
        QTest::newRow("top-p over the whole row") << 9000 << 1.0f << 0 << 0.7f << 0.0f << 0;
        QTest::newRow("top-p and min-p") << 9000 << 0.5f << 0 << 0.8f << 0.02f << 20;
        QTest::newRow("min-p alone draws by id") << 9000 << 1.5f << 0 << 1.0f << 0.03f << 0;
        QTest::newRow("top-p of a small vocabulary") << 200 << 1.0f << 0 << 0.9999f << 0.0f << 0;
        QTest::newRow("top-p zero keeps one") << 300 << 1.0f << 0 << 0.0f << 0.0f << 0;
        QTest::newRow("min-p one keeps the best") << 300 << 1.0f << 0 << 1.0f << 1.0f << 0;
        QTest::newRow("a tiny temperature") << 3000 << 1e-6f << 40 << 1.0f << 0.0f << 0;
        QTest::newRow("a huge temperature") << 3000 << 1e6f << 40 << 1.0f << 0.0f << 0;
        QTest::newRow("one token") << 1 << 1.0f << 5 << 0.9f << 0.1f << 1;
    }
    void tokens_areTheSamplers() {
        QFETCH(int, nVocab);
        QFETCH(float, temperature);
        QFETCH(int, topK);
        QFETCH(float, topP);
        QFETCH(float, minP);
        QFETCH(int, nAlternatives);
        SamplingSettings settings = settingsOf(temperature, topK, topP, minP);
        settings.nAlternatives = std::min(nAlternatives, nVocab);
        compareWithSampler(randomLogits(nVocab, 3.0f, 4), nVocab, settings, 77, 12);
    }

    void specialValues_areTheSamplers() {
        constexpr std::int64_t kVocab = 5000;
        std::vector<float> logits = randomLogits(kVocab, 2.0f, 9);
        logits[0] = std::nanf("");
        logits[4999] = -kInfinity;
        logits[70] = logits[71] = logits[4500] = 9.0f;  // ties across parts
        for (const SamplingSettings& settings :
             {settingsOf(0, 40, 1, 0), settingsOf(1, 40, 0.9f, 0.01f), settingsOf(1, 0, 0.5f, 0)})
            compareWithSampler(logits, kVocab, settings, 3, 6);
        logits[4100] = kInfinity;
        compareWithSampler(logits, kVocab, settingsOf(1, 40, 0.9f, 0.05f), 3, 3);
        std::vector<float> onlyOne(kVocab, -kInfinity);
        onlyOne[4321] = -5.0f;
        compareWithSampler(onlyOne, kVocab, settingsOf(1, 40, 0.9f, 0.05f), 3, 3);
    }

    void unusableRows_areSaidToBe_data() {
        QTest::addColumn<float>("value");
        QTest::newRow("NaN") << std::nanf("");
        QTest::newRow("-infinity") << -kInfinity;
        QTest::newRow("infinity") << kInfinity;
    }
    void unusableRows_areSaidToBe() {
        QFETCH(float, value);
        for (const float temperature : {0.0f, 1.0f}) {
            Sampler sampler(settingsOf(temperature, 40, 0.9f, 0.05f), 1, 5000);
            const Choices made =
                choose(std::vector<float>(5000, value), 5000, {*sampler.deviceChoice({}, 0)});
            QVERIFY(made.row(0).isUnusable);
            QVERIFY(sampler.describe(made.row(0)).isUnusable);
            // What a step behind it embeds must be a token all the same.
            QVERIFY(made.row(0).token >= 0 && made.row(0).token < 5000);
        }
    }

    void penalizedTokens_areTheSamplers_data() {
        QTest::addColumn<float>("temperature");
        QTest::addColumn<int>("penaltyTokens");
        for (const float temperature : {0.0f, 1.5f})
            for (const int nTokens : {1, 2, 64, -1})
                QTest::addRow("temperature %g, window %d", double{temperature}, nTokens)
                    << temperature << nTokens;
    }
    // Once with the whole history known, once with its newest token on the device alone.
    void penalizedTokens_areTheSamplers() {
        QFETCH(float, temperature);
        QFETCH(int, penaltyTokens);
        constexpr std::int64_t kVocab = 5000;
        SamplingSettings settings = settingsOf(temperature, 30, 0.95f, 0.01f);
        settings.repeatPenalty = 1.4f;
        settings.frequencyPenalty = 0.5f;
        settings.presencePenalty = -0.1f;
        settings.penaltyTokens = penaltyTokens;
        const std::vector<float> logits = randomLogits(kVocab, 3.0f, 12);
        // The likeliest tokens stand in the window; the newest twice, and once by itself.
        std::vector<std::int32_t> likely = choose(logits, kVocab, {{.nTopLogits = 60}}).ids(0);
        likely.resize(50);
        for (const std::int32_t newest : {likely[0], likely[3], 4999}) {
            std::vector<std::int32_t> history = likely;
            history.push_back(newest);
            compareWithSampler(logits, kVocab, settings, 5, 3, history);

            const auto step = std::ssize(history);
            Sampler onHost(settings, 5, kVocab), onDevice(settings, 5, kVocab);
            const SampledToken expected = onHost.sample(logits, history, step);
            cuda::ChosenHeader header;
            header.token = newest;
            Feed feed{std::vector<std::byte>(sizeof header), {0}};
            std::memcpy(feed.earlier.data(), &header, sizeof header);
            const auto choice =
                onDevice.deviceChoice(std::span(history).first(history.size() - 1), step);
            QVERIFY(choice);
            const Choices made = choose(logits, kVocab, {*choice}, feed);
            const SampledToken actual = onDevice.describe(made.row(0));
            QCOMPARE(actual.token, expected.token);
            QVERIFY(isNear(actual.probability, expected.probability));
        }
    }

    // More likely tokens than candidates: the device must not cut the row off at its 256th.
    void flatRows_areLeftToTheHost_data() {
        QTest::addColumn<float>("topP");
        QTest::addColumn<float>("minP");
        QTest::newRow("top-p") << 0.95f << 0.0f;
        QTest::newRow("min-p") << 1.0f << 0.5f;
        QTest::newRow("both") << 0.99f << 0.1f;
    }
    void flatRows_areLeftToTheHost() {
        QFETCH(float, topP);
        QFETCH(float, minP);
        Sampler sampler(settingsOf(1.0f, 0, topP, minP), 1, 6000);
        const auto choice = sampler.deviceChoice({}, 0);
        QVERIFY(choice && !choice->isCertain());
        QCOMPARE(choose(std::vector<float>(6000, 1.5f), 6000, {*choice}).row(0).token, -1);
    }

    void settingsThatNeedMore_haveNoDeviceChoice() {
        const auto hasChoice = [](auto change) {
            SamplingSettings settings;
            change(settings);
            return Sampler(settings, 1, 1000).deviceChoice({}, 5).has_value();
        };
        QVERIFY(hasChoice([](SamplingSettings&) {}));
        QVERIFY(hasChoice([](SamplingSettings& s) { s.repeatPenalty = 1.1f; }));
        // A row that may come back to the host must be as it was.
        QVERIFY(!hasChoice([](SamplingSettings& s) {
            s.presencePenalty = 0.5f;
            s.topK = 0;
        }));
        QVERIFY(!hasChoice([](SamplingSettings& s) {
            s.presencePenalty = 0.5f;
            s.nAlternatives = 3;
        }));
        QVERIFY(!hasChoice([](SamplingSettings& s) { s.dry.multiplier = 0.8f; }));
        QVERIFY(!hasChoice([](SamplingSettings& s) { s.logitBias = {{3, 1.0f}}; }));
        QVERIFY(!hasChoice([](SamplingSettings& s) { s.typicalP = 0.9f; }));
        QVERIFY(!hasChoice([](SamplingSettings& s) { s.topK = 257; }));
        QVERIFY(!hasChoice([](SamplingSettings& s) { s = settingsOf(1.0f, 0, 1.0f, 0.0f); }));
        // Greedy never looks at what cuts.
        QVERIFY(hasChoice([](SamplingSettings& s) { s = settingsOf(0, 900, 1.0f, 0.0f); }));
    }

    // Rows of one step wish for different things; each gets what it gets alone.
    void rows_areIndependent() {
        constexpr std::int64_t kVocab = 7000;
        const std::vector<SamplingSettings> settings{
            settingsOf(0, 0, 1, 0),        settingsOf(0.8f, 40, 0.95f, 0.05f),
            settingsOf(1, 0, 0.6f, 0),     settingsOf(1.5f, 7, 1, 0),
            settingsOf(2, 256, 0.9f, 0),   settingsOf(0.3f, 0, 1, 0.2f),
            settingsOf(1, 100, 1, 0.001f), settingsOf(0, 40, 1, 0)};
        const std::vector<float> logits = randomLogits(8 * kVocab, 3.0f, 31);
        std::vector<TokenChoice> choices;
        for (const SamplingSettings& row : settings)
            choices.push_back(*Sampler(row, 5, kVocab).deviceChoice({}, 9));
        for (const std::uint64_t order : {1u, 2u}) {
            simt::setThreadOrderSeed(order);
            const Choices made = choose(logits, kVocab, choices);
            for (std::int32_t row = 0; row < 8; ++row) {
                const std::vector<float> own(logits.begin() + row * kVocab,
                                             logits.begin() + (row + 1) * kVocab);
                Sampler sampler(settings[at(row)], 5, kVocab);
                QCOMPARE(made.row(row).token, sampler.sample(own, {}, 9).token);
                QCOMPARE(made.row(row).token, choose(own, kVocab, {choices[at(row)]}).row(0).token);
            }
        }
    }
};

QTEST_APPLESS_MAIN(ChooseTokensTest)
#include "choose_tokens_test.moc"
