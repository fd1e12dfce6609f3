// Steps that start on tokens which only the device knows yet: the same answers as one step at a
// time, no waiting in between, and clean ends by the end of the text, by cancel and by a fault.
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>

#include "engine/schedule/engine_impl.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "engine/token/sampler.h"
#include "tests/engine/api/event_log.h"
#include "tests/support/simt/control.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

constexpr std::uint64_t kSeed = 11;

struct Wish {
    const char* name;
    SamplingSettings settings;
    bool isAhead;  // certain on the device
};

SamplingSettings settingsOf(float temperature, int topK, float topP, float minP) {
    SamplingSettings settings;
    settings.temperature = temperature;
    settings.topK = topK;
    settings.topP = topP;
    settings.minP = minP;
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
    request.prompt = TokenPrompt{{1, 20, 21, 22}};
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
        QVERIFY(test::writeTinyModel(test::withTypes(tiny, DType::Q8_0), path()));
    }
    void init() {
        simt::reset();
        // Work runs when it is waited for: what is read too early, or rewritten too early, shows.
        simt::setStreamTiming(simt::StreamTiming::Late);
        m_log = std::make_unique<EventLog>();
        m_broken.clear();
    }
    void cleanup() { QVERIFY2(m_broken.empty(), m_broken.c_str()); }

    void tokens_areThoseOfOneStepAtATime_data() {
        QTest::addColumn<int>("index");
        for (int index = 0; const Wish& wish : wishes()) QTest::newRow(wish.name) << index++;
    }
    void tokens_areThoseOfOneStepAtATime();
    void nextStep_startsBeforeTheTokenIsTold_data() { tokens_areThoseOfOneStepAtATime_data(); }
    void nextStep_startsBeforeTheTokenIsTold();
    void requestsThatDiffer_getWhatTheyGetAlone();
    void endOfText_dropsTheStepAhead();
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
        load.contextTokens = 96;
        engine.load(load);
    }
    // By the host: logits of the same device, one step after the other.
    std::vector<std::int32_t> expectedTokens(const SamplingSettings& settings, int nTokens) const {
        LoadRequest request;
        request.engine.device = "cuda";
        request.model.path = path();
        request.model.contextTokens = 96;
        const auto model = loadModel(request, {});
        if (!model) return {};
        SequenceRunner runner(**model);
        Sampler sampler(settings, kSeed, (*model)->file->config.nVocab);
        std::vector<std::int32_t> history{1, 20, 21, 22}, next = history;
        const std::size_t nPrompt = history.size();
        while (history.size() < nPrompt + static_cast<std::size_t>(nTokens)) {
            std::int32_t token = -1;
            const auto sample = [&](std::int64_t, std::span<const float> logits) {
                token = sampler.sample(logits, history, std::ssize(history)).token;
            };
            if (!runner.run(next, std::ssize(history) - 1, sample, {})) return {};
            history.push_back(token);
            next = {token};
        }
        return {history.begin() + static_cast<std::ptrdiff_t>(nPrompt), history.end()};
    }

    QTemporaryDir m_folder;
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
    for (const TokenText& text : m_log->all<TokenText>()) {
        QVERIFY(text.probability > 0 && text.probability <= 1);
        if (!text.text.empty())
            QCOMPARE(text.alternatives.size(), static_cast<std::size_t>(settings.nAlternatives));
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
        if (!std::holds_alternative<TokenText>(event)) return;
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

// One that may run ahead beside one that may not, and one that joins them later.
void RunAheadTest::requestsThatDiffer_getWhatTheyGetAlone() {
    const auto all = wishes();
    std::vector<std::vector<std::int32_t>> expected;
    for (const std::size_t index : {0u, 6u, 4u})
        expected.push_back(expectedTokens(all[index].settings, 12));
    const auto engine = loadedEngine();
    QVERIFY(engine);
    std::vector<RequestId> requests{engine->submit(requestOf(all[0].settings, 12)),
                                    engine->submit(requestOf(all[6].settings, 12))};
    QVERIFY(m_log->waitForAny<TokenText>(6));
    requests.push_back(engine->submit(requestOf(all[4].settings, 12)));
    for (std::size_t index = 0; index < requests.size(); ++index) {
        QVERIFY(m_log->waitForEnd(requests[index]));
        QCOMPARE(firstTokens(*m_log, requests[index], expected[index].size()), expected[index]);
    }
}

void RunAheadTest::endOfText_dropsTheStepAhead() {
    SamplingSettings settings = settingsOf(0, 0, 1, 0);
    const auto free = expectedTokens(settings, 8);
    const auto engine = loadedEngine();
    QVERIFY(engine);
    // A stop string that the fifth token completes.
    const RequestId whole = engine->submit(requestOf(settings, 8));
    QVERIFY(m_log->waitForEnd(whole));
    std::vector<std::string> texts;
    for (const TokenText& text : m_log->all<TokenText>()) texts.push_back(text.text);
    QVERIFY(texts.size() >= 5);
    GenerationRequest stopped = requestOf(settings, -1);
    stopped.stop = {m_log->text(whole).substr(texts[0].size(), 6)};
    const RequestId request = engine->submit(stopped);
    QVERIFY(m_log->waitForEnd(request));
    QCOMPARE(m_log->finished(request).reason, StopReason::StopString);
    // The engine goes on with a clean cache.
    const RequestId again = engine->submit(requestOf(settings, 8));
    QVERIFY(m_log->waitForEnd(again));
    QCOMPARE(firstTokens(*m_log, again, free.size()), free);
}

void RunAheadTest::cancel_dropsTheStepAhead() {
    const SamplingSettings settings = settingsOf(0.8f, 40, 0.95f, 0.05f);
    const auto expected = expectedTokens(settings, 8);
    const auto engine = loadedEngine();
    QVERIFY(engine);
    const RequestId request = engine->submit(requestOf(settings, -1));
    QVERIFY(m_log->waitForAny<TokenText>(5));
    const RequestId next = engine->submit(requestOf(settings, 8));
    engine->cancel(request);
    QVERIFY(m_log->waitForEnd(request));
    QCOMPARE(m_log->finished(request).reason, StopReason::Cancelled);
    QVERIFY(m_log->waitForEnd(next));
    QCOMPARE(firstTokens(*m_log, next, expected.size()), expected);
}

// Both run ahead when the first goes: the rows of the step under way still belong to both.
void RunAheadTest::cancelOfOne_keepsTheOthersTokens() {
    const SamplingSettings settings = settingsOf(3.0f, 9, 1, 0);
    const auto expected = expectedTokens(settings, 24);
    RequestId first = 0;
    std::atomic<Engine*> running{nullptr};
    int nTold = 0;
    m_log->observe([&](const EngineEvent& event) {
        if (std::holds_alternative<TokenText>(event) && ++nTold == 20)
            running.load()->cancel(first);
    });
    const auto engine = loadedEngine();
    QVERIFY(engine);
    running = engine.get();
    // Tokens at random: the other's row would hardly be the same one.
    first = engine->submit(requestOf(settingsOf(9.0f, 250, 1, 0), 40));
    const RequestId second = engine->submit(requestOf(settings, 24));
    QVERIFY(m_log->waitForEnd(first));
    QCOMPARE(m_log->finished(first).reason, StopReason::Cancelled);
    QVERIFY(m_log->waitForEnd(second));
    QCOMPARE(firstTokens(*m_log, second, expected.size()), expected);
}

void RunAheadTest::fault_endsTheRequestAndTheModelLoadsAgain() {
    const SamplingSettings settings = settingsOf(0, 0, 1, 0);
    const auto expected = expectedTokens(settings, 6);
    const auto engine = loadedEngine();
    QVERIFY(engine);
    const RequestId request = engine->submit(requestOf(settings, -1));
    QVERIFY(m_log->waitForAny<TokenText>(5));
    simt::injectFailure("cudaEventSynchronize", 1, cudaErrorIllegalAddress, true);
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
