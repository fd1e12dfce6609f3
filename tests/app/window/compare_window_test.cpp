// Two types of one model answer one question in the real window, by keys alone and with the real
// engine: the first difference is seen, the run is kept and opened again, and the chat's model
// comes back.
#include <QDir>
#include <QGuiApplication>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/window/test_window.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr int kRunMs = 120'000;

void writeModels(const QString& home) {
    QVERIFY(QDir(home).mkpath(QStringLiteral("models")));
    test::TinyModel model;
    model.nEmbd = model.nFf = 256;
    model.headDim = 64;
    model.nContext = 4096;
    for (const auto& [type, name] :
         {std::pair{DType::F16, "models/tiny-f16.gguf"}, {DType::Q4_0, "models/tiny-q4.gguf"}})
        QVERIFY(
            test::writeTinyModel(test::withTypes(model, type),
                                 (home + QLatin1Char('/') + QLatin1String(name)).toStdString()));
}

}  // namespace

class CompareWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void twoTypes_areComparedKeptAndOpenedAgain() {
        QTemporaryDir home;
        writeModels(home.path());
        TestProgram program(home.path());
        program.facade().settings()->setDevice(QStringLiteral("cpu"));
        QVERIFY(program.waitForModel());
        CompareController& compare = *program.facade().compare();
        QTRY_COMPARE_WITH_TIMEOUT(compare.choices().size(), 3, kRunMs);

        program.press(Qt::Key_3, Qt::ControlModifier);
        QTRY_VERIFY(program.find(QStringLiteral("comparePrompt")) != nullptr);
        QTRY_VERIFY(program.find(QStringLiteral("comparePrompt"))->hasActiveFocus());
        const QString folder = home.path() + QStringLiteral("/models/");
        compare.setModel(0, folder + QStringLiteral("tiny-f16.gguf"));
        compare.setModel(1, folder + QStringLiteral("tiny-q4.gguf"));
        compare.setMaxTokens(24);
        program.type(QStringLiteral("Hello"));
        QCOMPARE(compare.prompt(), QStringLiteral("Hello"));
        program.press(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(compare.state(), CompareController::Ended, kRunMs);
        const QString foot = footOf(compare);
        QVERIFY2(foot.startsWith(QStringLiteral("from token")), qPrintable(foot));

        // Where the smaller type would have gone another way, by the button below its answer.
        QQuickItem* ask = nullptr;
        QTRY_VERIFY((ask = shownButton(program, QStringLiteral("askForced"))) != nullptr);
        QTRY_VERIFY(ask->isEnabled());
        ask->forceActiveFocus(Qt::TabFocusReason);
        program.press(Qt::Key_Return);
        // It may have ended before anybody looks.
        QTRY_VERIFY_WITH_TIMEOUT(!forcedOf(compare).isEmpty(), kRunMs);
        QTRY_COMPARE_WITH_TIMEOUT(program.facade().forcedAnswers()->column(), -1, kRunMs);
        const QString otherWays = forcedOf(compare);
        QVERIFY2(otherWays.startsWith(QStringLiteral("otherwise at ")), qPrintable(otherWays));

        // Kept by itself; the two tabs are one stop of Tab, and arrows choose.
        SavedComparisons& saved = *program.facade().savedComparisons();
        QTRY_COMPARE(saved.count(), 1);
        compare.setModel(1, folder + QStringLiteral("tiny-f16.gguf"));
        QVERIFY(footOf(compare).isEmpty() && forcedOf(compare).isEmpty());
        program.find(QStringLiteral("compareTabs"))->forceActiveFocus(Qt::TabFocusReason);
        program.press(Qt::Key_Right);
        QTRY_VERIFY(program.find(QStringLiteral("savedRuns")) != nullptr);
        QQuickItem* runs = program.find(QStringLiteral("savedRuns"));
        QTRY_VERIFY(runs->isVisible());
        runs->forceActiveFocus(Qt::TabFocusReason);
        QTRY_VERIFY(runs->hasActiveFocus());
        QTRY_COMPARE(runs->property("currentIndex").toInt(), 0);
        program.press(Qt::Key_Return);
        QTRY_COMPARE(compare.state(), CompareController::Kept);
        QCOMPARE(footOf(compare), foot);
        QCOMPARE(forcedOf(compare), otherWays);
        QTRY_VERIFY(program.find(QStringLiteral("comparePrompt")) != nullptr);

        // Deleted, and taken back.
        saved.remove(0);
        QTRY_COMPARE(saved.count(), 0);
        QTRY_VERIFY(program.facade().chats()->canUndo());
        program.facade().chats()->undo();
        QTRY_COMPARE(saved.count(), 1);

        QTRY_COMPARE(program.facade().models()->state(), ModelController::Resting);
        program.facade().models()->wake();
        QVERIFY(program.waitForModel());
    }

private:
    // A delegate's, which is nobody's child but to the eye.
    static QQuickItem* shownButton(const TestProgram& program, const QString& objectName) {
        QList<QQuickItem*> items{program.find(QStringLiteral("compareArea"))};
        while (!items.isEmpty()) {
            QQuickItem* const item = items.takeFirst();
            if (item->objectName() == objectName && item->isVisible()) return item;
            items.append(item->childItems());
        }
        return nullptr;
    }
    static QString textOf(CompareController& compare, CompareColumnModel::Role role) {
        CompareColumnModel& columns = *compare.columns();
        return columns.data(columns.index(1), role).toString();
    }
    static QString footOf(CompareController& compare) {
        return textOf(compare, CompareColumnModel::FootRole);
    }
    static QString forcedOf(CompareController& compare) {
        return textOf(compare, CompareColumnModel::ForcedTextRole);
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    CompareWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "compare_window_test.moc"
