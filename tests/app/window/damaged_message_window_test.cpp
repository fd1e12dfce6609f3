// A damaged message in the real window: shown as damaged in both languages and themes, and taken
// out by its button. With SOTTO_PICTURES set to a folder it leaves pictures there, to be looked at.
#include <QDir>
#include <QDirIterator>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/support/damaged_chat.h"
#include "tests/app/window/test_window.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;

namespace {

Result<std::unique_ptr<Engine>> fakeEngine(const EngineOptions&, EventSink sink) {
    return std::make_unique<FakeEngine>(std::move(sink));
}

// The database that the program makes at its first start.
storage::StorageOptions databaseOf(const QString& home) {
    { const TestProgram program(home, fakeEngine); }
    QDirIterator files(home, {QStringLiteral("sotto.db")}, QDir::Files,
                       QDirIterator::Subdirectories);
    storage::StorageOptions options;
    if (files.hasNext()) options.path = files.next().toStdString();
    return options;
}

// A delegate is a child of the list for the eye only.
QQuickItem* findShown(QQuickItem* item, const QString& name) {
    if (item->objectName() == name && item->isVisible()) return item;
    for (QQuickItem* child : item->childItems())
        if (QQuickItem* found = findShown(child, name)) return found;
    return nullptr;
}

void keepPicture(QQuickWindow& window, const QString& name) {
    if (!qEnvironmentVariableIsSet("SOTTO_PICTURES")) return;
    const QDir folder(qEnvironmentVariable("SOTTO_PICTURES"));
    for (const QSize size : {QSize(1440, 900), QSize(960, 600)}) {
        window.resize(size);
        QTest::qWait(300);  // the fade, for the eye only
        QVERIFY(window.grabWindow().save(
            folder.filePath(QStringLiteral("message-%1-%2.png").arg(name).arg(size.width()))));
    }
}

}  // namespace

class DamagedMessageWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void card_isShownAndTheMessageTakenOut_data() {
        QTest::addColumn<QString>("language");
        QTest::addColumn<bool>("isDark");
        QTest::newRow("dark-en") << "en" << true;
        QTest::newRow("light-en") << "en" << false;
        QTest::newRow("dark-zh") << "zh_CN" << true;
        QTest::newRow("light-zh") << "zh_CN" << false;
    }

    void card_isShownAndTheMessageTakenOut() {
        QFETCH(QString, language);
        QFETCH(bool, isDark);
        QTemporaryDir home;
        const qint64 chatId = makeDamagedChat(databaseOf(home.path()),
                                              "Marta, when we were eight you swam to the island "
                                              "and came back with a heron's feather " +
                                                  std::string(12000, 'M'));
        TestProgram program(home.path(), fakeEngine);
        program.facade().settings()->setLanguage(language);
        program.facade().settings()->setTheme(isDark ? SettingsController::Dark
                                                     : SettingsController::Light);
        program.facade().chats()->open(chatId);
        QTRY_COMPARE(program.facade().chat()->messages()->rowCount(), 3);
        const auto takeOut = [&program] {
            return findShown(program.window().contentItem(), QStringLiteral("takeOut"));
        };
        QTRY_VERIFY(takeOut() != nullptr);
        keepPicture(program.window(), QString::fromLatin1(QTest::currentDataTag()));
        QMetaObject::invokeMethod(takeOut(), "clicked");
        QTRY_COMPARE(program.facade().chat()->messages()->rowCount(), 2);
        program.facade().settings()->setLanguage(QStringLiteral("en"));
    }

    // An answer is asked for again; what comes stands in its place, as a version of its own.
    void writeItAgain_takesThePlaceOfTheDamagedMessage_data() {
        QTest::addColumn<bool>("isRescued");
        QTest::newRow("on a damaged page") << false;
        QTest::newRow("a part from a rescue") << true;
    }
    void writeItAgain_takesThePlaceOfTheDamagedMessage() {
        QFETCH(bool, isRescued);
        QTemporaryDir home;
        const std::string answer = "The heron's feather " + std::string(12000, 'M');
        const auto options = databaseOf(home.path());
        const qint64 chatId =
            isRescued ? makeRescuedChat(options, answer) : makeDamagedChat(options, answer);
        TestProgram program(home.path(), fakeEngine);
        const MessageListModel& messages = *program.facade().chat()->messages();
        program.facade().models()->load(QStringLiteral("/fake.gguf"));
        QTRY_COMPARE(program.facade().models()->state(), ModelController::Loaded);
        program.facade().chats()->open(chatId);
        QTRY_COMPARE(messages.rowCount(), 3);
        const auto shown = [&program](const char* name) {
            return findShown(program.window().contentItem(), QString::fromLatin1(name));
        };
        QTRY_VERIFY(shown("writeAgain") != nullptr);
        QTRY_VERIFY(shown("writeAgain")->isEnabled());
        QMetaObject::invokeMethod(shown("writeAgain"), "clicked");
        QTRY_VERIFY(messages.rowCount() == 2 && !program.facade().chat()->isBusy());
        QTRY_COMPARE(messages.at(1).text, QStringLiteral("This is answer 1."));
        QTRY_COMPARE(messages.at(1).versionCount, 2);
        QVERIFY(!messages.at(1).isDamaged);
        QTRY_VERIFY(shown("damagedMessage") == nullptr);
        // And is there when the chat is opened again.
        program.facade().chats()->newChat();
        QTRY_COMPARE(messages.rowCount(), 0);
        program.facade().chats()->open(chatId);
        QTRY_COMPARE(messages.rowCount(), 2);
        QCOMPARE(messages.at(1).text, QStringLiteral("This is answer 1."));
    }

    // What a rescue found of it: the same card, with how much there was, until a person decides.
    void rescuedPart_isShownAsDamagedUntilItIsKept() {
        QTemporaryDir home;
        const std::string answer = "The heron's feather " + std::string(12000, 'M');
        const qint64 chatId = makeRescuedChat(databaseOf(home.path()), answer);
        TestProgram program(home.path(), fakeEngine);
        program.facade().chats()->open(chatId);
        QTRY_COMPARE(program.facade().chat()->messages()->rowCount(), 3);
        const auto shown = [&program](const char* name) {
            return findShown(program.window().contentItem(), QString::fromLatin1(name));
        };
        QTRY_VERIFY(shown("damagedMessage") != nullptr);
        const QString sentence = shown("damagedMessage")->property("sentence").toString();
        QVERIFY2(sentence.contains(QStringLiteral(" of 12,020 bytes can be read.")),
                 qPrintable(sentence));
        keepPicture(program.window(), QStringLiteral("rescued"));
        QMetaObject::invokeMethod(shown("keepReadable"), "clicked");
        QTRY_VERIFY(shown("damagedMessage") == nullptr);
        QCOMPARE(program.facade().chat()->messages()->rowCount(), 3);
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    DamagedMessageWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "damaged_message_window_test.moc"
