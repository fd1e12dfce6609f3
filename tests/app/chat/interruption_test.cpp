// What was being written when the program was killed says so at the next start.
#include <QtTest>

#include "tests/app/chat/disk_program.h"

using namespace sotto;
using namespace sotto::app;

class InterruptionTest : public QObject {
    Q_OBJECT

private slots:
    // A kill leaves the file as it is in the middle of an answer.
    void kill_inTheMiddleOfAnAnswer_isMarkedAtTheNextStart_data() {
        QTest::addColumn<bool>("hasWords");
        QTest::newRow("with words") << true;
        QTest::newRow("before the first word") << false;
    }
    void kill_inTheMiddleOfAnAnswer_isMarkedAtTheNextStart() {
        QFETCH(bool, hasWords);
        FakeScript script = slowScript();
        script.isDriven = !hasWords;
        QTemporaryDir next;
        qint64 chatId = 0;
        {
            DiskProgram disk(script);
            Program& program = disk;
            program.chat().send(QStringLiteral("go"));
            QTRY_COMPARE(program.rows(), 2);
            if (hasWords) QTRY_VERIFY(program.row(1).text.size() > 20);
            QTRY_COMPARE(program.stored().size(), std::size_t{2});
            if (hasWords) QTRY_VERIFY(!program.stored()[1].content.empty());
            chatId = program.chat().chatId();
            QVERIFY(disk.copyTo(next));
            program.chat().stop();
            QTRY_VERIFY(program.isIdle());
            QVERIFY(!program.role(1, MessageListModel::EndNoteRole)
                         .toString()
                         .startsWith(QStringLiteral("Interrupted")));
        }
        FailingVfs vfs("after-the-kill");
        Program program({}, true, DiskProgram::options(next, vfs));
        program.chats().open(chatId);
        QTRY_COMPARE(program.rows(), 2);
        QCOMPARE(program.row(1).state, MessageListModel::Stopped);
        QCOMPARE(program.row(1).text.isEmpty(), !hasWords);
        QCOMPARE(program.role(1, MessageListModel::EndNoteRole).toString(),
                 hasWords ? QStringLiteral("Interrupted: Sotto ended while this was written.")
                          : QStringLiteral("Interrupted before the first word."));
        QCOMPARE(program.role(1, MessageListModel::IsCutShortRole).toBool(), true);
        QCOMPARE(program.chat().canContinue(), hasWords);
        QVERIFY(program.chat().canRegenerate());
    }
};

QTEST_MAIN(InterruptionTest)
#include "interruption_test.moc"
