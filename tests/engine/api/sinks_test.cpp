// Answers and prompts longer than the context, with attention sinks: how far they go, that what
// goes on beside them changes nothing, and that the cache is whole after every turn. The invariant
// checker looks at the state after every turn, and what free blocks held is spoiled.
// SOTTO_TEST_CUDA: on the emulated card.
#include <QtTest>
#include <algorithm>

#include "tests/engine/api/engine_fixture.h"

using namespace sotto;
using test::EngineFixture;
using test::kContext;

namespace {

using Tokens = std::vector<std::int32_t>;

#ifdef SOTTO_TEST_CUDA
constexpr std::int64_t kLong = 2 * kContext;
#else
constexpr std::int64_t kLong = 10 * kContext;
#endif
constexpr WindowShape kWindow = {.sinkTokens = 32, .stepTokens = kContext == 128 ? 64 : 32};

Tokens counted(std::int64_t count) {
    Tokens tokens;
    for (std::int64_t index = 0; index < count; ++index)
        tokens.push_back(static_cast<std::int32_t>(3 + index * 7 % 290));
    return tokens;
}

GenerationRequest question(Tokens prompt, std::int64_t maxTokens) {
    GenerationRequest request = test::greedy("", maxTokens);
    request.prompt = TokenPrompt{std::move(prompt)};
    request.sampling.seed = 11;
    request.overflow = Overflow::Sinks;
    return request;
}

}  // namespace

class SinksTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        test::TinyModel tiny = m_fixture.tinyModel();
        tiny.nContext = 512;
        tiny.chatTemplate =
            "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}";
        QVERIFY(m_fixture.write(tiny, "tiny.gguf"));
    }
    void init() {
        m_fixture.begin();
        m_engine = m_fixture.loadedEngine();
        QVERIFY(m_engine);
    }
    void cleanup() {
        m_engine.reset();
        QVERIFY2(m_fixture.broken().empty(), m_fixture.broken().c_str());
    }

    void answer_goesOnPastTheContext() {
        const RequestId id = ask(question(counted(20), kLong));
        const GenerationFinished end = log().finished(id);
        QCOMPARE(end.reason, StopReason::MaxTokens);
        QCOMPARE(end.stats.promptTokens, 20);
        QCOMPARE(end.stats.generatedTokens, kLong);
        QCOMPARE(end.stats.leftOutTokens, 0);
        QCOMPARE(std::ssize(log().tokens(id)), kLong);
        // The last token is never computed: the window slid whenever one more was to be.
        const std::int64_t nComputed = 20 + kLong - 1;
        const std::int64_t nOver = nComputed - (kContext - 1);
        QCOMPARE(end.stats.slidTokens,
                 (nOver + kWindow.stepTokens - 1) / kWindow.stepTokens * kWindow.stepTokens);
        // What the message is kept with is all of it.
        QVERIFY(end.tokens.ids.empty() || end.tokens.ids == log().tokens(id));
    }

    // Up to the first slide nothing is other than without.
    void answer_isTheSameUntilTheContextIsFull() {
        GenerationRequest request = question(counted(20), -1);
        request.overflow = Overflow::Stop;
        const RequestId stopped = ask(request);
        QCOMPARE(log().finished(stopped).reason, StopReason::ContextFull);
        const RequestId slid = ask(question(counted(20), 2 * kContext));
        const Tokens beginning = log().tokens(stopped), whole = log().tokens(slid);
        QCOMPARE(std::ssize(beginning), kContext - 20);
        QVERIFY(std::equal(beginning.begin(), beginning.end(), whole.begin()));
    }

    // A model that does not end would write for ever.
    void answerWithoutALimit_endsWhereAContextOfItsOwnWould() {
        const RequestId id = ask(question(counted(20), -1));
        QCOMPARE(log().finished(id).reason, StopReason::ContextFull);
        QCOMPARE(std::ssize(log().tokens(id)), std::int64_t{kContext});
    }

    void longPrompt_isCutBehindItsSinks() {
        const Tokens prompt = counted(5 * kContext + 3);
        const RequestId id = ask(question(prompt, 6));
        const RequestStats stats = log().finished(id).stats;
        QVERIFY(stats.leftOutTokens > 0);
        QCOMPARE(stats.leftOutTokens % kWindow.stepTokens, 0);
        QCOMPARE(stats.promptTokens + stats.leftOutTokens, std::ssize(prompt));
        // It is what the window holds, read as a prompt of its own.
        Tokens rest = prompt;
        rest.erase(rest.begin() + kWindow.sinkTokens,
                   rest.begin() + kWindow.sinkTokens + stats.leftOutTokens);
        GenerationRequest plain = question(rest, 6);
        plain.overflow = Overflow::Stop;
        QVERIFY(log().tokens(ask(plain)) == log().tokens(id));
    }

    // It is held whole, and what is forgotten begins behind its last block.
    void systemPrompt_stays() {
        load(4 * kContext);
        ChatPrompt chat;
        chat.messages.push_back({Role::System, "Be brief, and kind to all who ask here.", {}});
        for (int turn = 0; turn < 60; ++turn)
            chat.messages.push_back({turn % 2 == 0 ? Role::User : Role::Assistant,
                                     "message " + std::to_string(turn),
                                     {}});
        const auto described = m_engine->describePrompt(chat);
        QVERIFY(described);
        const PromptPart& system = described->parts.front();
        QVERIFY(system.nTokens > kWindow.sinkTokens && system.nTokens < kContext / 2);
        Tokens rest;
        for (const PromptToken& token : described->tokens) rest.push_back(token.id);
        GenerationRequest request = question({}, 5);
        request.prompt = chat;
        const RequestId id = ask(request);
        const std::int64_t nLeftOut = log().finished(id).stats.leftOutTokens;
        QVERIFY(nLeftOut > 0);
        const auto sinks = rest.begin() + (system.firstToken + system.nTokens + 31) / 32 * 32;
        rest.erase(sinks, sinks + nLeftOut);
        GenerationRequest plain = question(rest, 5);
        plain.overflow = Overflow::Stop;
        QVERIFY(probabilities(ask(plain)) == probabilities(id));
    }

    // The prompt of the next turn is cut where the last one's was, and found in the cache.
    void nextTurn_findsTheWindowInTheCache() {
        Tokens prompt = counted(3 * kContext);
        const RequestId first = ask(question(prompt, 4));
        prompt.push_back(40);
        prompt.push_back(41);
        const RequestId second = ask(question(prompt, 4));
        const RequestStats stats = log().finished(second).stats;
        QCOMPARE(stats.leftOutTokens, log().finished(first).stats.leftOutTokens);
        QVERIFY(stats.reusedTokens >= kWindow.sinkTokens);
    }

    // What the cache kept of a prompt before the window slid over it is no more what it was, also
    // of its part that the window moved.
    void cacheAfterSliding_isAsIfItHadNot() {
        load(2 * kContext);
        const WindowShape window = windowShape(2 * kContext);
        const Tokens prompt = counted(2 * kContext - window.stepTokens / 4 - 2);
        const auto before = probabilities(ask(question(prompt, 8)));
        QVERIFY(log().finished(ask(question(prompt, 2 * kContext))).stats.slidTokens > 0);
        QVERIFY(probabilities(ask(question(prompt, 8))) == before);
    }

    // Each position has its own draw, also where the positions in the cache come again.
    void sampledAnswer_isTheSameWithGuesses_data() {
        QTest::addColumn<double>("temperature");
        QTest::newRow("greedy") << 0.0;
        QTest::newRow("drawn") << 0.7;
    }
    void sampledAnswer_isTheSameWithGuesses() {
        QFETCH(double, temperature);
        GenerationRequest request = question(counted(30), 3 * kContext);
        request.sampling.temperature = static_cast<float>(temperature);
        request.sampling.repeatPenalty = 1.1f;
        const RequestId plain = ask(request);
        request.draft = DraftKind::Ngram;
        const RequestId guessed = ask(request);
        QVERIFY(log().tokens(plain) == log().tokens(guessed));
        QCOMPARE(log().finished(plain).stats.slidTokens, log().finished(guessed).stats.slidTokens);
    }

    void draws_areNotThoseOfThePositionsBefore() {
        GenerationRequest request = question(counted(30), 3 * kContext);
        // All tokens alike: what is drawn is the draw.
        request.sampling.temperature = 1e6f;
        request.sampling.topK = 0;
        request.sampling.topP = 1;
        request.sampling.minP = 0;
        const Tokens tokens = log().tokens(ask(request));
        const auto period = static_cast<std::ptrdiff_t>(kWindow.stepTokens);
        std::int64_t nEqual = 0;
        for (auto token = tokens.begin() + 2 * period; token != tokens.end(); ++token)
            nEqual += *token == *(token - period) ? 1 : 0;
        QVERIFY2(nEqual < 20, qPrintable(QString::number(nEqual)));
    }

    // Several answers hold the question together; each slides by itself.
    void severalAnswers_slideEachByItself() {
        GenerationRequest request = question(counted(40), kContext);
        request.nAnswers = 2;
        request.sampling.temperature = 0.9f;
        const RequestId first = m_engine->submit(request);
        QVERIFY(log().waitForEnd(first) && log().waitForEnd(first + 1));
        for (const RequestId id : {first, first + 1}) {
            QCOMPARE(log().finished(id).reason, StopReason::MaxTokens);
            QCOMPARE(std::ssize(log().tokens(id)), std::int64_t{kContext});
            QVERIFY(log().finished(id).stats.slidTokens > 0);
        }
    }

    // More than there is room for: one steps back, and both come to their ends.
    void company_comesToItsEndAsWell() {
        const RequestId slid = m_engine->submit(question(counted(50), 2 * kContext));
        GenerationRequest other = question(counted(61), kContext - 61);
        other.overflow = Overflow::Stop;
        const RequestId plain = m_engine->submit(other);
        QVERIFY(log().waitForEnd(slid) && log().waitForEnd(plain));
        QCOMPARE(std::ssize(log().tokens(slid)), std::int64_t{2 * kContext});
        QVERIFY(log().tokens(ask(other)) == log().tokens(plain));
    }

    // It fills the context for good, and still leaves room for others after each slide.
    void questionBesideASlidingAnswer_isAnsweredMeanwhile() {
        load(2 * kContext);
        RequestId other = 0;
        int nSeen = 0;
        log().observe([&](const EngineEvent& event) {
            if (std::holds_alternative<TokenSampled>(event) && ++nSeen == kContext) {
                GenerationRequest request = question(Tokens(20, 250), 6);
                request.overflow = Overflow::Stop;
                other = m_engine->submit(request);
            }
        });
        const RequestId slid = m_engine->submit(question(counted(50), kLong));
        QVERIFY(log().waitForEnd(slid));
        log().observe({});
        QVERIFY(other != 0 && log().waitForEnd(other));
        QCOMPARE(std::ssize(log().tokens(slid)), kLong);
        QCOMPARE(std::ssize(log().tokens(other)), 6);
        const std::vector<EngineEvent> events = log().events();
        const auto endOf = [&](RequestId id) {
            return std::ranges::find_if(
                events, [id](const EngineEvent& event) { return EventLog::isEndOf(event, id); });
        };
        QVERIFY(endOf(other) < endOf(slid));
    }

    void cancelled_endsAndLeavesTheCacheWhole() {
        RequestId id = 0;
        int nSeen = 0;
        log().observe([&](const EngineEvent& event) {
            if (std::holds_alternative<TokenSampled>(event) && ++nSeen == kContext + 10)
                m_engine->cancel(id);
        });
        id = m_engine->submit(question(counted(30), kLong));
        QVERIFY(log().waitForEnd(id));
        log().observe({});
        QCOMPARE(log().finished(id).reason, StopReason::Cancelled);
        QTRY_COMPARE(m_engine->snapshot().kvBlocksUsed, 0);
    }

    void shortContext_refusesAsBefore() {
        load(64);
        const RequestId id = m_engine->submit(question(counted(100), 4));
        QVERIFY(log().waitForEnd(id));
        QCOMPARE(log().all<GenerationFailed>().front().error.code, ErrorCode::ContextFull);
    }

private:
    void load(std::int64_t contextTokens) {
        LoadOptions options = m_fixture.options();
        options.contextTokens = contextTokens;
        m_engine->load(options);
        QVERIFY(log().waitForAny<ModelLoaded>(2));
    }
    std::vector<float> probabilities(RequestId id) {
        std::vector<float> told;
        for (const TokenSampled& sampled : log().all<TokenSampled>())
            if (sampled.request == id) told.push_back(sampled.probability);
        return told;
    }
    EventLog& log() { return *m_fixture.log; }
    RequestId ask(const GenerationRequest& request) {
        const RequestId id = m_engine->submit(request);
        log().waitForEnd(id);
        return id;
    }

    EngineFixture m_fixture;
    std::unique_ptr<Engine> m_engine;
};

QTEST_APPLESS_MAIN(SinksTest)
#include "sinks_test.moc"
