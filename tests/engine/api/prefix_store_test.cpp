// What a request computed outlives the engine where it may: another engine of the same model goes
// on behind it and says token by token what it says alone; and whatever the store does (loses a
// block, gives a wrong one, does not answer), the answer is the same and comes. The invariant
// checker looks at the state after every turn. SOTTO_TEST_CUDA: on the emulated card.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/schedule/engine_impl.h"
#include "tests/engine/api/event_log.h"
#include "tests/support/memory_prefix_store.h"
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
constexpr std::uint64_t kChat = 41;

using Tokens = std::vector<std::int32_t>;

Tokens talk(std::int32_t topic, std::size_t count) {
    Tokens tokens;
    while (tokens.size() < count)
        tokens.push_back(20 + (topic * 31 + static_cast<std::int32_t>(tokens.size()) * 7) % 200);
    return tokens;
}

GenerationRequest question(Tokens prompt, bool isLasting = true, std::int64_t maxTokens = 6) {
    GenerationRequest request;
    request.prompt = TokenPrompt{std::move(prompt)};
    request.sampling.temperature = 0;
    request.maxTokens = maxTokens;
    request.isIgnoringEnd = true;
    request.conversation = kChat;
    request.isLasting = isLasting;
    return request;
}

// An engine of its own, with its events.
struct Running {
    EventLog log;
    std::unique_ptr<Engine> engine;
    std::string broken;

    Tokens ask(const GenerationRequest& request) {
        const RequestId id = engine->submit(request);
        if (!log.waitForEnd(id)) qFatal("no end");
        stats = log.finished(id).stats;
        return log.tokens(id);
    }
    RequestStats stats;
};

}  // namespace

class PrefixStoreTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        test::TinyModel tiny = isOnCard ? test::cardModel() : test::TinyModel();
        tiny.nContext = 512;
        QVERIFY(test::writeTinyModel(tiny, path()));
        tiny.seed += 1;
        QVERIFY(test::writeTinyModel(tiny, path("other.gguf")));
        m_plain = start(nullptr);
        m_expected = m_plain->ask(question(talk(1, 200)));
        QCOMPARE(m_expected.size(), 6u);
    }
    void init() { m_store = std::make_unique<test::MemoryPrefixStore>(); }
    void cleanupTestCase() { m_plain.reset(); }

    void anotherEngine_goesOnBehindIt() {
        fill();
        QCOMPARE(m_store->nBlocks(), 6u);  // 200 tokens fill six blocks of 32
        const auto second = start(m_store.get());
        QCOMPARE(second->ask(question(talk(1, 200))), m_expected);
        QCOMPARE(second->stats.restoredTokens, 192);
        QCOMPARE(second->stats.reusedTokens, 0);
        QCOMPARE(second->stats.computedTokens(), 8);
        QVERIFY(second->stats.restoreMs > 0 && second->stats.restoreMs <= second->stats.ttftMs);
        // It is in memory now.
        QCOMPARE(second->ask(question(talk(1, 200))), m_expected);
        QCOMPARE(second->stats.restoredTokens, 0);
        QVERIFY(second->stats.reusedTokens >= 192);
        QVERIFY2(second->broken.empty(), second->broken.c_str());
    }

    // "restored 192 of 200 tokens", and never back.
    void progress_tellsWhatWasRestored() {
        fill();
        const auto second = start(m_store.get());
        second->ask(question(talk(1, 200)));
        std::int64_t last = 0, nRestored = 0;
        for (const PromptProgress& progress : second->log.all<PromptProgress>()) {
            QVERIFY(progress.processedTokens >= last);
            last = progress.processedTokens;
            nRestored = progress.restoredTokens;
            QVERIFY(progress.restoredTokens + progress.reusedTokens <= progress.processedTokens);
        }
        QCOMPARE(nRestored, 192);
        QCOMPARE(last, 200);
    }

    void whatMayNotLast_isNotWritten() {
        const auto first = start(m_store.get());
        first->ask(question(talk(1, 200), false));
        first->ask(question(talk(2, 100)));
        QVERIFY(m_store->waitForOwned(1));
        QCOMPARE(m_store->nBlocks(), 3u);
    }

    void onlyAProperPrefix_isRestored() {
        fill();
        const auto second = start(m_store.get());
        // All of its tokens are there: the last block is computed again, for its last token.
        second->ask(question(talk(1, 192)));
        QCOMPARE(second->stats.restoredTokens, isOnCard ? 128 : 160);
    }

    void beginningInMemory_isContinuedFromTheStore() {
        fill();
        const auto second = start(m_store.get());
        second->ask(question(talk(1, 70), false));
        QCOMPARE(second->ask(question(talk(1, 200))), m_expected);
        QCOMPARE(second->stats.restoredTokens + second->stats.reusedTokens, 192);
        QVERIFY(second->stats.reusedTokens > 0);
    }

    void anotherModel_findsNothing() {
        fill();
        const auto second = start(m_store.get(), "other.gguf");
        second->ask(question(talk(1, 200)));
        QCOMPARE(second->stats.restoredTokens, 0);
        QCOMPARE(m_store->nReads(), 0u);
    }

    void anotherCacheType_findsNothing() {
        if (isOnCard) QSKIP("a card's cache is of halves");
        fill();
        const auto second = start(m_store.get(), "tiny.gguf", KvType::F32);
        second->ask(question(talk(1, 200)));
        QCOMPARE(second->stats.restoredTokens, 0);
    }

    void whatTheStoreSpoils_isComputed_data() {
        QTest::addColumn<int>("how");
        QTest::newRow("no bytes") << 0;
        QTest::newRow("fewer bytes") << 1;
        QTest::newRow("other tokens") << 2;
        QTest::newRow("another chain") << 3;
    }
    void whatTheStoreSpoils_isComputed() {
        QFETCH(int, how);
        fill();
        int nSeen = 0;
        m_store->spoil([&](PrefixBlock& block) {
            if (++nSeen % 2 == 1) return;
            if (how == 0) block.bytes.clear();
            if (how == 1) block.bytes.pop_back();
            if (how == 2) block.tokens.back() += 1;
            if (how == 3) block.chain[3] ^= std::byte{1};
        });
        const auto second = start(m_store.get());
        QCOMPARE(second->ask(question(talk(1, 200))), m_expected);
        QVERIFY(second->stats.restoredTokens < 192);
        QVERIFY2(second->broken.empty(), second->broken.c_str());
    }

    void restoringIsCancelled_whileTheStoreDoesNotAnswer() {
        fill();
        const auto second = start(m_store.get());
        m_store->holdReads(true);
        const RequestId id = second->engine->submit(question(talk(1, 200)));
        // Another one is not held up by it.
        QCOMPARE(second->ask(question(talk(2, 40))).size(), 6u);
        second->engine->cancel(id);
        QVERIFY(second->log.waitForEnd(id));
        QCOMPARE(second->log.finished(id).reason, StopReason::Cancelled);
        m_store->holdReads(false);
        QCOMPARE(second->ask(question(talk(1, 200))), m_expected);
    }

    void engineEnds_whileTheStoreDoesNotAnswer() {
        fill();
        auto second = start(m_store.get());
        m_store->holdReads(true);
        second->engine->submit(question(talk(1, 200)));
        while (m_store->nReads() == 0) QThread::yieldCurrentThread();
        second.reset();
        m_store->holdReads(false);
    }

    void answersToOneQuestion_areRestoredOnce() {
        fill();
        const auto second = start(m_store.get());
        GenerationRequest asked = question(talk(1, 200));
        asked.nAnswers = 3;
        const RequestId id = second->engine->submit(asked);
        for (RequestId one = id; one < id + 3; ++one) {
            QVERIFY(second->log.waitForEnd(one));
            QCOMPARE(second->log.tokens(one), m_expected);
        }
        QCOMPARE(m_store->nReads(), 1u);
    }

    // Two that begin differently wait for their turn, and both are restored.
    void severalChats_areRestoredInTurn() {
        fill();
        {
            const auto first = start(m_store.get());
            const std::size_t nBefore = m_store->owned().size();
            first->ask(question(talk(5, 130)));
            QVERIFY(m_store->waitForOwned(nBefore + 1));
        }
        const auto second = start(m_store.get());
        const RequestId one = second->engine->submit(question(talk(1, 200)));
        const RequestId other = second->engine->submit(question(talk(5, 130)));
        QVERIFY(second->log.waitForEnd(one));
        QVERIFY(second->log.waitForEnd(other));
        QCOMPARE(second->log.tokens(one), m_expected);
        QCOMPARE(second->log.finished(one).stats.restoredTokens, 192);
        QCOMPARE(second->log.finished(other).stats.restoredTokens, 128);
        QCOMPARE(second->log.tokens(other), m_plain->ask(question(talk(5, 130))));
    }

    // A disk that needs longer for a token than the processor does is not asked.
    void slowStore_isNotAsked() {
        fill();
        const auto second = start(m_store.get());
        second->ask(question(talk(7, 200)));  // what a token costs is known from here on
        m_store->rate = 1;                    // byte per second
        QCOMPARE(second->ask(question(talk(1, 200))), m_expected);
        QCOMPARE(second->stats.restoredTokens, 0);
        QCOMPARE(m_store->nReads(), 0u);
        m_store->rate = 1e15;
    }

    void storeThatTakesNothing_costsNothing() {
        m_store->isTaking = PrefixStore::Taking::Not;
        const auto first = start(m_store.get());
        QCOMPARE(first->ask(question(talk(1, 200))), m_expected);
        QVERIFY(m_store->nBlocks() == 0);
        m_store->isTaking = PrefixStore::Taking::Later;
        QCOMPARE(first->ask(question(talk(1, 200))), m_expected);
    }

    // Each turn writes what is new alone, in order, behind what was there.
    void growingChat_isWrittenOnce() {
        const auto first = start(m_store.get());
        const Tokens whole = talk(1, 300);
        for (const std::size_t nTokens : {100u, 200u, 300u}) {
            const std::size_t nBefore = m_store->owned().size();
            first->ask(question({whole.begin(), whole.begin() + static_cast<long>(nTokens)}));
            QVERIFY(m_store->waitForOwned(nBefore + 1));
        }
        QCOMPARE(m_store->nBlocks(), 9u);
    }

private:
    QTemporaryDir m_folder;
    std::unique_ptr<Running> m_plain;
    std::unique_ptr<test::MemoryPrefixStore> m_store;
    Tokens m_expected;

    std::string path(const char* name = "tiny.gguf") const {
        return m_folder.filePath(name).toStdString();
    }
    std::unique_ptr<Running> start(PrefixStore* store, const char* model = "tiny.gguf",
                                   KvType kvType = KvType::F16) {
        auto running = std::make_unique<Running>();
        EngineOptions options;
        options.device = kDevice;
        options.nThreads = 2;
        options.isMeasuringBandwidth = false;
        options.prefixStore = store;
        auto engine = EngineImpl::create(options, running->log.sink(),
                                         [&broken = running->broken](const EngineState& state) {
                                             if (const auto found = findBrokenInvariant(state))
                                                 broken = *found;
                                         });
        if (!engine) qFatal("no engine");
        running->engine = std::move(*engine);
        LoadOptions load;
        load.path = path(model);
        load.contextTokens = 512;
        load.kv = {kvType, kvType};
        running->engine->load(load);
        if (!running->log.waitForAny<ModelLoaded>()) qFatal("no model");
        return running;
    }
    // The store has 200 tokens about topic 1, of an engine that is gone.
    void fill() {
        const auto first = start(m_store.get());
        QCOMPARE(first->ask(question(talk(1, 200))), m_expected);
        QVERIFY(m_store->waitForOwned(1));
    }
};

QTEST_GUILESS_MAIN(PrefixStoreTest)
#include "prefix_store_test.moc"
