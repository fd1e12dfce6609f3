// Answers that share the cache: admitted by what they will probably need, paused when that was too
// little, and several to one question. Whatever happens between, each says token by token what it
// says alone. The invariant checker looks at the state after every turn. SOTTO_TEST_CUDA: on the
// emulated card, where that holds of what is not computed again by kernels for prompts; how far
// that lies off is bounded by cuda_model_test.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <map>
#include <random>

#include "engine/schedule/engine_impl.h"
#include "tests/engine/api/event_log.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

#ifdef SOTTO_TEST_CUDA
constexpr auto kDevice = "cuda";
constexpr bool isOnCard = true;
#else
constexpr auto kDevice = "cpu";
constexpr bool isOnCard = false;
#endif
constexpr std::int64_t kContext = 256;          // 8 blocks
constexpr std::int32_t kEndOfText = 2;          // of tinyVocabulary()
constexpr std::uint64_t kMuchMemory = 1 << 26;  // more than all paused ones have

// Never ends by itself, so that the prediction of a quarter of the context fails.
GenerationRequest question(std::int32_t topic, std::size_t nPrompt, std::int64_t maxTokens) {
    GenerationRequest request;
    TokenPrompt prompt{{1}};
    while (prompt.tokens.size() < nPrompt)
        prompt.tokens.push_back(
            20 + (topic * 31 + static_cast<std::int32_t>(prompt.tokens.size()) * 7) % 200);
    request.prompt = std::move(prompt);
    request.sampling.seed = static_cast<std::uint64_t>(topic + 1);
    request.sampling.temperature = 1.0f;
    request.sampling.logitBias = {{kEndOfText, -1000.0f}};
    request.maxTokens = maxTokens;
    return request;
}

}  // namespace

class PausedAnswersTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        test::TinyModel tiny = isOnCard ? test::cardModel() : test::TinyModel();
        tiny.nContext = 512;
        QVERIFY(test::writeTinyModel(tiny, path()));
    }
    void init() { begin(); }
    void cleanup() { QVERIFY2(m_broken.empty(), m_broken.c_str()); }

    void secondChat_doesNotWaitForTheFirst();
    void prediction_followsTheConversation();
    void pausedAnswer_isTheSame_data();
    void pausedAnswer_isTheSame();
    void pause_hitsTheBackgroundJobFirst();
    void pausedAnswer_canBeCancelled();
    void randomLoad_givesEachAnswerItsOwn();
    void answersToOneQuestion_shareItsBlocks();
    void answersToAnEmptyQuestion_runSideBySide();
    void copyOfASharedBlock_isCharged();
    void answersToOneQuestion_areThoseOfEachSeed_data();
    void answersToOneQuestion_areThoseOfEachSeed();
    void answersToOneQuestion_endEachByItself();
    void answersToOneQuestion_areRefusedTogether();

private:
    std::string path() const { return m_folder.filePath("tiny.gguf").toStdString(); }
    void begin() {
        m_log = std::make_unique<EventLog>();
        m_broken.clear();
        m_mostShared = 0;
        m_mostRunning = 0;
    }
    std::unique_ptr<Engine> makeEngine(EventLog& log, std::uint64_t maxAsideBytes, TurnHook hook) {
        EngineOptions options;
        options.nThreads = 2;
        options.isMeasuringBandwidth = false;
        options.device = kDevice;
        options.maxAsideBytes = maxAsideBytes;
        auto engine = EngineImpl::create(options, log.sink(), std::move(hook));
        if (!engine) return nullptr;
        LoadOptions load;
        load.path = path();
        load.contextTokens = kContext;
        load.prefillChunk = 16;
        (*engine)->load(load);
        return log.waitForAny<ModelLoaded>() ? std::move(*engine) : nullptr;
    }
    std::unique_ptr<Engine> loadedEngine(std::uint64_t maxAsideBytes = kMuchMemory) {
        return makeEngine(*m_log, maxAsideBytes, [this](const EngineState& state) {
            if (const auto broken = findBrokenInvariant(state)) m_broken = *broken;
            m_mostRunning = std::max(m_mostRunning.load(), state.running.size());
            for (const std::int32_t holders : state.holders)
                m_mostShared = std::max(m_mostShared.load(), holders);
        });
    }
    // By an engine that has nothing else to do.
    std::vector<std::int32_t> alone(GenerationRequest request) {
        if (!m_quietEngine) m_quietEngine = makeEngine(m_quietLog, 0, {});
        const RequestId id = m_quietEngine->submit(std::move(request));
        return m_quietLog.waitForEnd(id) ? m_quietLog.tokens(id) : std::vector<std::int32_t>{};
    }
    void playRandomLoad(int seed, std::uint64_t maxAsideBytes);
    // Nothing twice: the prompt's progress goes up to its end, and one end is told.
    void verifyEvents(RequestId id) const {
        std::int64_t last = -1;
        int nEnds = 0;
        for (const EngineEvent& event : m_log->events()) {
            if (const auto* told = std::get_if<PromptProgress>(&event);
                told != nullptr && told->request == id) {
                QVERIFY(told->processedTokens > last);
                last = told->processedTokens;
            }
            nEnds += EventLog::isEndOf(event, id) ? 1 : 0;
        }
        QCOMPARE(nEnds, 1);
    }

    QTemporaryDir m_folder;
    EventLog m_quietLog;
    std::unique_ptr<Engine> m_quietEngine;
    std::unique_ptr<EventLog> m_log;
    std::string m_broken;  // written on the engine's thread, read after it was joined
    std::int64_t m_nPauses = 0;
    std::atomic<std::int32_t> m_mostShared = 0;
    std::atomic<std::size_t> m_mostRunning = 0;
};

// Neither has a limit, and the cache holds one context.
void PausedAnswersTest::secondChat_doesNotWaitForTheFirst() {
    auto engine = loadedEngine();
    QVERIFY(engine);
    std::atomic<RequestId> second{0};
    std::atomic<int> nOfFirst{0};
    std::atomic<int> nOfFirstThen{-1};  // when the second one began
    m_log->observe([&](const EngineEvent& event) {
        const auto* token = std::get_if<TokenSampled>(&event);
        if (token == nullptr) return;
        if (token->request != 1) {
            if (nOfFirstThen < 0) nOfFirstThen = nOfFirst.load();
        } else if (++nOfFirst == 3) {
            second = engine->submit(question(1, 20, -1));
        }
    });
    const RequestId first = engine->submit(question(0, 20, -1));
    QCOMPARE(first, RequestId{1});
    QVERIFY(m_log->waitForEnd(first));
    QVERIFY(second > 0 && m_log->waitForEnd(second));
    QCOMPARE(m_log->finished(first).reason, StopReason::ContextFull);
    QCOMPARE(m_log->finished(second).reason, StopReason::ContextFull);
    // Two chunks of its prompt, with steps of the first in between.
    QVERIFY(nOfFirstThen >= 3 && nOfFirstThen < 20);
}

void PausedAnswersTest::prediction_followsTheConversation() {
    if (isOnCard) QSKIP("decided without the device");
    auto engine = loadedEngine();
    QVERIFY(engine);
    // Long ones in one chat, short ones in another: two of the former have no room side by side.
    for (int answer = 0; answer < 4; ++answer)
        for (const std::uint64_t chat : {1, 2}) {
            GenerationRequest request = question(answer, 20, chat == 1 ? 200 : 8);
            request.conversation = chat;
            QVERIFY(m_log->waitForEnd(engine->submit(request)));
        }
    for (const std::uint64_t chat : {1, 2}) {
        std::vector<RequestId> ids;
        for (int answer = 0; answer < 3; ++answer) {
            GenerationRequest request = question(answer, 20, chat == 1 ? 200 : 9);
            request.conversation = chat;
            ids.push_back(engine->submit(request));
        }
        for (const RequestId id : ids) QVERIFY(m_log->waitForEnd(id));
        QCOMPARE(m_mostRunning.load(), chat == 1 ? std::size_t{1} : std::size_t{3});
    }
    QCOMPARE(engine->snapshot().preemptions, 0);
}

void PausedAnswersTest::pausedAnswer_isTheSame_data() {
    QTest::addColumn<qulonglong>("maxAsideBytes");
    QTest::addColumn<bool>("isHostChoosing");
    QTest::newRow("blocks kept aside") << qulonglong{kMuchMemory} << true;
    QTest::newRow("blocks kept aside, chosen on the device") << qulonglong{kMuchMemory} << false;
    QTest::newRow("computed again") << qulonglong{0} << true;
    // One answer's blocks have room, two answers' do not.
    QTest::newRow("some of both") << qulonglong{40000} << true;
}

void PausedAnswersTest::pausedAnswer_isTheSame() {
    QFETCH(qulonglong, maxAsideBytes);
    QFETCH(bool, isHostChoosing);
    std::vector<GenerationRequest> requests;
    for (std::int32_t topic = 0; topic < 4; ++topic) {
        requests.push_back(question(topic, 21, 190));
        if (isHostChoosing) continue;
        // Biases are the host's. Without them some end by themselves.
        requests.back().sampling.logitBias.clear();
        requests.back().sampling.topK = 8;
    }
    requests[1].isBackground = true;
    std::vector<std::vector<std::int32_t>> expected;
    for (const GenerationRequest& request : requests) expected.push_back(alone(request));
    auto engine = loadedEngine(maxAsideBytes);
    QVERIFY(engine);
    std::vector<RequestId> ids;
    for (const GenerationRequest& request : requests) ids.push_back(engine->submit(request));
    std::int64_t nPauses = 0;
    for (std::size_t index = 0; index < ids.size(); ++index) {
        QVERIFY(m_log->waitForEnd(ids[index]));
        // Those that the host chooses cannot end by themselves.
        const bool isCut = isHostChoosing || expected[index].size() == 190;
        QCOMPARE(m_log->finished(ids[index]).reason,
                 isCut ? StopReason::MaxTokens : StopReason::EndOfText);
        const std::int64_t nPausesOfIt = m_log->finished(ids[index]).stats.preemptions;
        const bool isExact = !isOnCard || maxAsideBytes == kMuchMemory || nPausesOfIt == 0;
        if (isExact) QCOMPARE(m_log->tokens(ids[index]), expected[index]);
        QCOMPARE(m_log->tokens(ids[index]).size(), expected[index].size());
        verifyEvents(ids[index]);
        nPauses += nPausesOfIt;
    }
    QVERIFY(nPauses > 0);
    QCOMPARE(m_log->finished(ids[0]).stats.preemptions, 0);  // the oldest never
    QCOMPARE(engine->snapshot().preemptions, nPauses);
    engine.reset();
    QVERIFY(m_mostRunning > 1);
}

// Although it came first.
void PausedAnswersTest::pause_hitsTheBackgroundJobFirst() {
    auto engine = loadedEngine();
    QVERIFY(engine);
    GenerationRequest job = question(0, 20, 200);
    job.isBackground = true;
    std::atomic<RequestId> person{0};
    m_log->observe([&](const EngineEvent& event) {
        if (std::holds_alternative<TokenSampled>(event) && person == 0)
            person = engine->submit(question(1, 20, 200));
    });
    const RequestId background = engine->submit(job);
    QVERIFY(m_log->waitForEnd(background));
    QVERIFY(m_log->waitForEnd(person));
    QCOMPARE(m_log->finished(person).stats.preemptions, 0);
    QCOMPARE(m_log->finished(background).stats.preemptions, 1);
    QCOMPARE(m_log->finished(background).stats.generatedTokens, 200);
}

void PausedAnswersTest::pausedAnswer_canBeCancelled() {
    auto engine = loadedEngine();
    QVERIFY(engine);
    std::atomic<RequestId> second{0};
    // Seen by the other's going on for long: then the second one waits, set aside.
    m_log->observe([&](const EngineEvent& event) {
        const auto* token = std::get_if<TokenSampled>(&event);
        if (token != nullptr && token->request == 1 && engine->snapshot().preemptions > 0)
            engine->cancel(second);
    });
    const RequestId first = engine->submit(question(0, 20, 230));
    second = engine->submit(question(1, 20, 230));
    QVERIFY(m_log->waitForEnd(second));
    QCOMPARE(m_log->finished(second).reason, StopReason::Cancelled);
    QCOMPARE(m_log->finished(second).stats.preemptions, 1);
    QVERIFY(m_log->waitForEnd(first));
    QCOMPARE(m_log->tokens(first).size(), std::size_t{230});
    m_log->observe({});
}

// Random arrivals, prompts, lengths, numbers of answers and cancels.
void PausedAnswersTest::playRandomLoad(int seed, std::uint64_t maxAsideBytes) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    struct Asked {
        GenerationRequest request;  // of the one answer
        bool isCancelled = false;
    };
    auto engine = loadedEngine(maxAsideBytes);
    QVERIFY(engine);
    std::map<RequestId, Asked> asked;
    for (int round = 0; round < 24; ++round) {
        GenerationRequest request =
            question(below(50), static_cast<std::size_t>(2 + below(60)), 1 + below(190));
        request.isBackground = below(4) == 0;
        request.nAnswers = below(4) == 0 ? 2 + below(3) : 1;
        request.conversation = static_cast<std::uint64_t>(below(3));
        const RequestId first = engine->submit(request);
        for (std::int32_t answer = 0; answer < request.nAnswers; ++answer) {
            const RequestId id = first + static_cast<RequestId>(answer);
            asked[id].request = request;
            asked[id].request.nAnswers = 1;
            *asked[id].request.sampling.seed += static_cast<std::uint64_t>(answer);
        }
        if (below(6) == 0) QVERIFY(m_log->waitForAny<TokenSampled>(1 + round * 5));
        if (below(5) == 0) {
            engine->cancel(first);
            asked[first].isCancelled = true;
        }
    }
    for (const auto& [id, one] : asked) QVERIFY(m_log->waitForEnd(id));
    m_nPauses += engine->snapshot().preemptions;
    engine.reset();
    for (const auto& [id, one] : asked) {
        const auto tokens = m_log->tokens(id);
        auto expected = alone(one.request);
        QVERIFY(one.isCancelled || tokens.size() == expected.size());
        QVERIFY(tokens.size() <= expected.size());
        expected.resize(tokens.size());
        QCOMPARE(tokens, expected);
        verifyEvents(id);
    }
}

void PausedAnswersTest::randomLoad_givesEachAnswerItsOwn() {
    if (isOnCard) QSKIP("shares prompts and computes again, and takes minutes");
    // Room for all that is set aside, for some of it, for none.
    for (int seed = 1; seed <= 6; ++seed) {
        const std::uint64_t maxAsideBytes[] = {0, kMuchMemory, 40000};
        m_log = std::make_unique<EventLog>();
        playRandomLoad(seed, maxAsideBytes[seed % 3]);
        QVERIFY2(!QTest::currentTestFailed() && m_broken.empty(),
                 qPrintable(QString("seed %1: %2").arg(seed).arg(m_broken.c_str())));
    }
    QVERIFY2(m_nPauses > 0, qPrintable(QString::number(m_nPauses)));
    QVERIFY(m_mostRunning > 2 && m_mostShared > 2);
}

void PausedAnswersTest::answersToOneQuestion_shareItsBlocks() {
    auto engine = loadedEngine();
    QVERIFY(engine);
    GenerationRequest request = question(3, 100, 20);
    request.nAnswers = 4;
    const RequestId first = engine->submit(request);
    for (RequestId id = first; id < first + 4; ++id) QVERIFY(m_log->waitForEnd(id));
    for (RequestId id = first; id < first + 4; ++id)
        QCOMPARE(m_log->finished(id).stats.reusedTokens, id == first ? 0 : 99);
    // Alone each would take 4 of the 8 blocks.
    QCOMPARE(engine->snapshot().preemptions, 0);
    engine.reset();
    QCOMPARE(m_mostRunning.load(), std::size_t{4});
    QCOMPARE(m_mostShared.load(), 4);
}

// Of one token there is nothing to share, and nothing to wait for.
void PausedAnswersTest::answersToAnEmptyQuestion_runSideBySide() {
    auto engine = loadedEngine();
    QVERIFY(engine);
    GenerationRequest request = question(3, 1, 20);
    request.nAnswers = 4;
    const RequestId first = engine->submit(request);
    for (RequestId id = first; id < first + 4; ++id) QVERIFY(m_log->waitForEnd(id));
    engine.reset();
    QCOMPARE(m_mostRunning.load(), std::size_t{4});
}

// Of two answers that share a block not yet full, the one that writes first takes another: five in
// all with their ends, so that one of four does not fit beside them.
void PausedAnswersTest::copyOfASharedBlock_isCharged() {
    auto engine = loadedEngine();
    QVERIFY(engine);
    GenerationRequest request = question(3, 40, 56);
    request.nAnswers = 2;
    request.isIgnoringEnd = true;  // what it takes is known
    GenerationRequest other = question(4, 100, 28);
    other.isIgnoringEnd = true;
    std::atomic<RequestId> third{0};
    // Taken in the turn in which the second answer starts to share.
    m_log->observe([&](const EngineEvent& event) {
        if (std::holds_alternative<TokenSampled>(event) && third == 0)
            third = engine->submit(other);
    });
    const RequestId first = engine->submit(request);
    QVERIFY(m_log->waitForEnd(first));
    QVERIFY(m_log->waitForEnd(first + 1));
    QVERIFY(m_log->waitForEnd(third));
    m_log->observe({});
    QCOMPARE(engine->snapshot().preemptions, 0);
}

void PausedAnswersTest::answersToOneQuestion_areThoseOfEachSeed_data() {
    QTest::addColumn<int>("nPrompt");
#ifdef SOTTO_TEST_CUDA
    // Such whose last piece is read by the kernels that read a shared prompt's last token.
    const auto lengths = {1, 2, 8, 65, 72};
#else
    // Of one token, of a block less one, a block, a block and one, and a long one.
    const auto lengths = {1, 2, 31, 32, 33, 34, 100};
#endif
    for (const int nPrompt : lengths) QTest::addRow("%d", nPrompt) << nPrompt;
}

void PausedAnswersTest::answersToOneQuestion_areThoseOfEachSeed() {
    QFETCH(int, nPrompt);
    GenerationRequest request = question(5, static_cast<std::size_t>(nPrompt), 40);
    std::vector<std::vector<std::int32_t>> expected;
    for (std::uint64_t answer = 0; answer < 4; ++answer) {
        GenerationRequest one = request;
        *one.sampling.seed += answer;
        expected.push_back(alone(one));
    }
    QVERIFY(expected[0] != expected[1]);
    auto engine = loadedEngine();
    QVERIFY(engine);
    request.nAnswers = 4;
    const RequestId first = engine->submit(request);
    QCOMPARE(engine->submit(question(0, 4, 2)), first + 4);  // consecutive ids were taken
    for (std::uint64_t answer = 0; answer < 4; ++answer) {
        QVERIFY(m_log->waitForEnd(first + answer));
        QCOMPARE(m_log->finished(first + answer).stats.seed, *request.sampling.seed + answer);
        QCOMPARE(m_log->tokens(first + answer), expected[answer]);
        verifyEvents(first + answer);
    }
}

// The first one goes, also before the prompt is read; the others go on.
void PausedAnswersTest::answersToOneQuestion_endEachByItself() {
    // On a card too the last piece's kernels are those of a shared prompt's last token.
    GenerationRequest request = question(6, 70, 30);
    GenerationRequest one = request;
    ++*one.sampling.seed;
    const auto expected = alone(one);
    auto engine = loadedEngine();
    QVERIFY(engine);
    request.nAnswers = 3;
    m_log->observe([&](const EngineEvent& event) {
        const auto* told = std::get_if<PromptProgress>(&event);
        if (told != nullptr && told->request == 1 && told->processedTokens > 20) engine->cancel(1);
        const auto* token = std::get_if<TokenSampled>(&event);
        if (token != nullptr && token->request == 3) engine->cancel(3);
    });
    QCOMPARE(engine->submit(request), RequestId{1});
    for (const RequestId id : {1, 2, 3}) QVERIFY(m_log->waitForEnd(id));
    QCOMPARE(m_log->finished(1).reason, StopReason::Cancelled);
    QVERIFY(m_log->tokens(1).empty());
    QCOMPARE(m_log->finished(3).reason, StopReason::Cancelled);
    QCOMPARE(m_log->tokens(2), expected);
    m_log->observe({});
}

void PausedAnswersTest::answersToOneQuestion_areRefusedTogether() {
    auto engine = loadedEngine();
    QVERIFY(engine);
    for (const std::int32_t nAnswers : {-1, 0, kMaxAnswers + 1}) {
        GenerationRequest request = question(1, 4, 4);
        request.nAnswers = nAnswers;
        const RequestId id = engine->submit(request);
        QVERIFY(m_log->waitForEnd(id));
        QCOMPARE(m_log->error(id).code, ErrorCode::InvalidArgument);
    }
    GenerationRequest request = question(1, static_cast<std::size_t>(kContext), 4);
    request.nAnswers = 3;
    const RequestId first = engine->submit(request);
    for (RequestId id = first; id < first + 3; ++id) {
        QVERIFY(m_log->waitForEnd(id));
        QCOMPARE(m_log->error(id).code, ErrorCode::ContextFull);
    }
}

QTEST_APPLESS_MAIN(PausedAnswersTest)
#include "paused_answers_test.moc"
