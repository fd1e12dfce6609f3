// After an answer the engine is given what the next question will begin with, once, and nothing of
// it is seen.
#include <QSignalSpy>
#include <QtTest>

#include "tests/app/chat/chat_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr int kPatience = 60'000;

const ChatPrompt& promptOf(const GenerationRequest& request) {
    return std::get<ChatPrompt>(request.prompt);
}

}  // namespace

class PromptWarmerTest : public QObject {
    Q_OBJECT

private slots:
    void answerThatEnded_isReadAgainAsTheNextTurnHasIt() {
        Program program;
        QSignalSpy submitted(&program.bridge, &EngineBridge::submitted);
        QSignalSpy finished(&program.bridge, &EngineBridge::generationFinished);
        ask(program, 1);
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->warmings().size(), std::size_t{1}, kPatience);
        const GenerationRequest warming = program.engine->warmings().front();
        QVERIFY(warming.isWarming);
        const ChatPrompt& prompt = promptOf(warming);
        QVERIFY(prompt.isBeforeQuestion);
        QCOMPARE(prompt.messages.size(), std::size_t{2});
        QCOMPARE(prompt.messages[1].content, std::string("This is answer 1."));
        QVERIFY(!prompt.messages[1].tokens.ids.empty());
        // What follows begins with it.
        ask(program, 2);
        QCOMPARE(promptOf(program.engine->requests().back()).messages[1].content,
                 prompt.messages[1].content);
        QCOMPARE(submitted.count(), 2);
        QCOMPARE(finished.count(), 2);
    }

    void answerThatGoesOn_isReadAsOne() {
        Program program;
        ask(program, 1);
        program.chat().continueAnswer();
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->warmings().size(), std::size_t{2}, kPatience);
        const GenerationRequest warming = program.engine->warmings().back();
        QVERIFY(!promptOf(warming).isContinuing);
        QCOMPARE(promptOf(warming).messages.size(), std::size_t{2});
        QCOMPARE(promptOf(warming).messages[1].content,
                 std::string("This is answer 1.This is answer 2."));
    }

    void answersSideBySide_areReadOnce() {
        Program program;
        ask(program, 1);
        program.chat().regenerate(3);
        QTRY_VERIFY_WITH_TIMEOUT(program.engine->requests().size() == 2 && program.isIdle(),
                                 kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->warmings().size(), std::size_t{2}, kPatience);
        QCOMPARE(promptOf(program.engine->warmings().back()).messages[1].content,
                 std::string("This is answer 2."));
    }

    void whatFailedOrSaidNothing_isNotRead() {
        FakeScript script;
        script.generationError = Error{ErrorCode::ContextFull, "Full."};
        Program program(std::move(script));
        ask(program, 1);
        program.engine->change([](FakeScript& changed) {
            changed.generationError.reset();
            changed.answer = [](const GenerationRequest&, int) { return std::vector<FakeToken>{}; };
        });
        ask(program, 2);
        QVERIFY(program.engine->warmings().empty());
    }

    // The model may go to another user of the engine while it only reads ahead.
    void warming_keepsNobodyFromTheEngine() {
        Program program;
        ask(program, 1);
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->warmings().size(), std::size_t{1}, kPatience);
        LoadOptions other;
        other.path = "/other.gguf";
        ModelUser user;
        user.name = "another";
        QVERIFY(program.bridge.hub().acquire(other, std::move(user)));
    }

private:
    static void ask(Program& program, int nth) {
        program.chat().send(QStringLiteral("question %1").arg(nth));
        QTRY_VERIFY_WITH_TIMEOUT(
            program.engine->requests().size() == static_cast<std::size_t>(nth) && program.isIdle(),
            kPatience);
    }
};

QTEST_MAIN(PromptWarmerTest)
#include "prompt_warmer_test.moc"
