// Nothing that a person wrote is lost: failing disks, chats that are left too early, damage.
#include <QClipboard>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QtTest>

#include "tests/app/chat/disk_program.h"
#include "tests/app/support/damaged_chat.h"

using namespace sotto;
using namespace sotto::app;

namespace {

std::size_t nChats(storage::Storage& storage) {
    std::size_t n = 0;
    for (const bool isInBin : {false, true}) {
        const auto chats = storage.call(
            [isInBin](storage::Database& database) { return database.chats().list(isInBin); });
        n += chats->size();
    }
    return n;
}

bool hasMessage(storage::Storage& storage, qint64 messageId) {
    return static_cast<bool>(storage.call(
        [messageId](storage::Database& database) { return database.messages().get(messageId); }));
}

}  // namespace

class LostWordsTest : public QObject {
    Q_OBJECT

private slots:
    void removedMessage_bringsBackWhatStoodInItsEditor() {
        Program program;
        QTRY_VERIFY(program.chat().canSend());
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        QTRY_COMPARE(program.stored().size(), std::size_t{2});
        program.messages().beginEdit(1);
        program.messages().setEditText(1, QStringLiteral("half a thought"));
        program.chat().removeMessage(0);
        QTRY_COMPARE(program.rows(), 0);
        QCOMPARE(program.chat().unstored().edits(), QStringList());
        program.chats().undo();
        QTRY_COMPARE(program.rows(), 2);
        QVERIFY(!program.role(0, MessageListModel::IsEditingRole).toBool());
        QVERIFY(program.role(1, MessageListModel::IsEditingRole).toBool());
        QCOMPARE(program.role(1, MessageListModel::EditTextRole).toString(),
                 QStringLiteral("half a thought"));
        QCOMPARE(program.chat().unstored().edits(), QStringList(QStringLiteral("half a thought")));
    }

    // --- edits ----------------------------------------------------------------------------------

    void edit_thatCannotBeSaved_staysOpenWithItsText() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        program.messages().beginEdit(0);
        QCOMPARE(program.role(0, MessageListModel::EditTextRole).toString(), QStringLiteral("go"));
        disk.fill();
        QSignalSpy problems(&program.chat(), &ChatController::problemChanged);
        QVERIFY(program.chat().edit(0, QStringLiteral("go on")));
        QTRY_COMPARE(problems.count(), 1);
        QVERIFY(program.isIdle());
        QVERIFY(program.role(0, MessageListModel::IsEditingRole).toBool());
        QCOMPARE(program.role(0, MessageListModel::EditTextRole).toString(),
                 QStringLiteral("go on"));
        QCOMPARE(program.row(0).text, QStringLiteral("go"));
        disk.heal();
        QVERIFY(program.chat().edit(0, QStringLiteral("go on")));
        QTRY_COMPARE(program.row(0).text, QStringLiteral("go on"));
        QVERIFY(!program.role(0, MessageListModel::IsEditingRole).toBool());
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
    }

    void edit_untilItIsSaved_keepsItsEditor() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        program.messages().beginEdit(1);
        Gate gate(*program.disk);
        QVERIFY(program.chat().edit(1, QStringLiteral("mine")));
        QVERIFY(program.role(1, MessageListModel::IsEditingRole).toBool());
        gate.open();
        QTRY_COMPARE(program.row(1).text, QStringLiteral("mine"));
        QVERIFY(!program.role(1, MessageListModel::IsEditingRole).toBool());
    }

    // Storing may take its time (another program holds the chats), and the editor is open so long.
    void edit_typedOnWhileItIsSaved_keepsWhatWasTyped_data() {
        QTest::addColumn<bool>("isFull");
        QTest::newRow("saved") << false;
        QTest::newRow("refused") << true;
    }
    void edit_typedOnWhileItIsSaved_keepsWhatWasTyped() {
        QFETCH(bool, isFull);
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        program.messages().beginEdit(1);
        Gate gate(*program.disk);
        if (isFull) disk.fill();
        QSignalSpy problems(&program.chat(), &ChatController::problemChanged);
        QVERIFY(program.chat().edit(1, QStringLiteral("mine")));
        program.messages().setEditText(1, QStringLiteral("mine, and more"));
        gate.open();
        if (isFull)
            QTRY_COMPARE(problems.count(), 1);
        else
            QTRY_COMPARE(program.row(1).text, QStringLiteral("mine"));
        QVERIFY(program.role(1, MessageListModel::IsEditingRole).toBool());
        QCOMPARE(program.role(1, MessageListModel::EditTextRole).toString(),
                 QStringLiteral("mine, and more"));
        disk.heal();
    }

    void edit_thatFailsAfterAnotherChatWasOpened_isOpenWhenOneComesBack() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        const qint64 chatId = program.chat().chatId();
        Gate gate(*program.disk);
        disk.fill();
        QVERIFY(program.chat().edit(1, QStringLiteral("my own")));
        program.chats().newChat();
        QSignalSpy problems(&program.chat(), &ChatController::problemChanged);
        gate.open();
        QTRY_COMPARE(problems.count(), 1);
        disk.heal();
        program.chats().open(chatId);
        QTRY_COMPARE(program.rows(), 2);
        QCOMPARE(program.role(1, MessageListModel::EditTextRole).toString(),
                 QStringLiteral("my own"));
    }

    // The list makes and destroys its delegates as it is scrolled; what was typed is not theirs.
    void openEdit_survivesAnotherChat() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        const qint64 chatId = program.chat().chatId();
        program.messages().beginEdit(0);
        program.messages().setEditText(0, QStringLiteral("half a thou"));
        program.chats().newChat();
        QTRY_COMPARE(program.rows(), 0);
        program.chats().open(chatId);
        QTRY_COMPARE(program.rows(), 2);
        QVERIFY(program.role(0, MessageListModel::IsEditingRole).toBool());
        program.messages().beginEdit(0);  // again: what was typed stays
        QCOMPARE(program.role(0, MessageListModel::EditTextRole).toString(),
                 QStringLiteral("half a thou"));
        program.messages().cancelEdit(0);
        QVERIFY(!program.role(0, MessageListModel::IsEditingRole).toBool());
    }

    // --- questions ------------------------------------------------------------------------------

    void question_thatCannotBeSaved_comesBackToTheComposer() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        disk.fill();
        QSignalSpy problems(&program.chat(), &ChatController::problemChanged);
        QVERIFY(program.chat().send(QStringLiteral("important")));
        program.chat().setDraft(QStringLiteral("typed since"));
        QTRY_COMPARE(problems.count(), 1);
        QCOMPARE(program.chat().draft(), QStringLiteral("important\n\ntyped since"));
        QCOMPARE(program.rows(), 2);
        QVERIFY(program.chat().canSend());
        QCOMPARE(program.engine->requests().size(), std::size_t{1});
    }

    void firstMessage_thatCannotBeSaved_comesBackToTheNewChat_data() {
        QTest::addColumn<bool>("isOtherNewChat");
        QTest::newRow("another chat") << false;
        QTest::newRow("another new chat with a draft") << true;
    }
    void firstMessage_thatCannotBeSaved_comesBackToTheNewChat() {
        QFETCH(bool, isOtherNewChat);
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        const qint64 other = program.chat().chatId();
        program.chats().newChat();
        QTRY_VERIFY(program.chat().canSend());
        Gate gate(*program.disk);
        disk.fill();
        QVERIFY(program.chat().send(QStringLiteral("important")));
        if (isOtherNewChat) {
            program.chats().newChat();
            program.chat().setDraft(QStringLiteral("something else"));
        }
        program.chats().open(other);
        QSignalSpy problems(&program.chat(), &ChatController::problemChanged);
        gate.open();
        QTRY_COMPARE(problems.count(), 1);
        QVERIFY(program.chat().problem().contains(QStringLiteral("draft of the new chat")));
        QTRY_COMPARE(program.rows(), 2);
        QCOMPARE(program.chat().draft(), QString());  // never in the wrong chat
        program.chats().newChat();
        QTRY_VERIFY(program.chat().draft().startsWith(QStringLiteral("important")));
        QCOMPARE(program.chat().draft().endsWith(QStringLiteral("something else")), isOtherNewChat);
        // And it reaches the disk when there is room again.
        disk.heal();
        QTRY_VERIFY(program.disk
                        ->call([](storage::Database& database) {
                            return database.settings().value("chat.newDraft");
                        })
                        ->value_or("")
                        .find("important") != std::string::npos);
        QCOMPARE(nChats(*program.disk), std::size_t{1});
    }

    void draft_thatCannotBeSaved_isThereWhenOneComesBack() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        const qint64 chatId = program.chat().chatId();
        disk.fill();
        program.chat().setDraft(QStringLiteral("half a thought"));
        program.chats().newChat();
        QTRY_VERIFY(program.facade->health()->isAiling());
        QCOMPARE(program.chat().draft(), QString());
        program.chats().open(chatId);
        QTRY_COMPARE(program.chat().draft(), QStringLiteral("half a thought"));
        // Sent after all: the draft that waited for room does not come back.
        disk.vfs.heal();
        QTRY_VERIFY(program.chat().canSend());
        program.chat().send(program.chat().draft());
        QTRY_VERIFY(program.isIdle() && program.rows() == 4);
        disk.heal();
        QTRY_VERIFY(!program.facade->health()->isAiling());
        const auto draft = program.disk->call(
            [chatId](storage::Database& database) { return database.chats().draft(chatId); });
        QCOMPARE(*draft, std::string());
    }

    // --- answers --------------------------------------------------------------------------------

    void answer_thatEndsBeforeItsBeginningFailed_isStored() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        Gate gate(*program.disk);
        disk.fill();
        program.chat().regenerate();
        QTRY_VERIFY(program.isIdle() && program.row(1).text == QStringLiteral("This is answer 2."));
        program.disk->post([&disk](storage::Database&) { disk.vfs.heal(); });
        gate.open();
        QTRY_COMPARE(program.stored()[1].content, std::string("This is answer 2."));
        QTRY_COMPARE(program.stored()[1].state, storage::MessageState::Done);
        QCOMPARE(program.stored()[1].versionCount, 2);
        QTRY_COMPARE(program.row(1).versionCount, 2);
    }

    void answer_thatCannotBeStored_isShownAndStoredLater() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        const qint64 chatId = program.chat().chatId();
        disk.fill();
        program.chat().regenerate();
        QTRY_VERIFY(program.isIdle() && program.row(1).text == QStringLiteral("This is answer 2."));
        program.chats().newChat();
        QTRY_VERIFY(program.chat().canSend());
        program.chats().open(chatId);
        QTRY_COMPARE(program.rows(), 2);
        QCOMPARE(program.row(1).text, QStringLiteral("This is answer 2."));
        disk.heal();
        QTRY_COMPARE(program.stored()[1].content, std::string("This is answer 2."));
        QCOMPARE(program.stored()[1].versionCount, 2);
    }

    // --- the list -------------------------------------------------------------------------------

    void chat_thatCannotBeMovedToTheBin_isNotToldToBeThere() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        const qint64 chatId = program.chat().chatId();
        QTRY_VERIFY(program.chats().knows(chatId));
        disk.fill();
        program.chats().remove(chatId);
        QTRY_VERIFY(program.facade->health()->isAiling());
        QVERIFY(!program.chats().canUndo());
        QCOMPARE(program.chat().chatId(), chatId);  // still on screen
        disk.heal();
        QTRY_VERIFY(!program.facade->health()->isAiling());
        program.chats().remove(chatId);
        QTRY_VERIFY(program.chats().canUndo());
        QTRY_VERIFY(program.chats().isInBin(chatId));
        // Nor is taking it back done when it is not: it can be tried again.
        disk.fill();
        program.chats().undo();
        QTRY_VERIFY(program.facade->health()->isAiling());
        disk.heal();
        QTRY_VERIFY(!program.facade->health()->isAiling());
        QVERIFY(program.chats().isInBin(chatId));
        program.chats().undo();
        QTRY_VERIFY(!program.chats().isInBin(chatId));
    }

    // Two that fail return in the order in which they were done.
    void undos_thatCannotBeStored_keepTheirOrder() {
        DiskProgram disk;
        Program& program = disk;
        const auto made = program.disk->call([](storage::Database& database) -> Status {
            for (const qint64 chatId : {1, 2})
                SOTTO_TRY(database.chats().create({.id = chatId, .title = "c"}));
            return {};
        });
        QVERIFY(made.has_value());
        program.chats().refresh();
        QTRY_VERIFY(program.chats().knows(1) && program.chats().knows(2));
        program.chats().remove(1);
        program.chats().remove(2);
        QTRY_VERIFY(program.chats().isInBin(1) && program.chats().isInBin(2));
        Gate gate(*program.disk);
        disk.fill();
        QSignalSpy failed(program.facade->health(), &HealthController::changed);
        program.chats().undo();
        program.chats().undo();
        gate.open();
        QTRY_VERIFY(!failed.isEmpty());
        disk.heal();
        QTRY_VERIFY(!program.facade->health()->isAiling());
        QVERIFY(program.chats().isInBin(1) && program.chats().isInBin(2));
        program.chats().undo();
        QTRY_VERIFY(!program.chats().isInBin(2));
        QVERIFY(program.chats().isInBin(1));
        program.chats().undo();
        QTRY_VERIFY(!program.chats().isInBin(1));
    }

    void chat_thatCannotBeDeletedForGood_staysInTheBinAndCanBeTakenBack() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        const qint64 chatId = program.chat().chatId();
        program.chats().remove(chatId);
        QTRY_VERIFY(program.chats().isInBin(chatId));
        disk.fill();
        program.facade->bin()->removeForGood(chatId);
        QTRY_VERIFY(program.facade->health()->isAiling());
        disk.heal();
        QTRY_VERIFY(!program.facade->health()->isAiling());
        program.chats().undo();
        QTRY_VERIFY(program.chats().knows(chatId) && !program.chats().isInBin(chatId));
    }

    void names_thatCannotBeStored_areGivenBack() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        const double chatId = static_cast<double>(program.chat().chatId());
        disk.fill();
        QSignalSpy renames(&program.chats(), &ChatListModel::renameFailed);
        QSignalSpy folders(&program.chats(), &ChatListModel::newFolderFailed);
        program.chats().rename(program.chat().chatId(), QStringLiteral("A good title"));
        program.chats().newFolder(QStringLiteral("A good folder"), program.chat().chatId());
        QTRY_COMPARE(renames.count(), 1);
        QCOMPARE(renames[0], (QVariantList{chatId, 0.0, QStringLiteral("A good title")}));
        QTRY_COMPARE(folders.count(), 1);
        QCOMPARE(folders[0], (QVariantList{QStringLiteral("A good folder"), chatId}));
    }

    // --- stop and temporary chats ---------------------------------------------------------------

    void stop_whileTheQuestionIsStored_asksNothing() {
        Program program;
        Gate gate(*program.disk);
        QTRY_COMPARE(program.chat().state(), ChatController::Empty);
        gate.open();
        QTRY_VERIFY(program.chat().canSend());
        Gate second(*program.disk);
        QVERIFY(program.chat().send(QStringLiteral("go")));
        program.chat().stop();
        second.open();
        QTRY_VERIFY(program.isIdle());
        QCOMPARE(program.chat().state(), ChatController::Idle);
        QCOMPARE(program.stored().size(), std::size_t{1});
        QVERIFY(program.engine->requests().empty());
        QVERIFY(program.chat().canRegenerate());
        program.chat().regenerate();
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
    }

    void temporaryChat_leftWhileItsQuestionIsStored_asksNothingAndGoes() {
        Program program;
        program.chats().newTemporaryChat();
        Gate gate(*program.memory);
        QVERIFY(program.chat().send(QStringLiteral("secret")));
        program.chats().newChat();
        gate.open();
        QTRY_COMPARE(nChats(*program.memory), std::size_t{0});
        QTest::qWait(50);
        QVERIFY(program.engine->requests().empty());
    }

    void temporaryChat_isGoneWhenOneLeavesIt() {
        Program program(slowScript());
        std::vector<qint64> messages;
        for (int nth = 0; nth < 3; ++nth) {
            program.chats().newTemporaryChat();
            program.chat().send(QStringLiteral("secret"));
            QTRY_VERIFY(program.rows() == 2 && !program.row(1).text.isEmpty());
            messages.push_back(program.row(0).id);
            messages.push_back(program.row(1).id);
            QVERIFY(hasMessage(*program.memory, program.row(0).id));
        }
        program.chats().newChat();
        QTRY_COMPARE(nChats(*program.memory), std::size_t{0});
        for (const qint64 id : messages) QVERIFY(!hasMessage(*program.memory, id));
        QVERIFY(program.isIdle());
        QVERIFY(!program.facade->health()->isAiling());
    }

    // A failure inside the program, as a command that throws brings it, is a failure like others.
    void stages_alwaysLeadBackToIdle() {
        using Stage = AskFlow::Stage;
        using Event = AskFlow::Event;
        for (const Stage stage : {Stage::Storing, Stage::Withdrawn}) {
            QCOMPARE(AskFlow::next(stage, Event::NotStored), Stage::Idle);
            QVERIFY(AskFlow::next(stage, Event::Stored) != stage);
            QCOMPARE(AskFlow::next(stage, Event::Sent), stage);
        }
        QCOMPARE(AskFlow::next(Stage::Storing, Event::Stopped), Stage::Withdrawn);
        QCOMPARE(AskFlow::next(Stage::Withdrawn, Event::Stored), Stage::Idle);
        QCOMPARE(AskFlow::next(Stage::Answering, Event::Stopped), Stage::Answering);
        QCOMPARE(AskFlow::next(Stage::Answering, Event::Ended), Stage::Idle);
        QCOMPARE(AskFlow::next(Stage::Idle, Event::Ended), Stage::Idle);
    }

    // --- damage ---------------------------------------------------------------------------------

    void damagedMessage_isShownAsDamagedAndNeverSent_data() {
        QTest::addColumn<bool>("isRescued");
        QTest::newRow("on a damaged page") << false;
        QTest::newRow("a part from a rescue") << true;
    }
    void damagedMessage_isShownAsDamagedAndNeverSent() {
        QFETCH(bool, isRescued);
        QTemporaryDir folder;
        storage::StorageOptions options;
        options.path = folder.filePath(QStringLiteral("sotto.db")).toStdString();
        const qint64 chatId = isRescued ? makeRescuedChat(options) : makeDamagedChat(options);
        Program program({}, true, options);
        program.chats().open(chatId);
        QTRY_COMPARE(program.rows(), 3);
        QVERIFY(!program.role(0, MessageListModel::IsDamagedRole).toBool());
        QVERIFY(program.role(1, MessageListModel::IsDamagedRole).toBool());
        QCOMPARE(program.row(1).role, MessageListModel::Assistant);
        QCOMPARE(program.messages().asMarkdown().count(QStringLiteral("could be read")), 1);
        QVERIFY(program.chat().send(QStringLiteral("and now")));
        QTRY_VERIFY(program.isIdle() && program.rows() == 5);
        const auto requests = program.engine->requests();
        const auto& prompt = std::get<ChatPrompt>(requests[0].prompt);
        QCOMPARE(prompt.messages.size(), std::size_t{1});
        QCOMPARE(prompt.messages[0].content, std::string("before\n\nafter\n\nand now"));
    }

    void damagedMessage_canBeKeptOrTakenOut_data() {
        QTest::addColumn<bool>("isRescued");
        QTest::addColumn<bool>("isKept");
        QTest::newRow("kept") << false << true;
        QTest::newRow("taken out") << false << false;
        QTest::newRow("rescued, kept") << true << true;
        QTest::newRow("rescued, taken out") << true << false;
    }
    void damagedMessage_canBeKeptOrTakenOut() {
        QFETCH(bool, isRescued);
        QFETCH(bool, isKept);
        QTemporaryDir folder;
        storage::StorageOptions options;
        options.path = folder.filePath(QStringLiteral("sotto.db")).toStdString();
        const qint64 chatId = isRescued ? makeRescuedChat(options) : makeDamagedChat(options);
        Program program({}, true, options);
        program.chats().open(chatId);
        QTRY_COMPARE(program.rows(), 3);
        program.chat().keepReadable(0);  // is whole: nothing happens
        program.chat().takeOut(0);
        const QString readable = program.row(1).text;
        QVERIFY(readable.startsWith(QStringLiteral("start M")));
        QVERIFY(program.role(1, MessageListModel::ReadableBytesRole).toDouble() > 0);
        if (isKept) {
            program.chat().keepReadable(1);
            QTRY_VERIFY(!program.role(1, MessageListModel::IsDamagedRole).toBool());
            QCOMPARE(program.row(1).text, readable);
            QCOMPARE(program.rows(), 3);
            QVERIFY(program.chat().send(QStringLiteral("and now")));
            QTRY_VERIFY(program.isIdle() && program.rows() == 5);
            const auto requests = program.engine->requests();
            const auto& prompt = std::get<ChatPrompt>(requests[0].prompt);
            QCOMPARE(prompt.messages.size(), std::size_t{3});
            QCOMPARE(prompt.messages[1].content, readable.toStdString());
        } else {
            program.chat().takeOut(1);
            QTRY_COMPARE(program.rows(), 2);
            QCOMPARE(program.row(1).text, QStringLiteral("after"));
        }
    }
};

QTEST_MAIN(LostWordsTest)
#include "lost_words_test.moc"
