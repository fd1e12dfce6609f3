// The real window on a scripted engine: everything a person does with the keyboard, and no QML
// warning on the way.
#include <QAccessible>
#include <QClipboard>
#include <QGuiApplication>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

#include "app/formula/katex_engine.h"
#include "tests/app/window/test_window.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;

namespace {

decltype(AppCoreOptions::makeEngine) fakeEngine(FakeScript script = {}) {
    return [script](const EngineOptions&, EventSink sink) -> Result<std::unique_ptr<Engine>> {
        return std::make_unique<FakeEngine>(std::move(sink), script);
    };
}

FakeScript markdownScript() {
    FakeScript script;
    script.answer = [](const GenerationRequest&, int) {
        return std::vector<FakeToken>{
            {"let me think", TextKind::Thinking},
            {"# Title\n\nA **bold** [link](https://example.org).\n\n", {}},
            {"- one\n- two\n\n```python\nprint(1)\n```\n\n", {}},
            {"| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\n$$x^2$$\n", {}}};
    };
    return script;
}

// Whether a visible item says this: a label or button by its text, a text field by its characters,
// a formula as a screen reader speaks it.
bool says(const QQuickItem& item, const QString& text) {
    if (!item.isVisible()) return false;
    if (item.property("text").toString() == text) return true;
    if (item.property("spokenText").toString() == text) return true;
    QString plain;
    if (item.inherits("QQuickTextEdit") &&
        QMetaObject::invokeMethod(const_cast<QQuickItem*>(&item), "getText",
                                  Q_RETURN_ARG(QString, plain), Q_ARG(int, 0),
                                  Q_ARG(int, item.property("length").toInt())) &&
        plain == text)
        return true;
    const QList<QQuickItem*> children = item.childItems();
    return std::any_of(children.begin(), children.end(),
                       [&text](const QQuickItem* child) { return says(*child, text); });
}

bool says(TestProgram& program, const char* text) {
    return says(*program.window().contentItem(), QString::fromUtf8(text));
}

}  // namespace

class AppOfflineTest : public QObject {
    Q_OBJECT

private slots:
    // But for the script engine's word on how KaTeX orders its variables, which the program drops
    // too.
    void init() {
        QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!qrc:/formula/katex\\.js).")));
    }

    void typedMessage_isSentByEnterAndAnswered() {
        Home home;
        TestProgram program(home.path(), fakeEngine());
        QVERIFY(program.waitForModel());
        program.type(QStringLiteral("Hello"));
        QTRY_COMPARE(program.facade().chat()->draft(), QStringLiteral("Hello"));
        program.press(Qt::Key_Return);
        QTRY_COMPARE(program.facade().chat()->messages()->rowCount(), 2);
        QTRY_VERIFY(!program.facade().chat()->isBusy());
        QCOMPARE(program.facade().chat()->draft(), QString());
        QCOMPARE(text(program, 1), QStringLiteral("This is answer 1."));
    }

    void shiftEnter_makesANewLine() {
        Home home;
        TestProgram program(home.path(), fakeEngine());
        QVERIFY(program.waitForModel());
        program.type(QStringLiteral("a"));
        program.press(Qt::Key_Return, Qt::ShiftModifier);
        program.type(QStringLiteral("b"));
        QTRY_COMPARE(program.facade().chat()->draft(), QStringLiteral("a\nb"));
        QCOMPARE(program.facade().chat()->messages()->rowCount(), 0);
    }

    void escape_stopsTheAnswer() {
        FakeScript script;
        script.tokenDelay = std::chrono::milliseconds(5);
        script.answer = [](const GenerationRequest&, int) {
            return std::vector<FakeToken>(5000, FakeToken{"w ", {}});
        };
        Home home;
        TestProgram program(home.path(), fakeEngine(script));
        QVERIFY(program.waitForModel());
        program.facade().chat()->send(QStringLiteral("go"));
        QTRY_COMPARE(program.facade().chat()->state(), ChatController::Writing);
        program.press(Qt::Key_Escape);
        QTRY_VERIFY(!program.facade().chat()->isBusy());
        QVERIFY(text(program, 1).size() < 5000);
    }

    void keys_ofTheTable_doWhatItSays() {
        Home home;
        TestProgram program(home.path(), fakeEngine());
        QVERIFY(program.waitForModel());
        ChatController& chat = *program.facade().chat();
        chat.send(QStringLiteral("one"));
        QTRY_VERIFY(!chat.isBusy() && chat.messages()->rowCount() == 2);
        program.press(Qt::Key_R, Qt::ControlModifier);
        QTRY_COMPARE(text(program, 1), QStringLiteral("This is answer 2."));
        QTRY_VERIFY(!chat.isBusy());
        program.press(Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("This is answer 2."));
        const bool wasListOpen = program.facade().settings()->isListOpen();
        program.press(Qt::Key_B, Qt::ControlModifier);
        QTRY_COMPARE(program.facade().settings()->isListOpen(), !wasListOpen);
        program.press(Qt::Key_N, Qt::ControlModifier);
        QTRY_COMPARE(chat.messages()->rowCount(), 0);
        program.press(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(chat.isTemporary());
    }

    void everyKindOfBlock_isDrawn() {
        Home home;
        TestProgram program(home.path(), fakeEngine(markdownScript()));
        QVERIFY(program.waitForModel());
        program.facade().chat()->send(QStringLiteral("show all"));
        QTRY_VERIFY(program.facade().chat()->messages()->rowCount() == 2 &&
                    !program.facade().chat()->isBusy());
        for (const char* text : {"Title", "A bold link.", "one", "two", "print(1)", "a", "2",
                                 "quoted", KatexEngine::isBuiltIn() ? "x, squared" : "x^2"})
            QTRY_VERIFY2(says(program, text), text);
        QVERIFY(!program.window().grabWindow().isNull());
    }

    void pagesLanguagesThemes_changeWithoutAWarning() {
        Home home;
        TestProgram program(home.path(), fakeEngine(markdownScript()));
        QVERIFY(program.waitForModel());
        program.facade().chat()->send(QStringLiteral("show all"));
        QTRY_VERIFY(program.facade().chat()->messages()->rowCount() == 2 &&
                    !program.facade().chat()->isBusy());
        SettingsController& settings = *program.facade().settings();
        for (const QString& language : {QStringLiteral("zh_CN"), QStringLiteral("en")}) {
            settings.setLanguage(language);
            for (const auto theme : {SettingsController::Light, SettingsController::Dark}) {
                settings.setTheme(theme);
                for (const QSize size : {QSize(960, 600), QSize(1200, 700), QSize(1440, 900)}) {
                    program.window().resize(size);
                    // Drawn anew: the corner is the rail's, dark or light.
                    const QImage picture = program.window().grabWindow();
                    QCOMPARE(picture.size(), size);
                    QCOMPARE(picture.pixelColor(2, 2).lightness() < 128,
                             theme == SettingsController::Dark);
                }
            }
        }
        program.press(Qt::Key_Comma, Qt::ControlModifier);
        QTRY_VERIFY(says(program, "All sampling settings"));
        program.press(Qt::Key_1, Qt::ControlModifier);
        QTRY_VERIFY(!says(program, "All sampling settings"));
        program.press(Qt::Key_F1);
        QTRY_VERIFY(says(program, "Keyboard shortcuts"));
        program.press(Qt::Key_Escape);
        QTRY_VERIFY(!says(program, "Keyboard shortcuts"));
        program.press(Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY(program.find(QStringLiteral("searchField"))->isVisible());
        program.press(Qt::Key_Escape);
        QTRY_VERIFY(!program.find(QStringLiteral("searchField"))->isVisible());
        program.press(Qt::Key_L, Qt::ControlModifier);
        QTRY_VERIFY(says(program, "Add a file…"));
        program.press(Qt::Key_Escape);
        QTRY_VERIFY(!says(program, "Add a file…"));
    }

    void finishedParagraph_isTheNameOfAnAlert() {
        Home home;
        TestProgram program(home.path(), fakeEngine());
        QVERIFY(program.waitForModel());
        program.facade().chat()->send(QStringLiteral("go"));
        QTRY_VERIFY(program.facade().chat()->messages()->rowCount() == 2 &&
                    !program.facade().chat()->isBusy());
        QQuickItem* announcer = program.find(QStringLiteral("announcer"));
        QVERIFY(announcer != nullptr);
        QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(announcer);
        QVERIFY(spoken != nullptr);
        QCOMPARE(spoken->role(), QAccessible::AlertMessage);
        QCOMPARE(spoken->text(QAccessible::Name), QStringLiteral("This is answer 1."));
    }

    void failedModel_saysWhyInTheWindow() {
        FakeScript script;
        script.loadError = Error{ErrorCode::FileDamaged, "The file is cut off; download it again.",
                                 "/x.gguf", 0, 0};
        Home home;
        TestProgram program(home.path(), fakeEngine(script));
        program.facade().models()->load(QStringLiteral("/x.gguf"));
        QVERIFY(!program.waitForModel());
        QCOMPARE(program.facade().models()->errorText(),
                 QStringLiteral("The file is cut off; download it again."));
        QVERIFY(!program.facade().chat()->canSend());
    }

private:
    // Each test has a home of its own with a demo model's name in it, so that a model is loaded at
    // start.
    using Home = QTemporaryDir;

    static QString text(TestProgram& program, int row) {
        return program.facade().chat()->messages()->at(row).text;
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    AppOfflineTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "app_offline_test.moc"
