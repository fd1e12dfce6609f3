// Storage rows, prompts, statistics and titles.
#include "app/chat/message_conversion.h"

#include <QtTest>

using namespace sotto;
using namespace sotto::app;

namespace {

Message message(bool isUser, const char* text) {
    Message made;
    made.role = isUser ? MessageListModel::User : MessageListModel::Assistant;
    made.text = QString::fromUtf8(text);
    return made;
}

}  // namespace

class MessageConversionTest : public QObject {
    Q_OBJECT

private slots:
    void prompt_hasTheSystemPromptFirst() {
        const ChatPrompt prompt = toPrompt({message(true, "hi")}, QStringLiteral("Be brief."));
        QCOMPARE(prompt.messages.size(), std::size_t{2});
        QCOMPARE(prompt.messages[0].role, Role::System);
        QCOMPARE(toPrompt({message(true, "hi")}, QStringLiteral("  ")).messages.size(),
                 std::size_t{1});
    }

    void answers_bringTheTokensThatTheyWereWrittenIn() {
        Message answer = message(false, "two");
        answer.tokens = {{5, 6}, 7};
        const ChatPrompt prompt =
            toPrompt({message(true, "one"), answer, message(true, "three")}, {});
        QVERIFY(prompt.messages[1].tokens == answer.tokens);
        QVERIFY(prompt.messages[2].tokens.ids.empty());
        // What becomes one turn was never written as one.
        const ChatPrompt joined =
            toPrompt({message(true, "one"), answer, message(false, "more")}, {});
        QCOMPARE(joined.messages[1].content, std::string("two\n\nmore"));
        QVERIFY(joined.messages[1].tokens.ids.empty());
    }

    void tokens_ofAnAnswerThatWasCarriedOn_areOneAfterTheOther() {
        const AnswerTokens before{{1, 2}, 7}, more{{3}, 7}, foreign{{3}, 8};
        QVERIFY(joinedTokens(before, true, more) == (AnswerTokens{{1, 2, 3}, 7}));
        QVERIFY(joinedTokens({}, false, more) == more);
        // Half of a text has no tokens.
        QVERIFY(joinedTokens({}, true, more).ids.empty());
        QVERIFY(joinedTokens(before, true, foreign).ids.empty());
        QVERIFY(joinedTokens(before, true, {}).ids.empty());
    }

    // Templates that insist on alternating turns must not fail after an answer that was stopped at
    // once.
    void prompt_emptyAnswer_isLeftOutAndItsNeighboursJoin() {
        const ChatPrompt prompt =
            toPrompt({message(true, "one"), message(false, ""), message(true, "two")}, {});
        QCOMPARE(prompt.messages.size(), std::size_t{1});
        QCOMPARE(prompt.messages[0].content, std::string("one\n\ntwo"));
    }

    void damagedMessage_isNeverInAPrompt() {
        Message half = message(true, "half of a sen");
        half.isDamaged = true;
        const ChatPrompt prompt = toPrompt({message(true, "one"), message(false, "two"), half,
                                            message(false, "three"), message(true, "four")},
                                           {});
        QCOMPARE(prompt.messages.size(), std::size_t{3});
        QCOMPARE(prompt.messages[1].role, Role::Assistant);
        QCOMPARE(prompt.messages[1].content, std::string("two\n\nthree"));
        QCOMPARE(prompt.messages[2].content, std::string("four"));
    }

    void roles_areKept() {
        storage::MessageRecord record;
        record.role = storage::MessageRole::Tool;
        QCOMPARE(toMessage(record).role, MessageListModel::Tool);
        record.role = storage::MessageRole::System;
        record.content = "Be brief.";
        QCOMPARE(toPrompt({toMessage(record)}, {}).messages.front().role, Role::System);
    }

    void stats_throughJson_stayTheSame() {
        MessageStats stats;
        stats.tokensPerSecond = 41.25;
        stats.ttftMs = 310.5;
        stats.tokens = 512;
        stats.promptTokens = 20;
        stats.reusedTokens = 4;
        stats.restoredTokens = 8;
        stats.draftGain = 1.9;
        stats.draftKept = 3.1;
        stats.thinkingSeconds = 1.5;
        stats.thinkingTokens = 30;
        stats.stopReason = QStringLiteral("maxTokens");
        stats.seed = QStringLiteral("18446744073709551615");
        QCOMPARE(statsFromJson(statsToJson(stats)), stats);
        QCOMPARE(statsFromJson("not json"), MessageStats{});
    }

    void title_isTheFirstLineCutAtAWord_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("title");
        QTest::newRow("short") << "Hello there"
                               << "Hello there";
        QTest::newRow("lines") << "\n  First  line\nsecond"
                               << "First line";
        QTest::newRow("long") << QStringLiteral("word ").repeated(20)
                              << QStringLiteral("word ").repeated(12).trimmed() + QChar(0x2026);
        QTest::newRow("chinese") << QString(80, QChar(0x6C34))
                                 << QString(60, QChar(0x6C34)) + QChar(0x2026);
    }
    void title_isTheFirstLineCutAtAWord() {
        QFETCH(QString, text);
        QTEST(titleFromMessage(text), "title");
    }
};

QTEST_APPLESS_MAIN(MessageConversionTest)
#include "message_conversion_test.moc"
