// What the next question will begin with is read while nobody waits: where a template shows an
// answer otherwise than it was written, the next turn then computes a few tokens instead of all of
// it; and whoever asks meanwhile waits for one step at most.
#include <QtTest>
#include <algorithm>
#include <optional>

#include "tests/engine/api/engine_fixture.h"

using namespace sotto;

namespace {

// As of the models that think: the beginning of an answer is open for it, and what was thought
// before the last question is not shown again.
constexpr const char* kThinkingTemplate =
    "{{ bos_token }}{% set ns = namespace(last=0) %}"
    "{% for message in messages %}{% if message.role == 'user' %}{% set ns.last = loop.index0 %}"
    "{% endif %}{% endfor %}"
    "{% for message in messages %}[{{ message.role }}]"
    "{% if message.reasoning_content and loop.index0 > ns.last %}"
    "<think>{{ message.reasoning_content }}</think>{% endif %}"
    "{{ message.content }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]<think>{% endif %}";

const std::string kText = "the cat and the dog sat on the mat and the cat saw the dog run ";

}  // namespace

class WarmingTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        test::TinyModel tiny = m_fixture.tinyModel();
        tiny.nContext = kContext;
        tiny.chatTemplate = kThinkingTemplate;
        QVERIFY(m_fixture.write(tiny, "tiny.gguf"));
    }
    void init() {
        m_fixture.begin();
        m_fixture.onTurn = {};
        m_engine = m_fixture.makeEngine();
        QVERIFY(m_engine);
        LoadOptions options = m_fixture.options();
        options.contextTokens = kContext;
        m_engine->load(options);
        QVERIFY(log().waitForAny<ModelLoaded>());
    }
    void cleanup() {
        m_engine.reset();
        QVERIFY2(m_fixture.broken().empty(), m_fixture.broken().c_str());
    }

    void nextTurn_computesItsQuestionOnly_data() {
        QTest::addColumn<bool>("isWarmed");
        QTest::newRow("warmed") << true;
        QTest::newRow("cold") << false;
    }
    void nextTurn_computesItsQuestionOnly() {
        QFETCH(bool, isWarmed);
        ChatPrompt chat{{user("hello " + kText)}};
        answer(asked(chat, 30));
        // What it thought is as good as any other text here.
        chat.messages.push_back({Role::Assistant, kText + kText, kText, {}});
        if (isWarmed) QVERIFY(answer(warming(chat)).reason == StopReason::MaxTokens);
        const auto nWarm = count(beforeQuestion(chat));
        chat.messages.push_back(user("go on"));
        const auto nPrompt = count(chat);
        const RequestStats stats = answer(asked(chat, 3)).stats;
        QCOMPARE(stats.promptTokens, nPrompt);
        const auto nComputed = stats.promptTokens - stats.reusedTokens;
        // The token at the border may be another one with the question behind it.
        if (isWarmed)
            QVERIFY(nComputed <= nPrompt - nWarm + 1);
        else
            QVERIFY(nComputed > nPrompt - nWarm + 60);
    }

    // By count of steps: the one that is under way when the request comes is the last.
    void question_thatComesMeanwhile_waitsForOneStep() {
        const ChatPrompt chat{{user(kText + kText + kText), {Role::Assistant, kText, {}, {}}}};
        std::optional<RequestId> question;
        int nTurns = 0;  // of the warming, since the question came
        RequestId warm = 0;
        m_fixture.onTurn = [&](const EngineState& state) {
            nTurns += question && std::ranges::count(state.running, warm, &RequestState::id) > 0;
        };
        EngineSnapshot meanwhile;
        log().observe([&](const EngineEvent& event) {
            const auto* progress = std::get_if<PromptProgress>(&event);
            if (progress == nullptr || question || progress->processedTokens < 32) return;
            warm = progress->request;
            meanwhile = m_engine->snapshot();
            question = m_engine->submit(asked(ChatPrompt{{user("hello")}}, 5));
        });
        const RequestId id = m_engine->submit(warming(chat));
        QVERIFY(log().waitForEnd(id));
        QVERIFY(log().waitForEnd(id + 1));
        QCOMPARE(warm, id);
        QVERIFY(log().finished(id).reason == StopReason::Cancelled);
        QVERIFY(nTurns <= 1);
        QCOMPARE(log().tokens(id + 1).size(), std::size_t{5});
        // Nobody is shown that it is read.
        QVERIFY(meanwhile.isWarming && !meanwhile.isGenerating && meanwhile.answerRequest == 0);
        // What was read until then is of use.
        log().observe({});
        ChatPrompt next = chat;
        next.messages.push_back(user("go on"));
        QVERIFY(answer(asked(next, 3)).stats.reusedTokens >= 32);
    }

    void whatIsThere_isNotReadAgain() {
        ChatPrompt chat{{user(kText + kText), {Role::Assistant, kText, {}, {}}}};
        QVERIFY(answer(warming(chat)).reason == StopReason::MaxTokens);
        const auto nTold = log().all<PromptProgress>().size();
        QVERIFY(nTold > 0);
        QVERIFY(answer(warming(chat)).reason == StopReason::MaxTokens);
        QCOMPARE(log().all<PromptProgress>().size(), nTold);
        // A few words more are read with the question itself.
        chat.messages.back().content += "the cat";
        answer(warming(chat));
        QCOMPARE(log().all<PromptProgress>().size(), nTold);
    }

    void besideAnAnswer_nothingIsWarmed() {
        std::optional<RequestId> warm;
        log().observe([&](const EngineEvent& event) {
            if (warm || !std::holds_alternative<TokenSampled>(event)) return;
            warm = m_engine->submit(
                warming(ChatPrompt{{user(kText), {Role::Assistant, kText, {}, {}}}}));
        });
        const RequestId question = m_engine->submit(asked(ChatPrompt{{user("hello")}}, 20));
        QVERIFY(log().waitForEnd(question));
        QVERIFY(log().waitForEnd(question + 1));
        QCOMPARE(log().tokens(question).size(), std::size_t{20});
        for (const PromptProgress& told : log().all<PromptProgress>())
            QCOMPARE(told.request, question);
    }

    void templateThatLeavesTheQuestionOut_isAnError() {
        test::TinyModel tiny = m_fixture.tinyModel();
        tiny.chatTemplate =
            "{% for m in messages %}{% if loop.index0 < 1 %}{{ m.content }}{% endif %}{% endfor %}";
        QVERIFY(m_fixture.write(tiny, "first.gguf"));
        const auto engine = m_fixture.loadedEngine("first.gguf");
        const RequestId id =
            engine->submit(warming(ChatPrompt{{user("hi"), {Role::Assistant, "yes", {}, {}}}}));
        QVERIFY(log().waitForEnd(id));
        QVERIFY(log().error(id).code == ErrorCode::BadTemplate);
    }

private:
    static constexpr std::int64_t kContext = 512;

    test::EngineFixture m_fixture;
    std::unique_ptr<Engine> m_engine;

    EventLog& log() { return *m_fixture.log; }
    static ChatMessage user(std::string text) { return {Role::User, std::move(text), {}, {}}; }
    static ChatPrompt beforeQuestion(ChatPrompt chat) {
        chat.isBeforeQuestion = true;
        return chat;
    }
    static GenerationRequest asked(ChatPrompt chat, std::int64_t maxTokens) {
        GenerationRequest request = test::greedy({}, maxTokens);
        request.prompt = std::move(chat);
        return request;
    }
    static GenerationRequest warming(ChatPrompt chat) {
        GenerationRequest request;
        request.prompt = beforeQuestion(std::move(chat));
        request.isWarming = true;
        return request;
    }
    std::int64_t count(const ChatPrompt& chat) const {
        return m_engine->countTokens(chat).value_or(0);
    }
    GenerationFinished answer(GenerationRequest request) {
        const RequestId id = m_engine->submit(std::move(request));
        log().waitForEnd(id);
        return log().finished(id);
    }
};

QTEST_GUILESS_MAIN(WarmingTest)
#include "warming_test.moc"
