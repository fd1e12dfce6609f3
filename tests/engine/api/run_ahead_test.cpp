// Steps that start on tokens which only the device knows yet: the same answers as one step at a
// time, no waiting in between, and clean ends by the end of the text, by cancel and by a fault.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>

#include "engine/schedule/engine_impl.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "engine/token/sampler.h"
#include "tests/engine/api/event_log.h"
#include "tests/support/sampling_settings.h"
#include "tests/support/simt/control.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

constexpr std::uint64_t kSeed = 11;
constexpr std::uint64_t kEndingSeed = 9;
constexpr std::int32_t kEndOfText = 2;  // of tinyVocabulary()
const std::vector<std::int32_t> kPrompt{1, 20, 21, 22};

struct Wish {
    const char* name;
    SamplingSettings settings;
    bool isAhead;  // certain on the device
};

SamplingSettings settingsOf(float temperature, int topK, float topP, float minP) {
    SamplingSettings settings = test::samplingSettings(temperature, topK, topP, minP);
    settings.seed = kSeed;
    return settings;
}

std::vector<Wish> wishes() {
    std::vector<Wish> all{{"greedy", settingsOf(0, 0, 1, 0), true},
                          {"the app's defaults", settingsOf(0.8f, 40, 0.95f, 0.05f), true},
                          {"top-k, hot", settingsOf(3.0f, 9, 1, 0), true},
                          // 320 tokens are nearly equally likely: more than the 256 candidates.
                          {"top-p left to the host", settingsOf(1.0f, 0, 0.999f, 0), false},
                          {"penalties", settingsOf(1.0f, 40, 0.95f, 0), true},
                          {"greedy with penalties", settingsOf(0, 0, 1, 0), true},
                          {"DRY, on the host", settingsOf(1.0f, 40, 0.95f, 0), false},
                          {"all tokens, on the host", settingsOf(1.0f, 0, 1, 0), false}};
    for (const std::size_t index : {4u, 5u}) {
        all[index].settings.repeatPenalty = 1.3f;
        all[index].settings.frequencyPenalty = 0.4f;
        all[index].settings.penaltyTokens = index == 4 ? 3 : -1;
    }
    all[6].settings.dry.multiplier = 0.8f;
    all[1].settings.nAlternatives = 4;
    return all;
}

// The last token may be told twice: with its text, and with what was held back.
std::vector<std::int32_t> firstTokens(const EventLog& log, RequestId request, std::size_t count) {
    std::vector<std::int32_t> tokens = log.tokens(request);
    tokens.resize(std::min(tokens.size(), count));
    return tokens;
}

GenerationRequest requestOf(const SamplingSettings& settings, std::int64_t maxTokens) {
    GenerationRequest request;
    request.prompt = TokenPrompt{kPrompt};
    request.sampling = settings;
    request.maxTokens = maxTokens;
    request.isIgnoringEnd = true;
    return request;
}

}  // namespace

class RunAheadTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        test::TinyModel tiny;
        tiny.nLayers = 1;
        tiny.nContext = 512;
        QVERIFY(test::writeTinyModel(test::withTypes(tiny, DType::Q8_0), path()));
    }
    void init() {
        simt::reset();
        // Work runs when it is waited for: what is read too early, or rewritten too early, shows.
        simt::setStreamTiming(simt::StreamTiming::Late);
        m_log = std::make_unique<EventLog>();
        m_contextTokens = 96;
        m_broken.clear();
    }
    // Memory that was held through a fault that sticks is the emulator's to give back.
    void cleanupTestCase() { simt::reset(); }
    void cleanup() { QVERIFY2(m_broken.empty(), m_broken.c_str()); }

    void tokens_areThoseOfOneStepAtATime_data() {
        QTest::addColumn<int>("index");
        for (int index = 0; const Wish& wish : wishes()) QTest::newRow(wish.name) << index++;
    }
    void tokens_areThoseOfOneStepAtATime();
    void nextStep_startsBeforeTheTokenIsTold_data() { tokens_areThoseOfOneStepAtATime_data(); }
    void nextStep_startsBeforeTheTokenIsTold();
    void requestsThatDiffer_getWhatTheyGetAlone_data();
    void requestsThatDiffer_getWhatTheyGetAlone();
    void windowThatOutgrowsTheCard_staysWithTheHost();
    void endOfText_dropsTheStepAhead();
    void stopString_dropsTheStepAhead();
    void stepAheadThatCannotStart_isTriedAgain();
    void cancel_dropsTheStepAhead();
    void cancelOfOne_keepsTheOthersTokens();
    void fault_endsTheRequestAndTheModelLoadsAgain();

private:
    std::string path() const { return m_folder.filePath("tiny.gguf").toStdString(); }
    std::unique_ptr<Engine> loadedEngine() {
        EngineOptions options;
        options.isMeasuringBandwidth = false;
        options.device = "cuda";
        auto engine = EngineImpl::create(options, m_log->sink(), [this](const EngineState& state) {
            if (const auto broken = findBrokenInvariant(state)) m_broken = *broken;
        });
        if (!engine) return nullptr;
        load(**engine);
        return m_log->waitForAny<ModelLoaded>() ? std::move(*engine) : nullptr;
    }
    void load(Engine& engine) const {
        LoadOptions load;
        load.path = path();
        load.contextTokens = m_contextTokens;
        engine.load(load);
    }
    // By the host: logits of the same device, one step after the other.
    std::vector<std::int32_t> expectedTokens(const SamplingSettings& settings, int nTokens,
                                             std::vector<std::int32_t> history = kPrompt) const {
        LoadRequest request;
        request.engine.device = "cuda";
        request.model.path = path();
        request.model.contextTokens = m_contextTokens;
        const auto model = loadModel(request, {});
        if (!model) qFatal("%s", model.error().message.c_str());
        SequenceRunner runner(**model);
        Sampler sampler(settings, *settings.seed, (*model)->file->config.nVocab);
        std::vector<std::int32_t> next = history;
        const std::size_t nPrompt = history.size();
        while (history.size() < nPrompt + static_cast<std::size_t>(nTokens)) {
            std::int32_t token = -1;
            const auto sample = [&](std::int64_t, std::span<const float> logits) {
                token = sampler.sample(logits, history, std::ssize(history)).token;
            };
            if (!runner.run(next, std::ssize(history) - 1, sample, {})) qFatal("a step failed");
            history.push_back(token);
            next = {token};
        }
        return {history.begin() + static_cast<std::ptrdiff_t>(nPrompt), history.end()};
    }

    // Calls `act` on the engine's thread with the n-th token that is told.
    void atToken(int nth, std::function<void()> act) {
        m_log->observe([nth, act = std::move(act), told = 0](const EngineEvent& event) mutable {
            if (std::holds_alternative<TokenSampled>(event) && ++told == nth) act();
        });
    }

    QTemporaryDir m_folder;
    std::int64_t m_contextTokens = 96;
    std::unique_ptr<EventLog> m_log;
    std::string m_broken;  // written on the engine thread, read after it was joined
};

void RunAheadTest::tokens_areThoseOfOneStepAtATime() {
    QFETCH(int, index);
    const SamplingSettings settings = wishes()[static_cast<std::size_t>(index)].settings;
    const auto expected = expectedTokens(settings, 10);
    QCOMPARE(expected.size(), std::size_t{10});
    const auto engine = loadedEngine();
    QVERIFY(engine);
    const RequestId request = engine->submit(requestOf(settings, 10));
    QVERIFY(m_log->waitForEnd(request));
    QCOMPARE(firstTokens(*m_log, request, expected.size()), expected);
    QCOMPARE(m_log->finished(request).reason, StopReason::MaxTokens);
    for (const TokenSampled& sampled : m_log->all<TokenSampled>()) {
        QVERIFY(sampled.probability > 0 && sampled.probability <= 1);
        QCOMPARE(sampled.alternatives.size(), static_cast<std::size_t>(settings.nAlternatives));
    }
}

// From the third token on steps are recorded: one graph per step. The prompt's last chunk gives the
// first token; told as the n-th, a token was computed by step n, and step n + 1 must have started.
void RunAheadTest::nextStep_startsBeforeTheTokenIsTold() {
    QFETCH(int, index);
    const Wish wish = wishes()[static_cast<std::size_t>(index)];
    std::vector<int> graphs;  // launched when the token was told; written by the engine's thread
    int waits = 0;
    m_log->observe([&](const EngineEvent& event) {
        if (!std::holds_alternative<TokenSampled>(event)) return;
        graphs.push_back(simt::callCount("cudaGraphLaunch"));
        if (graphs.size() == 5) waits = -simt::callCount("cudaStreamSynchronize");
        if (graphs.size() == 12) waits += simt::callCount("cudaStreamSynchronize");
    });
    auto engine = loadedEngine();
    QVERIFY(engine);
    const RequestId request = engine->submit(requestOf(wish.settings, 14));
    QVERIFY(m_log->waitForEnd(request));
    engine.reset();
    QVERIFY(graphs.size() >= 14);
    // 14 tokens: one of the prompt, one step that is not recorded, 12 graphs.
    QCOMPARE(graphs.back(), 12);
    const int ahead = graphs[8] - (8 - 1);
    QCOMPARE(ahead, wish.isAhead ? 1 : 0);
    if (wish.isAhead) QCOMPARE(waits, 0);
}

void RunAheadTest::requestsThatDiffer_getWhatTheyGetAlone_data() {
    QTest::addColumn<std::vector<std::size_t>>("indices");
    QTest::newRow("one on the host") << std::vector<std::size_t>{0, 6, 4};
    QTest::newRow("all on the card, with penalties") << std::vector<std::size_t>{4, 0, 5};
    QTest::newRow("one left to the host") << std::vector<std::size_t>{1, 3, 2};
}

// Two at once, and one that joins them later.
void RunAheadTest::requestsThatDiffer_getWhatTheyGetAlone() {
    QFETCH(std::vector<std::size_t>, indices);
    const auto all = wishes();
    std::vector<std::vector<std::int32_t>> expected;
    for (const std::size_t index : indices)
        expected.push_back(expectedTokens(all[index].settings, 20));
    const auto engine = loadedEngine();
    QVERIFY(engine);
    std::vector<RequestId> requests{engine->submit(requestOf(all[indices[0]].settings, 20)),
                                    engine->submit(requestOf(all[indices[1]].settings, 20))};
    QVERIFY(m_log->waitForAny<TokenSampled>(6));
    requests.push_back(engine->submit(requestOf(all[indices[2]].settings, 20)));
    for (std::size_t index = 0; index < requests.size(); ++index) {
        QVERIFY(m_log->waitForEnd(requests[index]));
        QCOMPARE(firstTokens(*m_log, requests[index], expected[index].size()), expected[index]);
    }
}

// One token more than the card's list holds: the step's choice is the host's, while the list of
// the step behind it, without the oldest token, would fit again.
void RunAheadTest::windowThatOutgrowsTheCard_staysWithTheHost() {
    m_contextTokens = 288;
    SamplingSettings settings = settingsOf(0, 0, 1, 0);
    settings.presencePenalty = 100;  // no token comes twice
    settings.penaltyTokens = kMaxPenalized + 1;
    std::vector<std::int32_t> prompt(kMaxPenalized + 1);
    std::iota(prompt.begin(), prompt.end(), 1);
    const auto expected = expectedTokens(settings, 8, prompt);
    QCOMPARE(expected.size(), std::size_t{8});
    const auto engine = loadedEngine();
    QVERIFY(engine);
    GenerationRequest request = requestOf(settings, 8);
    request.prompt = TokenPrompt{prompt};
    const RequestId id = engine->submit(request);
    QVERIFY(m_log->waitForEnd(id));
    QCOMPARE(firstTokens(*m_log, id, expected.size()), expected);
}

void RunAheadTest::endOfText_dropsTheStepAhead() {
    // With this seed the end comes after a few tokens; looked for when the test was written.
    SamplingSettings settings = settingsOf(4.0f, 256, 1, 0);
    settings.seed = kEndingSeed;
    auto expected = expectedTokens(settings, 40);
    const auto end = std::ranges::find(expected, kEndOfText);
    QVERIFY(end != expected.end() && end - expected.begin() >= 5);
    expected.erase(end, expected.end());
    const auto engine = loadedEngine();
    QVERIFY(engine);
    GenerationRequest ending = requestOf(settings, -1);
    ending.isIgnoringEnd = false;
    const RequestId request = engine->submit(ending);
    QVERIFY(m_log->waitForEnd(request));
    QCOMPARE(m_log->finished(request).reason, StopReason::EndOfText);
    QCOMPARE(m_log->finished(request).stats.generatedTokens, std::ssize(expected));
    QCOMPARE(firstTokens(*m_log, request, expected.size()), expected);
}

void RunAheadTest::stopString_dropsTheStepAhead() {
    const SamplingSettings settings = settingsOf(0, 0, 1, 0);
    const auto free = expectedTokens(settings, 8);
    const auto engine = loadedEngine();
    QVERIFY(engine);
    const RequestId whole = engine->submit(requestOf(settings, 8));
    QVERIFY(m_log->waitForEnd(whole));
    // Six characters behind those of the first token.
    const std::size_t first = m_log->all<AnswerText>().front().text.size();
    GenerationRequest stopped = requestOf(settings, -1);
    stopped.stop = {m_log->text(whole).substr(first, 6)};
    const RequestId request = engine->submit(stopped);
    QVERIFY(m_log->waitForEnd(request));
    QCOMPARE(m_log->finished(request).reason, StopReason::StopString);
    // The engine goes on with a clean cache.
    const RequestId again = engine->submit(requestOf(settings, 8));
    QVERIFY(m_log->waitForEnd(again));
    QCOMPARE(firstTokens(*m_log, again, free.size()), free);
}

void RunAheadTest::stepAheadThatCannotStart_isTriedAgain() {
    const SamplingSettings settings = settingsOf(0.8f, 40, 0.95f, 0.05f);
    const auto expected = expectedTokens(settings, 12);
    atToken(6, [] { simt::injectFailure("cudaGraphLaunch", 1, cudaErrorLaunchOutOfResources); });
    const auto engine = loadedEngine();
    QVERIFY(engine);
    const RequestId request = engine->submit(requestOf(settings, 12));
    QVERIFY(m_log->waitForEnd(request));
    QCOMPARE(m_log->finished(request).reason, StopReason::MaxTokens);
    QCOMPARE(firstTokens(*m_log, request, expected.size()), expected);
}

void RunAheadTest::cancel_dropsTheStepAhead() {
    const SamplingSettings settings = settingsOf(0.8f, 40, 0.95f, 0.05f);
    const auto expected = expectedTokens(settings, 8);
    std::atomic<RequestId> request{0};
    std::atomic<Engine*> running{nullptr};
    atToken(5, [&] { running.load()->cancel(request); });
    const auto engine = loadedEngine();
    QVERIFY(engine);
    running = engine.get();
    // The first takes the whole cache, so that the second waits for it.
    request = engine->submit(requestOf(settings, -1));
    const RequestId next = engine->submit(requestOf(settings, 8));
    QVERIFY(m_log->waitForEnd(request));
    QCOMPARE(m_log->finished(request).reason, StopReason::Cancelled);
    QVERIFY(m_log->waitForEnd(next));
    QCOMPARE(firstTokens(*m_log, next, expected.size()), expected);
}

// Both run ahead when the first goes: the rows of the step under way still belong to both.
void RunAheadTest::cancelOfOne_keepsTheOthersTokens() {
    const SamplingSettings settings = settingsOf(3.0f, 9, 1, 0);
    const auto expected = expectedTokens(settings, 24);
    std::atomic<RequestId> first{0}, second{0};
    std::atomic<Engine*> running{nullptr};
    int nOfFirst = 0, nOfSecond = 0;  // of the engine's thread
    m_log->observe([&](const EngineEvent& event) {
        const auto* token = std::get_if<TokenSampled>(&event);
        if (token == nullptr) return;
        if (token->request == first) ++nOfFirst;
        // A prompt's first token comes alone; from the fifth on both decode together.
        if (token->request == second && ++nOfSecond == 5) running.load()->cancel(first);
    });
    auto engine = loadedEngine();
    QVERIFY(engine);
    running = engine.get();
    // Tokens at random: the other's row would hardly be the same one.
    first = engine->submit(requestOf(settingsOf(9.0f, 250, 1, 0), 60));
    second = engine->submit(requestOf(settings, 24));
    QVERIFY(m_log->waitForEnd(first));
    QCOMPARE(m_log->finished(first).reason, StopReason::Cancelled);
    QVERIFY(m_log->waitForEnd(second));
    QCOMPARE(firstTokens(*m_log, second, expected.size()), expected);
    engine.reset();
    QVERIFY(nOfFirst >= 5);
}

void RunAheadTest::fault_endsTheRequestAndTheModelLoadsAgain() {
    const SamplingSettings settings = settingsOf(0, 0, 1, 0);
    const auto expected = expectedTokens(settings, 6);
    atToken(5,
            [] { simt::injectFailure("cudaEventSynchronize", 1, cudaErrorIllegalAddress, true); });
    const auto engine = loadedEngine();
    QVERIFY(engine);
    const RequestId request = engine->submit(requestOf(settings, -1));
    QVERIFY(m_log->waitForEnd(request));
    QCOMPARE(m_log->error(request).code, ErrorCode::DeviceFailed);
    QVERIFY(m_log->waitForAny<ModelUnloaded>());
    load(*engine);
    QVERIFY(m_log->waitForAny<ModelLoaded>(2));
    const RequestId again = engine->submit(requestOf(settings, 6));
    QVERIFY(m_log->waitForEnd(again));
    QCOMPARE(firstTokens(*m_log, again, expected.size()), expected);
}

QTEST_APPLESS_MAIN(RunAheadTest)
#include "run_ahead_test.moc"
