// The engine as its callers see it: a tiny random model, real kernels, the real thread. The
// invariant checker looks at the state after every turn.
#include <QtTest>
#include <atomic>

#include "tests/engine/api/engine_fixture.h"

using namespace sotto;
using test::greedy;
using test::kContext;
using test::kLayers;

namespace {

#ifdef SOTTO_TEST_CUDA
constexpr std::initializer_list<const char*> kUnknownDevices{"cuda:7", "tpu"};
#else
constexpr std::initializer_list<const char*> kUnknownDevices{"cuda", "cuda:1", "tpu"};
#endif

const std::string kLongPrompt =
    "the cat sat on the mat and the dog sat on the cat and then the cat and the dog ran to the "
    "hen and all of them sat down on the mat again";

}  // namespace

class EngineTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init() { m_tiny.begin(); }
    void cleanup() { QVERIFY2(m_tiny.broken().empty(), m_tiny.broken().c_str()); }

    void load_tellsProgressAndWhatWasLoaded();
    void load_failsOnAMissingFile();
    void load_replacesTheModelAndCancelsItsRequests();
    void cancelLoad_endsInLoadFailedCancelled();
    void submit_withoutModelFails();
    void submit_whileLoadingWaits();
    void submit_answersWithCountsAndTimes();
    void submit_isRepeatableBySeedAndReportsIt();
    void twoRequests_giveTheSameIdsAsEachAlone();
    void cancel_endsARunningRequest();
    void cancel_endsAWaitingRequest();
    void unload_cancelsAndFreesTheModel();
    void context_fullEndsTheAnswer();
    void prompt_longerThanTheContextFailsWithNumbers();
    void prompt_thatIsNotUtf8Fails();
    void prompt_withTokenOutOfRangeFails();
    void settings_outOfRangeFail();
    void stopString_cutsTheAnswer();
    void alternatives_areTold();
    void endAtOnce_isNoTokenOfTheAnswer();
    void brokenTemplate_fallsBackVisibly();
    void countTokens_agreesWithTheRequest();
    void unknownDevice_isRefused();
    void destruction_duringGenerationIsClean();
    void manyThreads_getOneEndPerRequest();

private:
    test::EngineFixture m_tiny;
};

void EngineTest::initTestCase() {
    const test::TinyModel tiny = m_tiny.tinyModel();
    QVERIFY(m_tiny.write(tiny, "tiny.gguf"));
    test::TinyModel broken = tiny;
    broken.chatTemplate = "{% for message in messages %}{{ message.content }";
    QVERIFY(m_tiny.write(broken, "broken-template.gguf"));
    // Large enough that a load reports more than one piece of progress.
    test::TinyModel large;
    large.nEmbd = 256;
    large.nFf = 8192;
    large.headDim = 64;
    QVERIFY(m_tiny.write(large, "large.gguf"));
}

void EngineTest::load_tellsProgressAndWhatWasLoaded() {
    auto engine = m_tiny.loadedEngine();
    QVERIFY(engine);
    const ModelInfo info = m_tiny.log->all<ModelLoaded>().front().info;
    QCOMPARE(info.architecture, "llama");
    QCOMPARE(info.nLayers, kLayers);
    QCOMPARE(info.contextTokens, kContext);
    QVERIFY(info.memory.kv > 0);
    const auto progress = m_tiny.log->all<LoadProgress>();
    QVERIFY(!progress.empty());
    QVERIFY(progress.back().fraction > 0.9 && progress.back().fraction <= 1.0);
    const EngineSnapshot snapshot = engine->snapshot();
    QVERIFY(snapshot.isModelLoaded);
    QCOMPARE(snapshot.kvBlocksTotal, static_cast<std::int64_t>(kContext / 32));
    QCOMPARE(snapshot.kvBlocksUsed, 0);
    // The dry run and what was allocated.
    QCOMPARE(snapshot.memory.weightsMapped + snapshot.memory.weightsResident, info.memory.weights);
    QCOMPARE(snapshot.memory.kvCache, info.memory.kv);
}

void EngineTest::load_failsOnAMissingFile() {
    auto engine = m_tiny.makeEngine();
    engine->load(m_tiny.options("nowhere.gguf"));
    QVERIFY(m_tiny.log->waitForAny<LoadFailed>());
    QCOMPARE(m_tiny.log->all<LoadFailed>().front().error.code, ErrorCode::FileNotFound);
}

void EngineTest::load_replacesTheModelAndCancelsItsRequests() {
    auto engine = m_tiny.loadedEngine();
    // With the first token, on the engine's own thread: the answer cannot end before.
    bool isAsked = false;
    m_tiny.log->observe([&](const EngineEvent& event) {
        if (isAsked || !std::holds_alternative<TokenSampled>(event)) return;
        isAsked = true;
        engine->load(m_tiny.options("large.gguf"));
    });
    const RequestId request = engine->submit(greedy("the cat", -1));
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>(2));
    QVERIFY(m_tiny.log->waitForEnd(request));
    const GenerationFinished finished = m_tiny.log->finished(request);
    QCOMPARE(finished.request, request);  // finished, and not failed
    QCOMPARE(finished.reason, StopReason::Cancelled);
    QVERIFY(!m_tiny.log->tokens(request).empty());
    QCOMPARE(m_tiny.log->all<ModelLoaded>().size(), std::size_t{2});
    QCOMPARE(m_tiny.log->all<ModelLoaded>().back().info.nFeedForward, 8192);
    // The figures were the other model's.
    QCOMPARE(engine->snapshot().bytesPerStep, 0u);
    QCOMPARE(engine->snapshot().rowsPerStep, 0);
}

void EngineTest::cancelLoad_endsInLoadFailedCancelled() {
    auto engine = m_tiny.makeEngine();
    m_tiny.log->observe([&](const EngineEvent& event) {
        if (std::holds_alternative<LoadProgress>(event)) engine->cancelLoad();
    });
    engine->load(m_tiny.options("large.gguf"));
    QVERIFY(m_tiny.log->waitForAny<LoadFailed>());
    QCOMPARE(m_tiny.log->all<LoadFailed>().front().error.code, ErrorCode::Cancelled);
    QVERIFY(m_tiny.log->all<ModelLoaded>().empty());
    // The engine is none the worse for it.
    m_tiny.log->observe({});
    engine->load(m_tiny.options());
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
}

void EngineTest::submit_withoutModelFails() {
    auto engine = m_tiny.makeEngine();
    const RequestId request = engine->submit(greedy("the cat", 4));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->error(request).code, ErrorCode::InvalidArgument);
    QVERIFY(!engine->countTokens(TextPrompt{"the cat"}));
}

void EngineTest::submit_whileLoadingWaits() {
    auto engine = m_tiny.makeEngine();
    engine->load(m_tiny.options("large.gguf"));
    const RequestId request = engine->submit(greedy("the cat", 4));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->finished(request).reason, StopReason::MaxTokens);
    QCOMPARE(m_tiny.log->tokens(request).size(), std::size_t{4});
}

void EngineTest::submit_answersWithCountsAndTimes() {
    auto engine = m_tiny.loadedEngine();
    const RequestId request = engine->submit(greedy(kLongPrompt, 30));
    QVERIFY(m_tiny.log->waitForEnd(request));
    const RequestStats stats = m_tiny.log->finished(request).stats;
    QCOMPARE(stats.generatedTokens, 30);
    QCOMPARE(stats.promptTokens, *engine->countTokens(TextPrompt{kLongPrompt}));
    QVERIFY(stats.ttftMs > 0 && stats.prefillMs > 0 && stats.prefillMs <= stats.ttftMs);
    QVERIFY(stats.tpotP50Ms > 0 && stats.tpotP95Ms >= stats.tpotP50Ms);
    QCOMPARE(stats.tpotP99Ms, 0.0);  // too few samples
    QVERIFY(stats.tokensPerSecond > 0 && stats.bytesPerStep > 0);
    // The prompt was told before it was read, then at least after each of its chunks of 16.
    std::vector<std::int64_t> counts;
    for (const auto& told : m_tiny.log->all<PromptProgress>())
        counts.push_back(told.processedTokens);
    QVERIFY(counts.front() == 0 && std::is_sorted(counts.begin(), counts.end()));
    for (std::int64_t nRead = 16; nRead < stats.promptTokens; nRead += 16)
        QVERIFY(std::count(counts.begin(), counts.end(), nRead) > 0);
    QCOMPARE(counts.back(), stats.promptTokens);
}

void EngineTest::submit_isRepeatableBySeedAndReportsIt() {
    auto engine = m_tiny.loadedEngine();
    GenerationRequest request = greedy("the cat", 20);
    request.sampling.temperature = 1.0f;
    const RequestId first = engine->submit(request);
    QVERIFY(m_tiny.log->waitForEnd(first));
    request.sampling.seed = m_tiny.log->finished(first).stats.seed;
    const RequestId second = engine->submit(request);
    QVERIFY(m_tiny.log->waitForEnd(second));
    QCOMPARE(m_tiny.log->tokens(second), m_tiny.log->tokens(first));
    QCOMPARE(m_tiny.log->finished(second).stats.seed, *request.sampling.seed);
}

void EngineTest::twoRequests_giveTheSameIdsAsEachAlone() {
    const std::vector<std::string> prompts{"the cat", kLongPrompt, "and then the dog"};
    std::vector<std::vector<std::int32_t>> alone;
    auto engine = m_tiny.loadedEngine();
    for (const std::string& prompt : prompts) {
        const RequestId request = engine->submit(greedy(prompt, 12));
        QVERIFY(m_tiny.log->waitForEnd(request));
        alone.push_back(m_tiny.log->tokens(request));
    }
    std::vector<RequestId> together;
    for (const std::string& prompt : prompts)
        together.push_back(engine->submit(greedy(prompt, 12)));
    for (std::size_t promptIndex = 0; promptIndex < prompts.size(); ++promptIndex) {
        QVERIFY(m_tiny.log->waitForEnd(together[promptIndex]));
        QCOMPARE(m_tiny.log->tokens(together[promptIndex]), alone[promptIndex]);
    }
}

void EngineTest::cancel_endsARunningRequest() {
    auto engine = m_tiny.loadedEngine();
    std::atomic<RequestId> running{0};
    // From the sink, as the contract allows: takes effect before the next token.
    m_tiny.log->observe([&](const EngineEvent& event) {
        if (const auto* token = std::get_if<TokenSampled>(&event)) engine->cancel(token->request);
    });
    const RequestId request = engine->submit(greedy("the cat", -1));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->finished(request).reason, StopReason::Cancelled);
    QCOMPARE(m_tiny.log->finished(request).stats.generatedTokens, 1);
    engine.reset();
}

void EngineTest::cancel_endsAWaitingRequest() {
    auto engine = m_tiny.loadedEngine();
    // Each may need the whole context, so the second waits for the first.
    const RequestId first = engine->submit(greedy("the cat", -1));
    const RequestId second = engine->submit(greedy("the dog", -1));
    engine->cancel(second);
    engine->cancel(RequestId{123456});  // unknown ids are ignored
    QVERIFY(m_tiny.log->waitForEnd(second));
    QCOMPARE(m_tiny.log->finished(second).reason, StopReason::Cancelled);
    QVERIFY(m_tiny.log->waitForEnd(first));
    QCOMPARE(m_tiny.log->finished(first).reason, StopReason::ContextFull);
}

void EngineTest::unload_cancelsAndFreesTheModel() {
    auto engine = m_tiny.loadedEngine();
    const RequestId request = engine->submit(greedy("the cat", -1));
    engine->unload();
    QVERIFY(m_tiny.log->waitForAny<ModelUnloaded>());
    QVERIFY(m_tiny.log->waitForEnd(request));
    QVERIFY(!engine->snapshot().isModelLoaded);
    QCOMPARE(engine->snapshot().memory.kvCache, 0u);
    const RequestId late = engine->submit(greedy("the cat", 4));
    QVERIFY(m_tiny.log->waitForEnd(late));
    QCOMPARE(m_tiny.log->error(late).code, ErrorCode::InvalidArgument);
}

void EngineTest::context_fullEndsTheAnswer() {
    auto engine = m_tiny.loadedEngine();
    const RequestId request = engine->submit(greedy("the cat", -1));
    QVERIFY(m_tiny.log->waitForEnd(request));
    const GenerationFinished finished = m_tiny.log->finished(request);
    QCOMPARE(finished.reason, StopReason::ContextFull);
    QCOMPARE(finished.stats.promptTokens + finished.stats.generatedTokens, kContext);
}

void EngineTest::prompt_longerThanTheContextFailsWithNumbers() {
    auto engine = m_tiny.loadedEngine();
    TokenPrompt prompt;
    prompt.tokens.assign(kContext, 5);
    GenerationRequest request = greedy("", 4);
    request.prompt = prompt;
    const RequestId id = engine->submit(request);
    QVERIFY(m_tiny.log->waitForEnd(id));
    QCOMPARE(m_tiny.log->error(id).code, ErrorCode::ContextFull);
    QCOMPARE(m_tiny.log->error(id).needed, kContext + 1);
    QCOMPARE(m_tiny.log->error(id).available, kContext);
}

void EngineTest::prompt_thatIsNotUtf8Fails() {
    auto engine = m_tiny.loadedEngine();
    const RequestId text = engine->submit(greedy("the \xC3( cat", 4));
    GenerationRequest chat = greedy("", 4);
    chat.prompt = ChatPrompt{{{Role::User, "half a character: \xE2\x82", ""}}};
    const RequestId message = engine->submit(chat);
    for (const RequestId request : {text, message}) {
        QVERIFY(m_tiny.log->waitForEnd(request));
        QCOMPARE(m_tiny.log->error(request).code, ErrorCode::InvalidArgument);
    }
}

void EngineTest::prompt_withTokenOutOfRangeFails() {
    auto engine = m_tiny.loadedEngine();
    for (const std::int32_t token : {-1, 320}) {
        GenerationRequest request = greedy("", 4);
        request.prompt = TokenPrompt{{1, token}};
        const RequestId id = engine->submit(request);
        QVERIFY(m_tiny.log->waitForEnd(id));
        QCOMPARE(m_tiny.log->error(id).code, ErrorCode::InvalidArgument);
    }
}

void EngineTest::settings_outOfRangeFail() {
    auto engine = m_tiny.loadedEngine();
    GenerationRequest request = greedy("the cat", 4);
    request.sampling.temperature = -1;
    const RequestId hot = engine->submit(request);
    const RequestId endless = engine->submit(greedy("the cat", -7));
    for (const RequestId id : {hot, endless}) {
        QVERIFY(m_tiny.log->waitForEnd(id));
        QCOMPARE(m_tiny.log->error(id).code, ErrorCode::InvalidArgument);
    }
}

void EngineTest::stopString_cutsTheAnswer() {
    auto engine = m_tiny.loadedEngine();
    const RequestId free = engine->submit(greedy("the cat", 40));
    QVERIFY(m_tiny.log->waitForEnd(free));
    const std::string whole = m_tiny.log->text(free);
    // Two characters in the middle of what the model would say.
    const std::size_t middle = whole.size() / 2;
    std::size_t begin = middle;
    while (begin > 0 && (static_cast<unsigned char>(whole[begin]) & 0xC0) == 0x80) --begin;
    std::size_t end = begin + 1;
    while (end < whole.size() && (static_cast<unsigned char>(whole[end]) & 0xC0) == 0x80) ++end;
    GenerationRequest request = greedy("the cat", 40);
    request.stop = {whole.substr(begin, end - begin), ""};
    const RequestId stopped = engine->submit(request);
    QVERIFY(m_tiny.log->waitForEnd(stopped));
    QCOMPARE(m_tiny.log->finished(stopped).reason, StopReason::StopString);
    QCOMPARE(m_tiny.log->finished(stopped).stopString, request.stop.front());
    QCOMPARE(m_tiny.log->text(stopped), whole.substr(0, whole.find(request.stop.front())));
}

void EngineTest::alternatives_areTold() {
    auto engine = m_tiny.loadedEngine();
    GenerationRequest request = greedy("the cat", 3);
    request.sampling.nAlternatives = 5;
    const RequestId id = engine->submit(request);
    QVERIFY(m_tiny.log->waitForEnd(id));
    QCOMPARE(m_tiny.log->finished(id).request, id);
    QCOMPARE(m_tiny.log->tokens(id).size(), std::size_t{3});
    for (const TokenSampled& sampled : m_tiny.log->all<TokenSampled>()) {
        QCOMPARE(sampled.request, id);
        QCOMPARE(sampled.alternatives.size(), std::size_t{5});
        QCOMPARE(sampled.alternatives.front().token, sampled.token);  // greedy: the most likely
        QCOMPARE(sampled.alternatives.front().probability, sampled.probability);
        QVERIFY(sampled.alternatives[0].probability >= sampled.alternatives[4].probability);
    }
}

void EngineTest::endAtOnce_isNoTokenOfTheAnswer() {
    auto engine = m_tiny.loadedEngine();
    GenerationRequest request = greedy("the cat", 8);
    request.isIgnoringEnd = false;
    request.sampling.logitBias = {{2, 1000.0f}};  // </s>
    const RequestId id = engine->submit(request);
    QVERIFY(m_tiny.log->waitForEnd(id));
    QCOMPARE(m_tiny.log->finished(id).reason, StopReason::EndOfText);
    QCOMPARE(m_tiny.log->finished(id).stats.generatedTokens, 0);
    QVERIFY(m_tiny.log->finished(id).stats.ttftMs > 0);
    QCOMPARE(m_tiny.log->finished(id).stats.tokensPerSecond, 0.0);
}

void EngineTest::brokenTemplate_fallsBackVisibly() {
    auto engine = m_tiny.makeEngine();
    engine->load(m_tiny.options("broken-template.gguf"));
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    QVERIFY(!m_tiny.log->all<ModelLoaded>().front().info.templateProblem.empty());
    GenerationRequest request = greedy("", 4);
    request.prompt = ChatPrompt{{{Role::User, "the cat", ""}}};
    const RequestId id = engine->submit(request);
    QVERIFY(m_tiny.log->waitForEnd(id));
    QCOMPARE(m_tiny.log->finished(id).reason, StopReason::MaxTokens);
}

void EngineTest::countTokens_agreesWithTheRequest() {
    auto engine = m_tiny.loadedEngine();
    const ChatPrompt chat{{{Role::User, "the cat sat", ""}}};
    const auto counted = engine->countTokens(chat);
    QVERIFY(counted);
    GenerationRequest request = greedy("", 2);
    request.prompt = chat;
    const RequestId id = engine->submit(request);
    QVERIFY(m_tiny.log->waitForEnd(id));
    QCOMPARE(m_tiny.log->finished(id).stats.promptTokens, *counted);
}

void EngineTest::unknownDevice_isRefused() {
    for (const char* device : kUnknownDevices) {
        EngineOptions options;
        options.device = device;
        const auto engine = createEngine(options, m_tiny.log->sink());
        QVERIFY(!engine);
        QCOMPARE(engine.error().code, ErrorCode::Unsupported);
    }
}

void EngineTest::destruction_duringGenerationIsClean() {
    RequestId running = 0, waiting = 0;
    {
        auto engine = m_tiny.loadedEngine();
        running = engine->submit(greedy("the cat", -1));
        waiting = engine->submit(greedy("the dog", -1));
        QVERIFY(m_tiny.log->waitForAny<TokenSampled>());
    }
    QVERIFY(m_tiny.log->waitForEnd(running));
    QVERIFY(m_tiny.log->waitForEnd(waiting));
    QCOMPARE(m_tiny.log->all<GenerationFinished>().size(), std::size_t{2});
}

void EngineTest::manyThreads_getOneEndPerRequest() {
    auto engine = m_tiny.loadedEngine();
    std::mutex mutex;
    std::vector<RequestId> ids;
    std::vector<std::thread> threads;
    for (int threadIndex = 0; threadIndex < 4; ++threadIndex)
        threads.emplace_back([&, threadIndex] {
            for (int round = 0; round < 6; ++round) {
                const RequestId id = engine->submit(greedy("the cat", 3 + threadIndex));
                if (round % 3 == 0) engine->cancel(id);
                static_cast<void>(engine->countTokens(TextPrompt{"the dog"}));
                static_cast<void>(engine->snapshot());
                const std::lock_guard lock(mutex);
                ids.push_back(id);
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (const RequestId id : ids) QVERIFY(m_tiny.log->waitForEnd(id));
    engine.reset();
    for (const RequestId id : ids) QCOMPARE(m_tiny.ends(id), 1);
}

QTEST_APPLESS_MAIN(EngineTest)
#include "engine_test.moc"
