// What could not be saved is said once, in the language of the window.
#include <QSignalSpy>
#include <QtTest>

#include "app/system/translation.h"
#include "tests/app/chat/disk_program.h"

using namespace sotto;
using namespace sotto::app;

class ChatProblemTest : public QObject {
    Q_OBJECT

private slots:
    // The banner says that the disk is full; the page says where the words are, and only that.
    void problem_ofALastingCause_saysWhereTheWordsAre() {
        DiskProgram disk;
        Program& program = disk;
        disk.talk();
        disk.fill();
        program.chat().send(QStringLiteral("more"));
        QTRY_VERIFY(!program.chat().problem().isEmpty());
        QCOMPARE(program.chat().problem(),
                 QStringLiteral("Your message could not be saved. It is back where you wrote it."));
        QTRY_COMPARE(program.facade->health()->cause(), QStringLiteral("diskFull"));
        program.chat().dismissProblem();
        QVERIFY(program.chat().problem().isEmpty());
        disk.heal();
    }

    void problem_followsTheLanguage() {
        Program program;
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        // The row is gone behind the window's back, so that the edit is refused once and for all.
        const qint64 chatId = program.chat().chatId();
        static_cast<void>(program.disk->call(
            [chatId](storage::Database& database) { return database.chats().remove(chatId); }));
        program.chat().send(QStringLiteral("more"));
        QTRY_VERIFY(!program.chat().problem().isEmpty());
        const QString english = program.chat().problem();
        QSignalSpy changed(&program.chat(), &ChatController::problemChanged);
        Translation translation;
        translation.setSetting(QStringLiteral("zh_CN"));
        QTRY_VERIFY(changed.count() > 0);
        const QString chinese = program.chat().problem();
        translation.setSetting(QStringLiteral("en"));
        QVERIFY(chinese != english);
        QVERIFY2(chinese.contains(QStringLiteral("你的消息")) ||
                     chinese.contains(QStringLiteral("您的消息")),
                 qPrintable(chinese));
    }
};

QTEST_MAIN(ChatProblemTest)
#include "chat_problem_test.moc"
