// The inspector says of an answer's prompt what each message was of it, where its tokens came from,
// and what was not sent; where it cannot know, it says that.
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include "tests/app/chat/chat_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr int kPatience = 60'000;

FakeScript drivenScript() {
    FakeScript script;
    script.isDriven = true;
    return script;
}

}  // namespace

class ContextInspectorTest : public QObject {
    Q_OBJECT

private slots:
    void messages_haveTheirTokensAndWhereTheyCameFrom() {
        Program program(drivenScript());
        ContextInspector& inspector = *program.chat().inspector();
        QAbstractItemModelTester tester(&inspector,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        ask(program, "one two", "three four five", {.promptTokens = 3}, "let me see");
        // Four of the marker and words before it are there already, and two of its own.
        ask(program, "six", "seven", {.promptTokens = 9, .reusedTokens = 4}, {});
        inspector.open();
        QTRY_COMPARE_WITH_TIMEOUT(inspector.state(), ContextInspector::Ready, kPatience);
        QCOMPARE(inspector.promptTokens(), 9);
        QCOMPARE(inspector.reusedTokens(), 4);
        QCOMPARE(inspector.readTokens(), 5);
        QCOMPARE(inspector.leftOutTokens(), 3);
        QVERIFY(!inspector.isChanged() && !inspector.isOlder());
        QCOMPARE(inspector.count(), 4);
        compareRow(inspector, 0, ContextInspector::Question, 1, 3, 3, 0, false);
        compareRow(inspector, 1, ContextInspector::Thinking, 2, 3, 0, 0, true);
        compareRow(inspector, 2, ContextInspector::Answer, 2, 4, 1, 3, false);
        compareRow(inspector, 3, ContextInspector::Question, 3, 2, 0, 2, false);
        // The newest message is looked at first.
        QCOMPARE(inspector.current(), 3);
        QCOMPARE(inspector.firstToken(), 8);
        QCOMPARE(inspector.lastToken(), 9);
        inspector.setCurrent(2);
        const QVariantList tokens = inspector.tokens();
        QCOMPARE(tokens.size(), 4);
        const auto field = [&](int at, const char* name) {
            return tokens[at].toMap()[QString::fromLatin1(name)];
        };
        QCOMPARE(field(0, "text").toString(), QStringLiteral("<other>"));
        QCOMPARE(field(0, "isTemplates").toBool(), true);
        QCOMPARE(field(0, "origin").toInt(), int(ContextInspector::Memory));
        QCOMPARE(field(1, "origin").toInt(), int(ContextInspector::Read));
        // What was not sent has no tokens to look at.
        inspector.setCurrent(1);
        QVERIFY(inspector.tokens().isEmpty());
        QVERIFY(inspector.promptText().startsWith(QStringLiteral("<user>one two")));
    }

    void olderAnswer_isLookedAtByItsOwnPrompt() {
        Program program(drivenScript());
        ContextInspector& inspector = *program.chat().inspector();
        ask(program, "one two", "three", {.promptTokens = 3}, {});
        ask(program, "six", "seven", {.promptTokens = 7}, {});
        inspector.open(1);
        QTRY_COMPARE_WITH_TIMEOUT(inspector.state(), ContextInspector::Ready, kPatience);
        QVERIFY(inspector.isOlder());
        QCOMPARE(inspector.promptTokens(), 3);
        inspector.open();
        QTRY_COMPARE_WITH_TIMEOUT(inspector.promptTokens(), 7, kPatience);
    }

    // Another system prompt: nothing is said to come from anywhere.
    void promptThatIsAnotherByNow_saysSo() {
        Program program(drivenScript());
        ContextInspector& inspector = *program.chat().inspector();
        ask(program, "one two", "three", {.promptTokens = 3, .reusedTokens = 2}, {});
        program.chat().settings()->layer()->setOwnSystemPrompt(QStringLiteral("Be brief."));
        inspector.open();
        QTRY_COMPARE_WITH_TIMEOUT(inspector.state(), ContextInspector::Ready, kPatience);
        QVERIFY(inspector.isChanged());
        QCOMPARE(inspector.thenTokens(), 3);
        QCOMPARE(inspector.promptTokens(), 6);
        compareRow(inspector, 0, ContextInspector::SystemPrompt, 0, 3, 0, 0, false);
        compareRow(inspector, 1, ContextInspector::Question, 1, 3, 0, 0, false);
    }

    void longMessage_isCutInItsMiddle() {
        Program program(drivenScript());
        ContextInspector& inspector = *program.chat().inspector();
        ask(program, qPrintable(QStringLiteral("word ").repeated(500)), "yes",
            {.promptTokens = 501}, {});
        inspector.open();
        QTRY_COMPARE_WITH_TIMEOUT(inspector.state(), ContextInspector::Ready, kPatience);
        const QVariantList tokens = inspector.tokens();
        int nTokens = 0;
        for (const QVariant& token : tokens)
            nTokens += token.toMap().value(QStringLiteral("gap"), 1).toInt();
        QCOMPARE(nTokens, 501);
        QVERIFY(tokens.size() < 200);
    }

    void withoutModelOrAnswer_saysSo() {
        Program program(drivenScript());
        ContextInspector& inspector = *program.chat().inspector();
        inspector.open();
        QCOMPARE(inspector.state(), ContextInspector::NoAnswer);
        ask(program, "one two", "three", {.promptTokens = 3}, {});
        QTRY_COMPARE_WITH_TIMEOUT(inspector.state(), ContextInspector::Ready, kPatience);
        program.facade->models()->unload();
        QTRY_COMPARE_WITH_TIMEOUT(inspector.state(), ContextInspector::NoModel, kPatience);
        QCOMPARE(inspector.count(), 0);
        inspector.close();
        QVERIFY(!inspector.isOpen());
    }

    // As far as its prompt is read.
    void answerThatIsWritten_isLookedAtToo() {
        Program program(drivenScript());
        ContextInspector& inspector = *program.chat().inspector();
        program.chat().send(QStringLiteral("one two"));
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->requests().size(), std::size_t{1}, kPatience);
        inspector.open();
        QTRY_COMPARE_WITH_TIMEOUT(inspector.state(), ContextInspector::Ready, kPatience);
        QCOMPARE(inspector.thenTokens(), 0);
        QVERIFY(!inspector.isChanged());
        program.engine->write("three");
        RequestStats stats;
        stats.promptTokens = 3;
        stats.reusedTokens = 1;
        program.engine->finish(StopReason::EndOfText, stats);
        QTRY_COMPARE_WITH_TIMEOUT(inspector.reusedTokens(), 1, kPatience);
        QCOMPARE(inspector.thenTokens(), 3);
    }

private:
    static void ask(Program& program, const char* question, const char* answer, RequestStats stats,
                    const std::string& thinking) {
        const auto nBefore = program.engine->requests().size();
        program.chat().send(QString::fromLatin1(question));
        QTRY_VERIFY_WITH_TIMEOUT(program.engine->requests().size() > nBefore, kPatience);
        if (!thinking.empty()) program.engine->write(thinking, TextKind::Thinking);
        program.engine->write(answer);
        program.engine->finish(StopReason::EndOfText, stats);
        QTRY_VERIFY_WITH_TIMEOUT(program.isIdle(), kPatience);
    }
    static void compareRow(const ContextInspector& inspector, int row, int kind, int number,
                           int nTokens, int nMemory, int nRead, bool isLeftOut) {
        const auto field = [&](int role) { return inspector.data(inspector.index(row), role); };
        QCOMPARE(field(ContextInspector::KindRole).toInt(), kind);
        QCOMPARE(field(ContextInspector::NumberRole).toInt(), number);
        QCOMPARE(field(ContextInspector::TokensRole).toInt(), nTokens);
        QCOMPARE(field(ContextInspector::MemoryRole).toInt(), nMemory);
        QCOMPARE(field(ContextInspector::ReadRole).toInt(), nRead);
        QCOMPARE(field(ContextInspector::LeftOutRole).toBool(), isLeftOut);
    }
};

QTEST_MAIN(ContextInspectorTest)
#include "context_inspector_test.moc"
