// Closing over words that are not on the disk: asked for first, and at once.
#include "app/chat/close_guard.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QtTest>

#include "storage/sqlite/connection.h"
#include "tests/app/chat/disk_program.h"

using namespace sotto;
using namespace sotto::app;

class CloseGuardTest : public QObject {
    Q_OBJECT

private slots:
    void close_withAnOpenEditor_asksAndHasItsText() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        QTRY_VERIFY(program.chats().knows(program.chat().chatId()));
        CloseGuard& guard = *program.facade->closeGuard();
        program.messages().beginEdit(0);
        QCOMPARE(program.chat().unstored().edits(), QStringList());  // as it was
        program.messages().setEditText(0, QStringLiteral("half a thou"));
        program.chats().newChat();
        QTRY_COMPARE(program.rows(), 0);
        QVERIFY(!guard.request());
        QTRY_COMPARE(guard.state(), CloseGuard::Asking);
        QCOMPARE(guard.unsavedBytes(), 11.0);
        QVERIFY(!guard.canTryAgain());
        QVERIFY(guard.reason().startsWith(QStringLiteral("A message is still being edited")));
        guard.copyText();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("half a thou"));
        guard.stay();
        QCOMPARE(guard.state(), CloseGuard::Open);
    }

    // Nobody could get at its text any more: it must not stand in the way of closing.
    void close_withAnEditorOfAChatThatIsGone_asksNothing_data() {
        QTest::addColumn<bool>("isTemporary");
        QTest::newRow("deleted for good") << false;
        QTest::newRow("temporary") << true;
    }
    void close_withAnEditorOfAChatThatIsGone_asksNothing() {
        QFETCH(bool, isTemporary);
        Program program;
        if (isTemporary) program.chats().newTemporaryChat();
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        const qint64 chatId = program.chat().chatId();
        program.messages().beginEdit(0);
        program.messages().setEditText(0, QStringLiteral("half a thou"));
        if (!isTemporary) {
            QCOMPARE(program.chat().unstored().edits().size(), 1);
            program.chats().remove(chatId);
            QTRY_VERIFY(program.chats().isInBin(chatId));
            QCOMPARE(program.chat().unstored().edits().size(), 1);
            program.facade->bin()->removeForGood(chatId);
            QTRY_VERIFY(!program.chats().knows(chatId));
        }
        QCOMPARE(program.chat().unstored().edits(), QStringList());
        program.chats().newChat();
        QCOMPARE(program.chat().unstored().edits(), QStringList());
    }

    void close_copiesTheAnswersOfOtherChats() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        disk.fill();
        program.chat().regenerate();
        QTRY_VERIFY(program.isIdle() && program.row(1).text == QStringLiteral("This is answer 2."));
        QTRY_VERIFY(program.disk->unsavedBytes() > 0);
        program.chats().newChat();
        QTRY_COMPARE(program.rows(), 0);
        CloseGuard& guard = *program.facade->closeGuard();
        QVERIFY(!guard.request());
        QTRY_COMPARE(guard.state(), CloseGuard::Asking);
        QVERIFY(guard.canTryAgain());
        guard.copyText();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("This is answer 2."));
        guard.stay();
        disk.heal();
        QTRY_VERIFY(!program.facade->health()->isAiling());
    }

    // Whether anybody knew of the lock before or not: the question does not wait for its end.
    void close_whileAnotherProgramHoldsTheChats_asksAtOnce_data() {
        QTest::addColumn<bool>("isWritten");
        QTest::newRow("waited for in vain") << false;
        QTest::newRow("released") << true;
    }
    void close_whileAnotherProgramHoldsTheChats_asksAtOnce() {
        QFETCH(bool, isWritten);
        QTemporaryDir folder;
        storage::StorageOptions options;
        options.path = folder.filePath(QStringLiteral("sotto.db")).toStdString();
        options.busyTimeoutMs = isWritten ? 600'000 : 8000;  // longer than this test looks
        Program program({}, true, options);
        QTRY_VERIFY(program.chat().canSend());
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        QTRY_VERIFY(program.disk->unsavedBytes() == 0);
        auto other = storage::Connection::open({.path = options.path});
        QVERIFY(other && other->execute("BEGIN IMMEDIATE"));
        program.chat().setDraft(QStringLiteral("Words"));
        CloseGuard& guard = *program.facade->closeGuard();
        QSignalSpy mayClose(&guard, &CloseGuard::mayClose);
        QVERIFY(!guard.request());
        QCOMPARE(guard.state(), CloseGuard::Trying);
        QTRY_COMPARE(guard.state(), CloseGuard::Waiting);
        QTRY_VERIFY(guard.reason().startsWith(QStringLiteral("Another program holds the chats")));
        QCOMPARE(guard.unsavedBytes(), 5.0);
        // Who stays and comes back finds the same question; what was tried before says nothing.
        guard.stay();
        QCOMPARE(guard.state(), CloseGuard::Open);
        QVERIFY(!guard.request());
        QTRY_COMPARE(guard.state(), CloseGuard::Waiting);
        QCOMPARE(mayClose.count(), 0);
        if (!isWritten) {
            guard.closeAnyway();
            QCOMPARE(mayClose.count(), 1);
            QVERIFY(other->execute("ROLLBACK"));
            return;
        }
        QVERIFY(other->execute("ROLLBACK"));
        QTRY_COMPARE(mayClose.count(), 1);
        QCOMPARE(guard.state(), CloseGuard::Closing);
        const qint64 chatId = program.chat().chatId();
        const auto draft = program.disk->call(
            [chatId](storage::Database& database) { return database.chats().draft(chatId); });
        QCOMPARE(*draft, std::string("Words"));
    }

    // The question is on its way to the disk only: neither typed any more nor refused yet.
    void close_overAQuestionThatWaitsForALock_asksAndHasItsText_data() {
        QTest::addColumn<bool>("isNewChat");
        QTest::newRow("of a chat") << false;
        QTest::newRow("that begins one") << true;
    }
    void close_overAQuestionThatWaitsForALock_asksAndHasItsText() {
        QFETCH(bool, isNewChat);
        QTemporaryDir folder;
        storage::StorageOptions options;
        options.path = folder.filePath(QStringLiteral("sotto.db")).toStdString();
        options.busyTimeoutMs = 700;
        Program program({}, true, options);
        QTRY_VERIFY(program.chat().canSend());
        if (!isNewChat) {
            program.chat().send(QStringLiteral("go"));
            QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        }
        QTRY_VERIFY(program.disk->unsavedBytes() == 0);
        auto other = storage::Connection::open({.path = options.path});
        QVERIFY(other && other->execute("BEGIN IMMEDIATE"));
        CloseGuard& guard = *program.facade->closeGuard();
        QSignalSpy mayClose(&guard, &CloseGuard::mayClose);
        QVERIFY(program.chat().send(QStringLiteral("Precious words")));
        QVERIFY(!guard.request());
        QTRY_COMPARE(guard.state(), CloseGuard::Waiting);
        guard.copyText();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("Precious words"));
        QCOMPARE(guard.unsavedBytes(), 14.0);
        QTRY_COMPARE(guard.state(), CloseGuard::Asking);
        QCOMPARE(mayClose.count(), 0);
        QCOMPARE(guard.unsavedBytes(), 14.0);
        guard.copyText();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("Precious words"));
        QVERIFY(other->execute("ROLLBACK"));
    }

    // The disk takes what else is written, so the attempt goes well; these words it does not take.
    void close_overAHeldWriteThatFailsByItself_asks() {
        Program program;
        StorageBridge bridge(*program.disk);
        CloseGuard guard({*program.disk, bridge, *program.facade->health(), program.chat(),
                          *program.facade->jobs(), *program.facade->settings(), QString()});
        QSignalSpy failed(&bridge, &StorageBridge::failed);
        bridge.keep(QStringLiteral("draft"), QStringLiteral("Words"), [](storage::Database&) {
            return Status(fail(ErrorCode::DatabaseDamaged, "It failed."));
        });
        QTRY_COMPARE(failed.count(), 1);
        QVERIFY(!guard.request());
        QTRY_COMPARE(guard.state(), CloseGuard::Asking);
        QCOMPARE(guard.unsavedBytes(), 5.0);
        guard.copyText();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("Words"));
    }
};

QTEST_MAIN(CloseGuardTest)
#include "close_guard_test.moc"
