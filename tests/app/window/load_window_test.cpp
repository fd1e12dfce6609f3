// A load with parameters of one's choice in the real window, by keys alone and with the real
// engine: what the dialog says that it takes is what the loaded model has.
#include <QDir>
#include <QGuiApplication>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

#include "tests/app/window/test_window.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr int kLoadMs = 60'000;

}  // namespace

class LoadWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void contextAndCacheType_areThoseOfTheLoadedModel() {
        QTemporaryDir home;
        QVERIFY(QDir(home.path()).mkpath(QStringLiteral("models")));
        const QString path = home.filePath(QStringLiteral("models/tiny.gguf"));
        test::TinyModel tiny;
        tiny.nContext = 8192;
        QVERIFY(test::writeTinyModel(tiny, path.toStdString()));
        TestProgram program(home.path());
        program.facade().settings()->setDevice(QStringLiteral("cpu"));
        ModelController& models = *program.facade().models();
        QTRY_VERIFY(isListed(models, path));
        QTRY_VERIFY_WITH_TIMEOUT(models.state() != ModelController::Loading, kLoadMs);

        program.press(Qt::Key_2, Qt::ControlModifier);
        QTRY_VERIFY(program.find(QStringLiteral("installedList")) != nullptr);
        QQuickItem* list = program.find(QStringLiteral("installedList"));
        list->forceActiveFocus(Qt::TabFocusReason);
        QTRY_VERIFY(isChosen(list, path));
        program.press(Qt::Key_Return, Qt::ShiftModifier);
        LoadPlanner& planner = *program.facade().loadPlanner();
        QTRY_COMPARE(planner.state(), LoadPlanner::Planned);
        QCOMPARE(planner.plannedContext(), 8192);
        program.press(Qt::Key_Down);
        program.press(Qt::Key_Down);
        QCOMPARE(planner.contextTokens(), 2048);
        program.press(Qt::Key_Tab);
        program.press(Qt::Key_Tab);
        program.press(Qt::Key_End);
        QCOMPARE(planner.kvType(), QStringLiteral("f32"));
        QTRY_COMPARE(planner.state(), LoadPlanner::Planned);
        // Keys and values of each layer's heads, four bytes each.
        const double kvBytes = 2.0 * tiny.nLayers * tiny.nKvHeads * tiny.headDim * 4 * 2048;
        QCOMPARE(planner.rooms().value(0).toMap()[QStringLiteral("kv")].toDouble(), kvBytes);
        QVERIFY(models.path() != path);

        program.press(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(models.state() == ModelController::Loaded && models.path() == path,
                                 kLoadMs);
        QCOMPARE(models.contextTokens(), 2048);
        QCOMPARE(double(program.core().hub().engine()->snapshot().memory.kvCache), kvBytes);
        QTRY_COMPARE(planner.state(), LoadPlanner::Closed);
    }

private:
    static bool isListed(ModelController& models, const QString& path) {
        return std::ranges::any_of(models.list()->entries(),
                                   [&path](const ModelEntry& entry) { return entry.path == path; });
    }
    // Its order is another than that of all models, and its rows are made after the page.
    static bool isChosen(QQuickItem* list, const QString& path) {
        const int nRows = list->property("count").toInt();
        for (int row = 0; row < nRows; ++row) {
            list->setProperty("currentIndex", row);
            auto* chosen = list->property("currentItem").value<QQuickItem*>();
            if (chosen != nullptr && chosen->property("path").toString() == path) return true;
        }
        return false;
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    LoadWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "load_window_test.moc"
