// What was read once is not read again: turns of a chat, chats with one system prompt, branches and
// repeated questions go on behind what the cache still holds, and say token by token what they say
// without it. The invariant checker looks at the state after every turn, and what blocks held that
// are free is spoiled. SOTTO_TEST_CUDA: on the emulated card, which takes whole pieces of prompts.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
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
constexpr std::int64_t kContext = 256;  // 8 blocks
constexpr std::int64_t kPiece = kMaxPromptPiece;

using Tokens = std::vector<std::int32_t>;

// So many tokens about a topic.
Tokens talk(std::int32_t topic, std::size_t count) {
    Tokens tokens;
    while (tokens.size() < count)
        tokens.push_back(20 + (topic * 31 + static_cast<std::int32_t>(tokens.size()) * 7) % 200);
    return tokens;
}

Tokens operator+(Tokens left, const Tokens& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

GenerationRequest question(Tokens prompt, std::int64_t maxTokens, float temperature = 0) {
    GenerationRequest request;
    request.prompt = TokenPrompt{std::move(prompt)};
    request.sampling.temperature = temperature;
    request.sampling.seed = 5;
    request.maxTokens = maxTokens;
    request.isIgnoringEnd = true;
    return request;
}

// Of so many tokens that were computed as a prompt's, what a longer prompt goes on from.
std::int64_t reusable(std::int64_t nRead) { return isOnCard ? nRead / kPiece * kPiece : nRead; }

}  // namespace

class PrefixReuseTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        test::TinyModel tiny = isOnCard ? test::cardModel() : test::TinyModel();
        tiny.nContext = 512;
        QVERIFY(test::writeTinyModel(tiny, path()));
        m_plain = makeEngine(false, m_plainLog);
        QVERIFY(m_plain);
    }
    void init() {
        m_log = std::make_unique<EventLog>();
        m_engine = makeEngine(true, *m_log);
        QVERIFY(m_engine);
    }
    void cleanup() {
        m_engine.reset();
        QVERIFY2(m_broken.empty(), m_broken.c_str());
    }
    void cleanupTestCase() { m_plain.reset(); }

    void nextTurn_readsOnlyWhatIsNew() {
        const Tokens first = talk(1, 100);
        const Tokens answer = ask(first, 20);
        QCOMPARE(m_reused, 0);
        // The answer's newest token was never computed; on a card an answer is read anew, by the
        // kernels for prompts.
        const Tokens second = first + answer + talk(2, 30);
        const Tokens next = ask(second, 20);
        QCOMPARE(m_reused, isOnCard ? reusable(100) : 119);
        ask(second + next + talk(3, 10), 5);
        QCOMPARE(m_reused, isOnCard ? reusable(150) : 169);
    }

    void oneSystemPrompt_isReadOnceForAllChats() {
        const Tokens system = talk(9, 70);
        ask(system + talk(1, 40), 3);
        ask(system + talk(2, 40), 3);
        QCOMPARE(m_reused, reusable(70));
        ask(system + talk(3, 8), 3);
        QCOMPARE(m_reused, reusable(70));
    }

    void questionAskedAgain_computesItsLastTokenOnly() {
        const Tokens prompt = talk(4, 90);
        ask(prompt, 12);
        ask(prompt, 12);
        QCOMPARE(m_reused, reusable(89));
        ask(prompt, 12, 1.0f);
        QCOMPARE(m_reused, reusable(89));
        // Cut where a block ends.
        ask(talk(4, 64), 3);
        QCOMPARE(m_reused, reusable(63));
        ask(talk(4, 65), 3);
        QCOMPARE(m_reused, 64);
    }

    // A message that was changed: what stood before it stays, and the chat as it was, too.
    void branch_goesOnFromWhereItLeaves() {
        const Tokens before = talk(5, 83);
        const Tokens chat = before + talk(6, 40);
        ask(chat, 8);
        ask(before + talk(7, 40), 8);
        QCOMPARE(m_reused, reusable(83));
        ask(chat, 8);
        QCOMPARE(m_reused, reusable(122));
    }

    void whatAnAnswerStillHolds_isShared() {
        const Tokens prompt = talk(8, 80);
        const GenerationRequest asked[] = {question(prompt, 40), question(prompt + talk(1, 8), 10)};
        RequestId second = 0;
        m_log->observe([&](const EngineEvent& event) {
            if (second == 0 && std::holds_alternative<TokenSampled>(event))
                second = m_engine->submit(asked[1]);
        });
        const RequestId first = m_engine->submit(asked[0]);
        QVERIFY(m_log->waitForEnd(first));
        QVERIFY(m_log->waitForEnd(second));
        // The first one's last block is not full, and still its own.
        QCOMPARE(m_log->finished(second).stats.reusedTokens, 64);
        QCOMPARE(m_log->tokens(first), answerOf(m_plainLog, *m_plain, asked[0]));
        QCOMPARE(m_log->tokens(second), answerOf(m_plainLog, *m_plain, asked[1]));
    }

    // Cancelled or cut: what was computed is of use all the same.
    void cancelledAnswer_leavesWhatItRead() {
        const Tokens prompt = talk(10, 100);
        const RequestId id = m_engine->submit(question(prompt, 150));
        QVERIFY(m_log->waitForAny<TokenSampled>());
        m_engine->cancel(id);
        QVERIFY(m_log->waitForEnd(id));
        ask(prompt, 5);
        QCOMPARE(m_reused, reusable(99));
    }

    void roomThatIsNeeded_isMadeOfTheOldest() {
        for (std::int32_t topic = 0; topic < 6; ++topic) ask(talk(topic, 70), 4);
        // Each took three blocks of eight.
        QTRY_COMPARE(m_engine->snapshot().kvBlocksUsed, 0);
        QVERIFY(m_engine->snapshot().kvBlocksCached > 4);
        ask(talk(5, 70), 4);
        QCOMPARE(m_reused, reusable(69));
        ask(talk(0, 70), 4);
        QCOMPARE(m_reused, 0);
        QCOMPARE(m_engine->snapshot().preemptions, 0);
    }

    // A copy of the last block needs one beside all others.
    void contextThatIsFull_hasRoomForTheNextTurn_data() {
        QTest::addColumn<int>("nFirst");
        for (const int nFirst : {100, 190, 197, 224, 225, 240, 250})
            QTest::addRow("%d", nFirst) << nFirst;
    }
    void contextThatIsFull_hasRoomForTheNextTurn() {
        QFETCH(int, nFirst);
        const Tokens begun = talk(11, static_cast<std::size_t>(nFirst));
        ask(begun, 1);
        const Tokens whole = begun + talk(13, static_cast<std::size_t>(254 - nFirst));
        ask(whole, -1);
        QVERIFY(m_reused >= nFirst / kPiece * kPiece - kPiece);
        ask(whole, -1);
        QCOMPARE(m_engine->snapshot().preemptions, 0);
    }

    // What two compute at once is held once, and all that nobody holds makes room.
    void answerThatFillsTheContext_hasAllOfIt() {
        const Tokens system = talk(15, 100);
        const GenerationRequest asked[] = {question(system + talk(1, 8), 1),
                                           question(system + talk(2, 50), -1)};
        const RequestId first = m_engine->submit(asked[0]), second = m_engine->submit(asked[1]);
        QVERIFY(m_log->waitForEnd(first));
        QVERIFY(m_log->waitForEnd(second));
        QCOMPARE(m_log->tokens(second), answerOf(m_plainLog, *m_plain, asked[1]));
        ask(system + talk(3, 50), -1);
    }

    void lastBlock_isSharedAndCopied() {
        const Tokens chat = talk(11, 240);
        const Tokens answer = ask(chat, 10);
        ask(chat + answer + talk(12, 4), 2);
        QVERIFY(m_reused >= 64 * 3);
        ask(chat + answer + talk(12, 5), -1);
        QTRY_COMPARE(m_engine->snapshot().kvBlocksUsed, 0);
    }

    void whatIsNotKept_isReadAgain() {
        m_engine = makeEngine(false, *m_log);
        QVERIFY(m_engine);
        ask(talk(1, 100), 4);
        ask(talk(1, 100), 4);
        QCOMPARE(m_reused, 0);
        QCOMPARE(m_engine->snapshot().kvBlocksCached, 0);
    }

    void anotherModel_beginsWithNothing() {
        ask(talk(1, 100), 4);
        load(*m_engine, *m_log);
        ask(talk(1, 100), 4);
        QCOMPARE(m_reused, 0);
    }

    void anyOrder_saysWhatIsSaidWithout_data();
    void anyOrder_saysWhatIsSaidWithout();

private:
    QTemporaryDir m_folder;
    std::string m_broken;  // written on the engine's thread, read after it was joined
    EventLog m_plainLog;
    std::unique_ptr<Engine> m_plain;  // keeps nothing
    std::unique_ptr<EventLog> m_log;
    std::unique_ptr<Engine> m_engine;
    std::int64_t m_reused = 0;

    std::string path() const { return m_folder.filePath("tiny.gguf").toStdString(); }

    void load(Engine& engine, EventLog& log) const {
        const auto nBefore = static_cast<int>(log.all<ModelLoaded>().size());
        LoadOptions options;
        options.path = path();
        options.contextTokens = kContext;
        engine.load(options);
        QVERIFY(log.waitForAny<ModelLoaded>(nBefore + 1));
    }
    std::unique_ptr<Engine> makeEngine(bool isKeeping, EventLog& log) {
        EngineOptions options;
        options.device = kDevice;
        options.nThreads = 2;
        options.isMeasuringBandwidth = false;
        options.isKeepingPrefixes = isKeeping;
        auto engine = EngineImpl::create(options, log.sink(), [this](const EngineState& state) {
            if (const auto broken = findBrokenInvariant(state)) m_broken = *broken;
        });
        if (!engine) return nullptr;
        load(**engine, log);
        return std::move(*engine);
    }
    static Tokens answerOf(EventLog& log, Engine& engine, const GenerationRequest& request) {
        const RequestId id = engine.submit(request);
        log.waitForEnd(id);
        return log.tokens(id);
    }
    // What is said, which must be what the engine says that keeps nothing.
    Tokens ask(const Tokens& prompt, std::int64_t maxTokens, float temperature = 0) {
        const RequestId id = m_engine->submit(question(prompt, maxTokens, temperature));
        if (!m_log->waitForEnd(id)) {
            QTest::qFail("no end", __FILE__, __LINE__);
            return {};
        }
        m_reused = m_log->finished(id).stats.reusedTokens;
        const Tokens said = m_log->tokens(id);
        const Tokens expected =
            answerOf(m_plainLog, *m_plain, question(prompt, maxTokens, temperature));
        if (said.empty() || said != expected)
            QTest::qFail("another answer than without", __FILE__, __LINE__);
        return said;
    }
};

void PrefixReuseTest::anyOrder_saysWhatIsSaidWithout_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= (isOnCard ? 1 : 6); ++seed)
        QTest::newRow(qPrintable(QString::number(seed))) << seed;
}

// Several chats that grow, branch, are asked together and are cancelled, in a cache that holds less
// than one of them at its end and all others.
void PrefixReuseTest::anyOrder_saysWhatIsSaidWithout() {
    QFETCH(int, seed);
    std::mt19937 random(static_cast<std::uint32_t>(seed));
    const auto below = [&](std::uint32_t limit) { return random() % limit; };
    std::vector<Tokens> chats(3, talk(0, 70));
    std::int64_t nReused = 0;
    for (int round = 0; round < (isOnCard ? 6 : 25); ++round) {
        struct Asked {
            RequestId id;
            std::size_t chat;
            GenerationRequest request;
            bool isCancelled;
        };
        std::vector<Asked> asked;
        for (std::size_t count = 1 + below(3); count > 0; --count) {
            const std::size_t chat = below(3);
            Tokens& tokens = chats[chat];
            if (below(4) == 0 || tokens.size() > 180) tokens.resize(1 + below(90));
            tokens = tokens + talk(static_cast<std::int32_t>(below(4)), 1 + below(40));
            GenerationRequest request = question(tokens, 1 + below(24), 0.8f);
            const RequestId id = m_engine->submit(request);
            asked.push_back({id, chat, std::move(request), below(5) == 0});
            if (asked.back().isCancelled) m_engine->cancel(id);
        }
        for (const Asked& one : asked) {
            QVERIFY(m_log->waitForEnd(one.id));
            const Tokens said = m_log->tokens(one.id);
            Tokens expected = answerOf(m_plainLog, *m_plain, one.request);
            QVERIFY(one.isCancelled || said.size() == expected.size());
            QVERIFY(said.size() <= expected.size());
            expected.resize(said.size());
            QCOMPARE(said, expected);
            nReused += m_log->finished(one.id).stats.reusedTokens;
            chats[one.chat] = chats[one.chat] + said;
        }
    }
    QVERIFY(nReused > 0);
}

QTEST_GUILESS_MAIN(PrefixReuseTest)
#include "prefix_reuse_test.moc"
