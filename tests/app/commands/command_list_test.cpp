// What the command search finds, and how keys are drawn.
#include "app/commands/command_list.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include "app/system/translation.h"

using namespace sotto::app;

namespace {

QStringList texts(const CommandList& list) {
    QStringList texts;
    for (int row = 0; row < list.rowCount(); ++row)
        texts << list.data(list.index(row), CommandList::TextRole).toString();
    return texts;
}

QVariantList listed(const QList<AppCommand*>& commands) {
    QVariantList list;
    for (AppCommand* command : commands) list << QVariant::fromValue(command);
    return list;
}

// "Ctrl" "+": the caps, with what stands between two ways in brackets.
QStringList drawn(const QString& keys) {
    QStringList caps;
    for (const QVariant& cap : keyCaps(keys)) {
        const QString text = cap.toMap()[QStringLiteral("text")].toString();
        caps << (cap.toMap()[QStringLiteral("isKey")].toBool() ? text : "[" + text + "]");
    }
    return caps;
}

}  // namespace

class CommandListTest : public QObject {
    Q_OBJECT

    AppCommand m_newChat, m_find, m_larger;
    CommandList m_list;

private slots:
    void init() {
        m_newChat.setProperty("text", QStringLiteral("New chat"));
        m_newChat.setProperty("group", AppCommand::Chats);
        m_find.setProperty("text", QStringLiteral("Find in this chat"));
        m_find.setProperty("group", AppCommand::Conversation);
        m_larger.setProperty("text", QStringLiteral("Larger text"));
        m_larger.setProperty("keys", QStringLiteral("Ctrl++"));
        for (AppCommand* command : {&m_newChat, &m_find, &m_larger})
            for (const char* flag : {"enabled", "isThere", "isListed"})
                command->setProperty(flag, true);
        m_list.setLocalCommands({});
        m_list.setCommands(listed({&m_newChat, &m_find, &m_larger}));
        m_list.setQuery({});
        m_list.setSearched(true);
    }

    void search_finds_whatCanBeDoneAndHasEveryWord() {
        QAbstractItemModelTester tester(&m_list,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(texts(m_list), (QStringList{"New chat", "Find in this chat", "Larger text"}));
        m_list.setQuery(QStringLiteral(" CHAT "));
        QCOMPARE(texts(m_list), (QStringList{"New chat", "Find in this chat"}));
        m_list.setQuery(QStringLiteral("chat find"));
        QCOMPARE(texts(m_list), QStringList{"Find in this chat"});
        m_list.setQuery(QStringLiteral("chat"));
        m_find.setEnabled(false);  // while the search is open
        QCOMPARE(texts(m_list), QStringList{"New chat"});
        m_newChat.setProperty("isListed", false);
        QCOMPARE(m_list.count(), 0);
        m_newChat.setProperty("isListed", true);
        m_newChat.setProperty("isThere", false);
        QCOMPARE(m_list.count(), 0);
        m_newChat.setProperty("isThere", true);
        m_list.setSearched(false);
        QCOMPARE(m_list.count(), 0);
    }

    void trigger_runsTheCommandOfTheRow() {
        QSignalSpy found(&m_find, &AppCommand::triggered);
        m_list.setQuery(QStringLiteral("find"));
        m_list.trigger(1);  // there is no such row
        QCOMPARE(found.size(), 0);
        m_list.trigger(0);
        QCOMPARE(found.size(), 1);
    }

    void command_thatGoes_goesFromTheList() {
        auto further = std::make_unique<AppCommand>();
        further->setProperty("text", QStringLiteral("Further chat"));
        m_list.setCommands(listed({&m_newChat, further.get()}));
        QCOMPARE(m_list.count(), 2);
        further.reset();
        QCOMPARE(texts(m_list), QStringList{"New chat"});
    }

    void keys_areDrawnOneCapEach_data() {
        QTest::addColumn<QStringList>("caps");
        QTest::newRow("Ctrl+N") << QStringList{"Ctrl", "N"};
        QTest::newRow("Ctrl+Shift+J") << QStringList{"Ctrl", "Shift", "J"};
        QTest::newRow("Ctrl++") << QStringList{"Ctrl", "+"};
        QTest::newRow("Ctrl+-") << QStringList{"Ctrl", "-"};
        QTest::newRow("+") << QStringList{"+"};
        QTest::newRow("Alt+Left") << QStringList{"Alt", QStringLiteral("←")};
        QTest::newRow("Alt+Return") << QStringList{"Alt", "Enter"};
        QTest::newRow("Alt+↑ / Alt+↓")
            << QStringList{"Alt", QStringLiteral("↑"), "[/]", "Alt", QStringLiteral("↓")};
        QTest::newRow("") << QStringList{};
    }

    void keys_areDrawnOneCapEach() {
        QFETCH(QStringList, caps);
        QCOMPARE(drawn(QString::fromUtf8(QTest::currentDataTag())), caps);
    }

    void keys_ofPlus_haveBothSpellings() {
        QCOMPARE(m_larger.sequences(), (QVariantList{"Ctrl++", "Ctrl+="}));
        QCOMPARE(m_find.sequences(), QVariantList());
    }

    void groups_holdEveryCommandOnce_inTheLanguageOfTheWindow() {
        AppCommand rename;
        rename.setProperty("text", QStringLiteral("Rename"));
        rename.setProperty("group", AppCommand::Chats);
        m_list.setLocalCommands(listed({&rename}));
        m_find.setProperty("isThere", false);
        const auto rows = [this](int group) {
            QStringList texts;
            const QVariantMap map = m_list.groups()[group].toMap();
            for (const QVariant& row : map[QStringLiteral("rows")].toList())
                texts << row.toMap()[QStringLiteral("text")].toString();
            return QStringList{map[QStringLiteral("title")].toString()} + texts;
        };
        QCOMPARE(rows(0), (QStringList{"Chats", "New chat", "Rename"}));
        QCOMPARE(rows(1), QStringList{"This chat"});
        QCOMPARE(rows(2), (QStringList{"View", "Larger text"}));
        Translation translation;
        translation.setSetting(QStringLiteral("zh_CN"));
        QCOMPARE(rows(2).front(), QStringLiteral("视图"));
        translation.setSetting(QStringLiteral("en"));
    }
};

QTEST_GUILESS_MAIN(CommandListTest)
#include "command_list_test.moc"
