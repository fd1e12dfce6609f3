// A chat that outgrows its context: asked once, then grown, dropped or slid as was chosen; nothing
// is lost on the way. Against a scripted engine, whose tokens are words: a marker and each word of
// a message.
#include <QSignalSpy>
#include <QtTest>

#include "app/chat/asker.h"
#include "app/chat/sent_turns.h"
#include "tests/app/chat/chat_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr int kPatience = 60'000;  // milliseconds: a hang, not a busy machine

QString words(int nWords) { return QStringLiteral("aaaaaaaa ").repeated(nWords).trimmed(); }

// Of 1000 tokens, made for 4000. An answer has four words.
FakeScript shortScript() {
    FakeScript script;
    script.contextTokens = 1000;
    script.describe = [](ModelInfo& info) { info.trainedContext = 4000; };
    return script;
}

// A computer with memory for a context of 2000 tokens.
MachineProbe roomyMachine() {
    MachineProbe machine;
    machine.listDevices = [] { return std::vector<DeviceInfo>(1); };
    machine.planModel = [](const LoadOptions& options, const PlanSpace&) -> Result<PlannedModel> {
        PlannedModel plan;
        plan.info.contextTokens = std::min(options.contextTokens, std::int64_t{2000});
        plan.info.trainedContext = 4000;
        plan.info.memory = {1000, 400, 30};
        plan.isShortened = plan.info.contextTokens < options.contextTokens;
        return plan;
    };
    machine.isThere = [](const std::string&) { return true; };
    return machine;
}

std::size_t nMessages(const GenerationRequest& request) {
    return std::get<ChatPrompt>(request.prompt).messages.size();
}

}  // namespace

class OverflowTest : public QObject {
    Q_OBJECT

    // Asks until `nTurns` are answered, each question of so many words.
    static void talk(Program& program, int nTurns, int nWords) {
        for (int turn = 0; turn < nTurns; ++turn) {
            const int nRows = program.rows();
            QVERIFY(program.chat().send(words(nWords)));
            QTRY_VERIFY_WITH_TIMEOUT(program.rows() == nRows + 2 && program.isIdle(), kPatience);
        }
    }
    static OverflowController& overflow(Program& program) { return *program.chat().overflow(); }
    // Three turns of 300 words, and a fourth one that does not fit.
    static void fill(Program& program) {
        talk(program, 3, 270);
        program.chat().setDraft(words(150));
        QVERIFY(program.chat().send(program.chat().draft()));
        QTRY_VERIFY_WITH_TIMEOUT(overflow(program).state() != OverflowController::Looking,
                                 kPatience);
    }

private slots:
    void send_whatFits_isNotAskedAbout() {
        Program program(shortScript());
        talk(program, 3, 200);
        QVERIFY(!overflow(program).isOpen());
        QCOMPARE(program.engine->requests().size(), std::size_t{3});
    }

    void send_whatDoesNotFit_asksAndKeepsTheWords() {
        Program program(shortScript());
        fill(program);
        QVERIFY(overflow(program).isOpen());
        QCOMPARE(program.rows(), 6);
        QCOMPARE(program.chat().draft(), words(150));
        QCOMPARE(program.engine->requests().size(), std::size_t{3});
        QVERIFY2(overflow(program).sentence().contains(QStringLiteral("979 of 1,000")),
                 qPrintable(overflow(program).sentence()));
        QCOMPARE(overflow(program).choices().size(), 3);
        // Not now: everything is as it was, and it is asked again.
        overflow(program).dismiss();
        QVERIFY(!overflow(program).isOpen());
        QCOMPARE(program.chat().draft(), words(150));
        QVERIFY(program.chat().send(program.chat().draft()));
        QTRY_VERIFY_WITH_TIMEOUT(overflow(program).isOpen(), kPatience);
        // Another chat: it is not asked there.
        program.facade->chats()->newChat();
        QVERIFY(!overflow(program).isOpen());
    }

    // Its messages have other numbers then, and its figures are those of another prompt.
    void chatThatChanges_isNotAskedAboutAnyMore() {
        Program program(shortScript());
        program.chat().settings()->layer()->setOwnSystemPrompt(QStringLiteral("Be kind."));
        fill(program);
        program.chat().settings()->layer()->setOwnSystemPrompt({});
        QVERIFY(!overflow(program).isOpen());
        QCOMPARE(program.chat().draft(), words(150));
        QVERIFY(overflow(program).choices().isEmpty());
        QVERIFY(program.chat().send(program.chat().draft()));
        QTRY_VERIFY_WITH_TIMEOUT(overflow(program).isOpen(), kPatience);
        program.chat().removeMessage(4);
        QTRY_VERIFY(!overflow(program).isOpen());
        QCOMPARE(program.engine->requests().size(), std::size_t{3});
    }

    // What was typed into the editor while the panel stood there is what is asked.
    void edit_thatWaits_takesTheWordsOfNow() {
        Program program(shortScript());
        talk(program, 3, 270);
        MessageListModel& messages = *program.chat().messages();
        messages.beginEdit(4);
        messages.setEditText(4, words(600));
        QVERIFY(program.chat().edit(4, words(600)));
        QTRY_VERIFY_WITH_TIMEOUT(overflow(program).isOpen(), kPatience);
        messages.setEditText(4, words(600) + QStringLiteral(" and more"));
        overflow(program).choose(OverflowController::Drop);
        overflow(program).accept();
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->requests().size(), std::size_t{4}, kPatience);
        QVERIFY(std::get<ChatPrompt>(program.engine->requests().back().prompt)
                    .messages.back()
                    .content.ends_with(" and more"));
    }

    void drop_leavesTheOldestTurnsOut_markedAndRemembered() {
        Program program(shortScript());
        program.chat().settings()->layer()->setOwnSystemPrompt(QStringLiteral("Be kind."));
        fill(program);
        overflow(program).choose(OverflowController::Drop);
        QVERIFY(overflow(program).canAccept());
        overflow(program).accept();
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 8 && program.isIdle(), kPatience);
        QVERIFY(!overflow(program).isOpen());
        QCOMPARE(program.chat().draft(), QString());
        const GenerationRequest request = program.engine->requests().back();
        // System prompt, one turn and the question: 2 of 3 turns went.
        QCOMPARE(nMessages(request), std::size_t{4});
        QCOMPARE(std::get<ChatPrompt>(request.prompt).messages[0].content, std::string("Be kind."));
        QCOMPARE(std::get<ChatPrompt>(request.prompt).messages[3].content,
                 words(150).toStdString());
        constexpr int kTokens = 2 * (271 + 5);
        QCOMPARE(overflow(program).droppedTokens(), kTokens);
        for (int row = 0; row < 8; ++row)
            QCOMPARE(program.role(row, MessageListModel::IsDroppedRole).toBool(), row < 4);
        QVERIFY2(program.role(3, MessageListModel::DropMarkRole)
                     .toString()
                     .contains(QStringLiteral("Messages 1 to 4 are not sent any more, 552")),
                 qPrintable(program.role(3, MessageListModel::DropMarkRole).toString()));
        QCOMPARE(program.role(4, MessageListModel::DropMarkRole).toString(), QString());
        QVERIFY(program.role(7, MessageListModel::FiguresRole)
                    .toStringList()
                    .contains(QStringLiteral("552 tokens dropped")));
        ContextInspector& inspector = *program.chat().inspector();
        inspector.open();
        QTRY_COMPARE_WITH_TIMEOUT(inspector.state(), ContextInspector::Ready, kPatience);
        QCOMPARE(inspector.leftOutTokens(), kTokens);
        QCOMPARE(inspector.data(inspector.index(1), ContextInspector::KindRole).toInt(),
                 static_cast<int>(ContextInspector::Dropped));
        QCOMPARE(inspector.data(inspector.index(2), ContextInspector::NumberRole).toInt(), 5);
        inspector.close();
        // What the next question begins with is without them, too.
        const auto warmings = program.engine->warmings();
        QVERIFY(!warmings.empty());
        QCOMPARE(nMessages(warmings.back()), std::size_t{5});
        // The whole of it is stored, and what is not sent with it.
        QTRY_COMPARE_WITH_TIMEOUT(program.stored().size(), std::size_t{8}, kPatience);
        const qint64 chatId = program.chat().chatId();
        const std::string id = std::to_string(program.row(3).id);
        QTRY_VERIFY_WITH_TIMEOUT(
            program.disk
                    ->call([chatId](storage::Database& database) {
                        return database.chats().settings(chatId);
                    })
                    ->find("\"dropped\":[[" + id + ",552]],\"overflow\":\"drop\"") !=
                std::string::npos,
            kPatience);
        // Another chat is whole; back in this one it is as it was.
        program.facade->chats()->newChat();
        QCOMPARE(overflow(program).way(), OverflowController::Ask);
        program.facade->chats()->open(chatId);
        QTRY_VERIFY_WITH_TIMEOUT(
            program.rows() == 8 && program.role(3, MessageListModel::IsDroppedRole).toBool(),
            kPatience);
    }

    void drop_laterTurns_goByThemselves() {
        Program program(shortScript());
        fill(program);
        overflow(program).choose(OverflowController::Drop);
        overflow(program).accept();
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 8 && program.isIdle(), kPatience);
        talk(program, 4, 200);
        QVERIFY(!overflow(program).isOpen());
        for (const GenerationRequest& request : program.engine->requests())
            QVERIFY(*program.engine->countTokens(request.prompt) <= 1000);
        QVERIFY(program.role(5, MessageListModel::IsDroppedRole).toBool());
        // Exactly one mark.
        int nMarks = 0;
        for (int row = 0; row < program.rows(); ++row)
            nMarks +=
                program.role(row, MessageListModel::DropMarkRole).toString().isEmpty() ? 0 : 1;
        QCOMPARE(nMarks, 1);
    }

    void takeBack_sendsThemAgain_andIsAskedAnew() {
        Program program(shortScript());
        fill(program);
        overflow(program).choose(OverflowController::Drop);
        overflow(program).accept();
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 8 && program.isIdle(), kPatience);
        overflow(program).takeBack();
        QVERIFY(!program.role(0, MessageListModel::IsDroppedRole).toBool());
        QCOMPARE(overflow(program).droppedTokens(), 0);
        QVERIFY(program.chat().send(QStringLiteral("more")));
        QTRY_VERIFY_WITH_TIMEOUT(overflow(program).isOpen(), kPatience);
    }

    void drop_oneHugeQuestion_isRefusedWithTheReason() {
        Program program(shortScript());
        talk(program, 1, 100);
        QVERIFY(program.chat().send(words(990)));
        QTRY_VERIFY_WITH_TIMEOUT(overflow(program).isOpen(), kPatience);
        const QVariantMap drop = overflow(program).choices()[1].toMap();
        QVERIFY(!drop[QStringLiteral("isOffered")].toBool());
        QVERIFY(drop[QStringLiteral("text")].toString().contains(
            QStringLiteral("The last question alone does not fit")));
        overflow(program).choose(OverflowController::Drop);
        QVERIFY(overflow(program).chosen() != OverflowController::Drop);
    }

    // One question that leaves little room is sent: nothing could go, and nobody is asked.
    void drop_withOneTurn_isSentAsItIs() {
        Program program(shortScript());
        overflow(program).setWay(OverflowController::Drop);
        QVERIFY(program.chat().send(words(870)));
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 2 && program.isIdle(), kPatience);
        QVERIFY(!overflow(program).isOpen());
        QCOMPARE(overflow(program).droppedTokens(), 0);
    }

    void grow_loadsTheModelAgain_andSendsThen() {
        Program program(shortScript(), true, storage::StorageOptions::inMemory(), {},
                        roomyMachine());
        grow(program);
        QVERIFY(overflow(program).isOpen());
        QCOMPARE(overflow(program).chosen(), OverflowController::Grow);
        overflow(program).accept();
        QCOMPARE(overflow(program).state(), OverflowController::Growing);
        QCOMPARE(program.rows(), 6);
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 8 && program.isIdle(), kPatience);
        QCOMPARE(program.engine->loads().back().contextTokens, std::int64_t{2000});
        QCOMPARE(nMessages(program.engine->requests().back()), std::size_t{7});
        QCOMPARE(overflow(program).way(), OverflowController::Grow);
    }

    void grow_whoseLoadFails_keepsTheWordsAndTheModel() {
        Program program(shortScript(), true, storage::StorageOptions::inMemory(), {},
                        roomyMachine());
        grow(program);
        program.engine->change([](FakeScript& script) {
            script.refusal = [](const LoadOptions& options) -> std::optional<Error> {
                if (options.contextTokens <= 1000) return std::nullopt;
                return Error{ErrorCode::OutOfMemory, "No memory.", {}, 5, 3};
            };
        });
        overflow(program).accept();
        QTRY_COMPARE_WITH_TIMEOUT(overflow(program).state(), OverflowController::Asking, kPatience);
        QVERIFY(!overflow(program).problem().isEmpty());
        QCOMPARE(program.facade->models()->state(), ModelController::Loaded);
        QCOMPARE(program.rows(), 6);
        QCOMPARE(program.chat().draft(), words(150));
        QCOMPARE(overflow(program).way(), OverflowController::Ask);
        // Another way is still open.
        overflow(program).choose(OverflowController::Drop);
        overflow(program).accept();
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 8 && program.isIdle(), kPatience);
    }

    void sinks_areTheEngines_andTold() {
        Program program(shortScript());
        fill(program);
        overflow(program).choose(OverflowController::Sinks);
        program.engine->change([](FakeScript& script) { script.isDriven = true; });
        overflow(program).accept();
        QTRY_VERIFY_WITH_TIMEOUT(program.engine->requests().size() == 4, kPatience);
        QVERIFY(program.engine->requests().back().overflow == Overflow::Sinks);
        QCOMPARE(nMessages(program.engine->requests().back()), std::size_t{7});
        RequestStats stats;
        stats.promptTokens = 900;
        stats.leftOutTokens = 1000;
        stats.slidTokens = 24;
        program.engine->write("Well.");
        program.engine->finish(StopReason::EndOfText, stats);
        QTRY_VERIFY_WITH_TIMEOUT(program.rows() == 8 && program.isIdle(), kPatience);
        QVERIFY(program.role(7, MessageListModel::FiguresRole)
                    .toStringList()
                    .contains(QStringLiteral("1,024 tokens forgotten")));
    }

    void answerAtTheEndOfTheContext_offersTheSame() {
        Program program(shortScript());
        talk(program, 2, 300);
        program.engine->change([](FakeScript& script) { script.isDriven = true; });
        QVERIFY(program.chat().send(words(200)));
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->requests().size(), std::size_t{3}, kPatience);
        program.engine->write(words(190).toStdString());
        program.engine->finish(StopReason::ContextFull);
        QTRY_VERIFY_WITH_TIMEOUT(overflow(program).isOpen(), kPatience);
        overflow(program).choose(OverflowController::Drop);
        QCOMPARE(overflow(program).acceptText(), QStringLiteral("Drop and continue"));
        overflow(program).accept();
        QTRY_COMPARE_WITH_TIMEOUT(program.engine->requests().size(), std::size_t{4}, kPatience);
        const auto& prompt = std::get<ChatPrompt>(program.engine->requests().back().prompt);
        QVERIFY(prompt.isContinuing);
        QVERIFY(prompt.messages.size() < 6);
        QCOMPARE(program.rows(), 6);
    }

    // Of a branch that does not hold what went, everything is sent; an edit of what is sent changes
    // nothing.
    void leftOut_followsTheBranch() {
        const auto path = [](std::initializer_list<qint64> ids) {
            std::vector<Message> messages;
            for (const qint64 id : ids) {
                Message message;
                message.id = id;
                message.role =
                    messages.size() % 2 == 0 ? MessageListModel::User : MessageListModel::Assistant;
                message.text = QStringLiteral("text");
                messages.push_back(message);
            }
            return messages;
        };
        const std::vector<DroppedTurns> dropped{{2, 100}};
        QVERIFY(leftOutOf(path({1, 2, 3}), dropped) == (LeftOut{2, 100}));
        QVERIFY(leftOutOf(path({1, 2, 9, 10, 11}), dropped) == (LeftOut{2, 100}));
        QVERIFY(leftOutOf(path({1, 7, 8}), dropped) == LeftOut());
        // Asked before they went: with them.
        QVERIFY(leftOutOf(path({1, 2}), dropped) == LeftOut());
        QVERIFY(leftOutOf(path({1}), dropped) == LeftOut());
        const auto more =
            withDrop(path({1, 2, 3, 4, 5}), dropped, QStringLiteral("s"), TurnDrop{3, 2, 50, 10});
        QVERIFY(more == std::vector<DroppedTurns>({{4, 150}}));
        const auto branch = withDrop(path({1, 7, 8, 9, 10}), dropped, {}, TurnDrop{2, 2, 50, 10});
        QVERIFY(branch == std::vector<DroppedTurns>({{2, 100}, {7, 50}}));
        QVERIFY(withoutDrops(path({1, 2, 3}), branch) == std::vector<DroppedTurns>({{7, 50}}));
    }

private:
    // The next load gives what it is asked for.
    static void grow(Program& program) {
        program.engine->change([](FakeScript& script) {
            script.describe = [](ModelInfo& info) {
                info.trainedContext = 4000;
                info.contextTokens = 2000;
            };
        });
        fill(program);
    }
};

QTEST_MAIN(OverflowTest)
#include "overflow_test.moc"
