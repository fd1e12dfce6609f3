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

        // Kept by itself; the two tabs are one stop of Tab, and arrows choose.
        SavedComparisons& saved = *program.facade().savedComparisons();
        QTRY_COMPARE(saved.count(), 1);
        compare.setModel(1, folder + QStringLiteral("tiny-f16.gguf"));
        QVERIFY(footOf(compare).isEmpty());
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
    static QString footOf(CompareController& compare) {
        CompareColumnModel& columns = *compare.columns();
        return columns.data(columns.index(1), CompareColumnModel::FootRole).toString();
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    CompareWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "compare_window_test.moc"
