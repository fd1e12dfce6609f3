// The whole path: the real window, the real engine and the demo model: type, stream, stop, edit,
// regenerate, be killed, open again, find the same text. Skipped where the demo model is not there.
#include <QGuiApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <set>
#include <vector>

#include "app/core/resource_paths.h"
#include "tests/app/window/test_window.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr int kAnswerMs = 60'000;
const QString kQuestion = QStringLiteral("Tell me a story about a fox.");

QString text(TestProgram& program, int row) {
    return program.facade().chat()->messages()->at(row).text;
}

// The part that is killed: opens the window, asks, and reports the answer as it grows, one line in
// hex per change.
// The reference kernels are slow enough that the kill falls into the middle of the answer.
int runVictim(const QString& home) {
    TestProgram program(home, [](EngineOptions options, EventSink sink) {
        options.kernels = KernelChoice::Reference;
        return createEngine(options, std::move(sink));
    });
    if (!program.waitForModel()) return 1;
    ChatController& chat = *program.facade().chat();
    QObject::connect(chat.messages(), &MessageListModel::dataChanged, &chat, [&program, &chat] {
        if (chat.messages()->rowCount() < 2) return;
        std::printf("%s\n", text(program, 1).toUtf8().toHex().constData());
        std::fflush(stdout);
    });
    chat.send(kQuestion);
    return QGuiApplication::exec();
}

}  // namespace

class WholePathTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void conversation_throughTheWindow_isAnsweredEditedAndRegenerated() {
        QTemporaryDir home;
        TestProgram program(home.path());
        if (program.core().demoModel().empty())
            QSKIP("the demo model is not in resources/demo_model");
        QVERIFY2(program.waitForModel(), qPrintable(program.facade().models()->errorText()));
        ChatController& chat = *program.facade().chat();
        QVERIFY(program.facade().models()->isDemo());

        program.type(QStringLiteral("Who are you?"));
        program.press(Qt::Key_Return);
        QTRY_COMPARE(chat.messages()->rowCount(), 2);
        QTRY_VERIFY_WITH_TIMEOUT(!chat.isBusy(), kAnswerMs);
        QVERIFY(!text(program, 1).isEmpty());
        const MessageStats stats = chat.messages()->at(1).stats;
        QVERIFY(stats.tokens > 0);
        QVERIFY(stats.ttftMs > 0);
        const QString first = text(program, 1);

        chat.edit(0, QStringLiteral("What can Sotto do?"));
        QTRY_COMPARE(chat.messages()->at(0).text, QStringLiteral("What can Sotto do?"));
        QTRY_VERIFY_WITH_TIMEOUT(chat.messages()->rowCount() == 2 && !chat.isBusy(), kAnswerMs);
        QTRY_COMPARE(chat.messages()->at(0).versionCount, 2);
        chat.showVersion(0, -1);
        QTRY_COMPARE(text(program, 1), first);

        program.press(Qt::Key_R, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!chat.isBusy() && chat.messages()->at(1).versionCount == 2,
                                 kAnswerMs);
    }

    // All of the first turn is there for the second: its question, its answer in the tokens that it
    // was written in, also as the library gives it back, and also of a temporary chat.
    void secondTurn_readsItsOwnQuestionOnly_data() {
        QTest::addColumn<bool>("isTemporary");
        QTest::addColumn<bool>("isReopened");
        QTest::newRow("at once") << false << false;
        QTest::newRow("opened again") << false << true;
        QTest::newRow("temporary") << true << false;
    }
    void secondTurn_readsItsOwnQuestionOnly() {
        QFETCH(bool, isTemporary);
        QFETCH(bool, isReopened);
        QTemporaryDir home;
        TestProgram program(home.path());
        if (program.core().demoModel().empty())
            QSKIP("the demo model is not in resources/demo_model");
        QVERIFY(program.waitForModel());
        ChatController& chat = *program.facade().chat();
        if (isTemporary) program.facade().chats()->newTemporaryChat();
        // Hot, so that it says things in tokens that no tokenizer would choose.
        chat.settings()->sampling()->setValue(QStringLiteral("temperature"), 1.5);
        chat.settings()->sampling()->setValue(QStringLiteral("seed"), 3);
        chat.send(kQuestion);
        QTRY_VERIFY_WITH_TIMEOUT(chat.messages()->rowCount() == 2 && !chat.isBusy(), kAnswerMs);
        const MessageStats first = chat.messages()->at(1).stats;
        const std::vector<std::int32_t> tokens = chat.messages()->at(1).tokens.ids;
        QVERIFY(!tokens.empty());
        if (isReopened) {
            const qint64 id = chat.chatId();
            program.facade().chats()->newChat();
            program.facade().chats()->open(id);
            QTRY_COMPARE(chat.messages()->rowCount(), 2);
            QVERIFY(chat.messages()->at(1).tokens.ids == tokens);
        }
        chat.send(QStringLiteral("And then?"));
        QTRY_VERIFY_WITH_TIMEOUT(chat.messages()->rowCount() == 4 && !chat.isBusy(), kAnswerMs);
        const MessageStats second = chat.messages()->at(3).stats;
        QVERIFY2(second.reusedTokens >= first.promptTokens + first.tokens - 1,
                 qPrintable(QStringLiteral("%1 of %2 + %3")
                                .arg(second.reusedTokens)
                                .arg(first.promptTokens)
                                .arg(first.tokens)));
    }

    // Side by side in the real engine: each grows, one can be looked at while the others are
    // written, and the same seed gives the same answers again.
    void severalAnswers_areWrittenSideBySideAndComeAgain() {
        QTemporaryDir home;
        QStringList texts;
        {
            TestProgram program(home.path());
            if (program.core().demoModel().empty())
                QSKIP("the demo model is not in resources/demo_model");
            QVERIFY(program.waitForModel());
            ChatController& chat = *program.facade().chat();
            SamplingModel& sampling = *chat.settings()->sampling();
            sampling.setValue(QStringLiteral("seed"), 11);
            sampling.setValue(QStringLiteral("temperature"), 1.5);
            sampling.setValue(QStringLiteral("maxTokens"), 60);
            chat.send(kQuestion);
            QTRY_VERIFY_WITH_TIMEOUT(chat.messages()->rowCount() == 2 && !chat.isBusy(), kAnswerMs);
            const QString alone = text(program, 1);
            for (int time = 0; time < 2; ++time) {
                chat.regenerate(3);
                QTRY_VERIFY_WITH_TIMEOUT(
                    !chat.isBusy() && chat.messages()->at(1).versionCount == 4 + 3 * time,
                    kAnswerMs);
                const int first = chat.messages()->at(1).versionIndex;
                QCOMPARE(first, 2 + 3 * time);
                QStringList answers;
                QStringList seeds;
                for (int index = 0; index < 3; ++index) {
                    QTRY_COMPARE(chat.messages()->at(1).versionIndex, first + index);
                    QTRY_VERIFY(!text(program, 1).isEmpty());
                    answers.append(text(program, 1));
                    seeds.append(chat.messages()->at(1).stats.seed);
                    QVERIFY(chat.messages()->at(1).stats.tokens > 0);
                    chat.showVersion(1, 1);
                }
                QCOMPARE(seeds, (QStringList{QStringLiteral("11"), QStringLiteral("12"),
                                             QStringLiteral("13")}));
                // What is asked for beside others is what one alone gives.
                QCOMPARE(answers.front(), alone);
                QCOMPARE(QSet<QString>(answers.begin(), answers.end()).size(), 3);
                if (time == 1) QCOMPARE(answers, texts);
                texts = answers;
            }
        }
        TestProgram again(home.path());
        QCOMPARE(openOnlyChat(again), texts.back());
    }

    // The reference kernels take long enough for a chunk of the prompt that one sees inside it.
    void longPrompt_isToldAsItIsRead() {
        QTemporaryDir home;
        TestProgram program(home.path(), [](EngineOptions options, EventSink sink) {
            options.kernels = KernelChoice::Reference;
            return createEngine(options, std::move(sink));
        });
        if (program.core().demoModel().empty())
            QSKIP("the demo model is not in resources/demo_model");
        QVERIFY(program.waitForModel());
        ChatController& chat = *program.facade().chat();
        std::vector<double> shares;
        int nPrompt = 0;
        connect(chat.progress(), &AnswerProgress::changed, this, [&] {
            if (chat.state() != ChatController::Reading) return;
            shares.push_back(chat.progress()->readShare());
            nPrompt = chat.progress()->promptTokens();
        });
        chat.send(kQuestion.repeated(30));
        QTRY_VERIFY_WITH_TIMEOUT(chat.state() > ChatController::Reading, kAnswerMs);
        chat.stop();
        QTRY_VERIFY(!chat.isBusy());
        // From the first moment, and inside its one chunk.
        QVERIFY(!shares.empty());
        QCOMPARE(shares.front(), 0.0);
        QVERIFY(std::is_sorted(shares.begin(), shares.end()));
        QVERIFY(std::set<double>(shares.begin(), shares.end()).size() > 4);
        QVERIFY(nPrompt > 200);
    }

    void escape_inTheMiddle_keepsTheTextAcrossARestart() {
        QTemporaryDir home;
        QString stopped;
        {
            TestProgram program(home.path());
            if (program.core().demoModel().empty())
                QSKIP("the demo model is not in resources/demo_model");
            QVERIFY(program.waitForModel());
            ChatController& chat = *program.facade().chat();
            chat.send(kQuestion);
            QTRY_VERIFY_WITH_TIMEOUT(
                chat.messages()->rowCount() == 2 && !text(program, 1).isEmpty(), kAnswerMs);
            program.press(Qt::Key_Escape);
            QTRY_VERIFY(!chat.isBusy());
            stopped = text(program, 1);
        }
        TestProgram again(home.path());
        QCOMPARE(openOnlyChat(again), stopped);
    }

    void kill_inTheMiddleOfAnAnswer_keepsQuestionAndText_data() {
        QTest::addColumn<int>("nCharacters");  // on screen when the kill comes
        for (const int nCharacters : {1, 20, 60})
            QTest::addRow("%d characters", nCharacters) << nCharacters;
    }
    void kill_inTheMiddleOfAnAnswer_keepsQuestionAndText() {
        QFETCH(int, nCharacters);
        if (findDemoModel(processEnvironment(), programFolder()).empty())
            QSKIP("the demo model is not in resources/demo_model");
        QTemporaryDir home;
        QProcess victim;
        victim.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        victim.start(QCoreApplication::applicationFilePath(),
                     {QStringLiteral("--victim"), home.path()});
        QVERIFY(victim.waitForStarted());
        struct Sight {
            qint64 ms;
            QString text;
        };
        QList<Sight> seen;
        QElapsedTimer timer;
        timer.start();
        // Long before the last kill something was on screen: that must be on the disk.
        const qint64 shownForMs = nCharacters >= 60 ? 1500 : 0;
        const auto isTime = [&] {
            return !seen.isEmpty() && seen.back().text.size() >= nCharacters &&
                   timer.elapsed() - seen.front().ms >= shownForMs;
        };
        while (!isTime() && timer.elapsed() < kAnswerMs && victim.state() == QProcess::Running) {
            victim.waitForReadyRead(20);
            while (victim.canReadLine())
                seen.append({timer.elapsed(),
                             QString::fromUtf8(QByteArray::fromHex(victim.readLine().trimmed()))});
        }
        QVERIFY2(victim.state() == QProcess::Running, "the program ended before it was killed");
        QVERIFY2(isTime(), "no answer of that length came");
        const qint64 killedAt = timer.elapsed();
        victim.kill();
        QVERIFY(victim.waitForFinished());
        QCOMPARE(victim.exitStatus(), QProcess::CrashExit);

        TestProgram again(home.path());
        const QString kept = openOnlyChat(again);
        QCOMPARE(again.facade().chat()->messages()->rowCount(), 2);
        QCOMPARE(again.facade().chat()->messages()->at(0).text, kQuestion);
        // Storage and screen are each a little behind the engine, so that either may be ahead of
        // the other.
        const QString shown = seen.back().text;
        QVERIFY2(shown.startsWith(kept) || kept.startsWith(shown), qPrintable(kept));
        // What was on screen a second before the kill is on disk.
        int nOld = 0;
        for (const Sight& sight : seen) {
            if (sight.ms > killedAt - 1000) continue;
            ++nOld;
            QVERIFY(kept.size() >= sight.text.size());
        }
        QVERIFY(nOld > 0 || shownForMs == 0);
        // An answer that had ended on screen before the kill may be whole.
        const auto state = again.facade().chat()->messages()->at(1).state;
        QVERIFY(state == MessageListModel::Stopped ||
                (state == MessageListModel::Done && kept.size() >= shown.size()));
    }

private:
    // Opens the one chat that the list has; returns its answer.
    static QString openOnlyChat(TestProgram& program) {
        ChatListModel& chats = *program.facade().chats();
        const auto firstChat = [&chats]() -> qint64 {
            for (int row = 0; row < chats.rowCount(); ++row)
                if (const qint64 id =
                        chats.data(chats.index(row), ChatListModel::ChatIdRole).toLongLong())
                    return id;
            return 0;
        };
        for (int wait = 0; wait < 200 && firstChat() == 0; ++wait) QTest::qWait(20);
        chats.open(firstChat());
        MessageListModel& messages = *program.facade().chat()->messages();
        for (int wait = 0; wait < 200 && messages.rowCount() < 2; ++wait) QTest::qWait(20);
        return messages.rowCount() < 2 ? QStringLiteral("no answer was stored")
                                       : messages.at(1).text;
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    const QStringList arguments = application.arguments();
    if (arguments.size() == 3 && arguments[1] == QLatin1String("--victim"))
        return runVictim(arguments[2]);
    WholePathTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "whole_path_test.moc"
