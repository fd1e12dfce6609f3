// The tokens that answers were written in, from the engine's last word to the next prompt: kept by
// storage, in memory for a temporary chat, gone where the text was changed.
#include <QtTest>

#include "tests/app/chat/chat_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr int kPatience = 60'000;

// Thinks in two tokens and answers in three; the ids of answer N begin at 100 N.
FakeScript thinkingScript() {
    FakeScript script;
    script.answer = [](const GenerationRequest&, int nth) {
        std::vector<FakeToken> tokens{{"let ", TextKind::Thinking},
                                      {"me", TextKind::Thinking},
                                      {"This ", TextKind::Answer},
                                      {"is ", TextKind::Answer},
                                      {"it.", TextKind::Answer}};
        for (std::size_t index = 0; index < tokens.size(); ++index)
            tokens[index].id = 100 * nth + static_cast<int>(index);
        return tokens;
    };
    return script;
}

void ask(Program& program, const char* text) {
    const auto nBefore = program.engine->requests().size();
    program.chat().send(QString::fromLatin1(text));
    QTRY_VERIFY_WITH_TIMEOUT(program.engine->requests().size() > nBefore && program.isIdle(),
                             kPatience);
}

std::vector<ChatMessage> lastPrompt(Program& program) {
    return std::get<ChatPrompt>(program.engine->requests().back().prompt).messages;
}

}  // namespace

class AnswerTokensTest : public QObject {
    Q_OBJECT

private slots:
    void nextPrompt_bringsThem_data() {
        QTest::addColumn<bool>("isTemporary");
        QTest::addColumn<bool>("isReopened");
        QTest::newRow("at once") << false << false;
        QTest::newRow("read from storage") << false << true;
        QTest::newRow("of a temporary chat") << true << false;
    }
    void nextPrompt_bringsThem() {
        QFETCH(bool, isTemporary);
        QFETCH(bool, isReopened);
        Program program(thinkingScript());
        if (isTemporary) program.chats().newTemporaryChat();
        ask(program, "one");
        QTRY_COMPARE_WITH_TIMEOUT(program.stored().at(1).tokens.ids.size(), std::size_t{3},
                                  kPatience);
        if (isReopened) {
            const qint64 chat = program.chat().chatId();
            program.chats().newChat();
            program.chats().open(chat);
            QTRY_COMPARE_WITH_TIMEOUT(program.rows(), 2, kPatience);
        }
        ask(program, "two");
        const auto messages = lastPrompt(program);
        QCOMPARE(messages.size(), std::size_t{3});
        QVERIFY(messages[1].tokens == (AnswerTokens{{102, 103, 104}, 7}));
        QVERIFY(messages[0].tokens.ids.empty() && messages[2].tokens.ids.empty());
    }

    void answerThatIsEdited_hasNone() {
        Program program(thinkingScript());
        ask(program, "one");
        program.chat().edit(1, QStringLiteral("This is mine."));
        QTRY_COMPARE_WITH_TIMEOUT(program.row(1).text, QStringLiteral("This is mine."), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle(), kPatience);
        ask(program, "two");
        QCOMPARE(lastPrompt(program).at(1).content, std::string("This is mine."));
        QVERIFY(lastPrompt(program).at(1).tokens.ids.empty());
    }

    void answerThatGoesOn_hasAllOfThem() {
        Program program(thinkingScript());
        ask(program, "one");
        program.chat().continueAnswer();
        QTRY_VERIFY_WITH_TIMEOUT(program.engine->requests().size() == 2 && program.isIdle(),
                                 kPatience);
        QVERIFY(lastPrompt(program).at(1).tokens == (AnswerTokens{{102, 103, 104}, 7}));
        const AnswerTokens all{{102, 103, 104, 202, 203, 204}, 7};
        QTRY_VERIFY_WITH_TIMEOUT(program.stored().at(1).tokens.ids == all.ids, kPatience);
        ask(program, "two");
        QVERIFY(lastPrompt(program).at(1).tokens == all);
        // By another model: its ids are not those of the first part.
        program.engine->change([](FakeScript& script) { script.vocabulary = 8; });
        program.chat().continueAnswer();
        QTRY_VERIFY_WITH_TIMEOUT(program.engine->requests().size() == 4 && program.isIdle(),
                                 kPatience);
        ask(program, "three");
        QVERIFY(lastPrompt(program).at(3).tokens.ids.empty());
    }
};

QTEST_MAIN(AnswerTokensTest)
#include "answer_tokens_test.moc"
