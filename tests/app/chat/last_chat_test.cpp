// The chat on screen when the program ended is on screen again, where a person wants that.
#include <QtTest>

#include "tests/app/chat/chat_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

struct Starts {
    void again() {
        program.facade.reset();
        program.facade = std::make_unique<AppFacade>(AppFacade::Services{
            program.bridge, *program.disk, *program.memory, program.jobs, {}, {}, nullptr, {}});
    }
    void talk(const char* question) {
        QTRY_VERIFY(program.chat().canSend());
        program.chat().send(QString::fromLatin1(question));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
    }
    // Long enough for the list and a chat to be read.
    void settle() {
        for (int round = 0; round < 4; ++round) {
            static_cast<void>(program.disk->call([](storage::Database&) -> Status { return {}; }));
            QCoreApplication::processEvents();
        }
    }

    Program program;
};

}  // namespace

class LastChatTest : public QObject {
    Q_OBJECT

private slots:
    void lastChat_isOpenAgain() {
        Starts starts;
        starts.talk("one");
        const qint64 first = starts.program.chat().chatId();
        starts.program.chats().newChat();
        starts.talk("two");
        starts.program.chats().open(first);
        QTRY_COMPARE(starts.program.rows(), 2);
        starts.again();
        QTRY_COMPARE(starts.program.rows(), 2);
        QCOMPARE(starts.program.chat().chatId(), first);
        QCOMPARE(starts.program.row(0).text, QStringLiteral("one"));
    }

    void newChat_staysNew() {
        Starts starts;
        starts.talk("one");
        starts.program.chats().newChat();
        starts.again();
        starts.settle();
        QCOMPARE(starts.program.chat().chatId(), 0);
    }

    void switchedOff_beginsWithANewChat() {
        Starts starts;
        starts.program.facade->settings()->setOpensLastChat(false);
        starts.talk("one");
        starts.again();
        starts.settle();
        QCOMPARE(starts.program.chat().chatId(), 0);
        QVERIFY(!starts.program.facade->settings()->opensLastChat());
    }

    void temporaryChat_isNotRemembered() {
        Starts starts;
        starts.talk("one");
        const qint64 first = starts.program.chat().chatId();
        starts.program.chats().newTemporaryChat();
        starts.talk("secret");
        QCOMPARE(starts.program.facade->settings()->lastChat(), first);
    }

    void chatInTheBin_isNotOpened() {
        Starts starts;
        starts.talk("one");
        const qint64 first = starts.program.chat().chatId();
        static_cast<void>(starts.program.disk->call(
            [first](storage::Database& database) { return database.chats().moveToBin(first); }));
        starts.again();
        starts.settle();
        QCOMPARE(starts.program.chat().chatId(), 0);
    }

    void chatThatAPersonOpenedMeanwhile_stays() {
        Starts starts;
        starts.talk("one");
        starts.again();
        starts.program.chats().newTemporaryChat();
        starts.settle();
        QVERIFY(starts.program.chat().isTemporary());
    }
};

QTEST_MAIN(LastChatTest)
#include "last_chat_test.moc"
