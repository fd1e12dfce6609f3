// Where the window opens: as it was left, but always where it can be seen and taken hold of.
#include "app/settings/window_geometry.h"

#include <QScreen>
#include <QWindow>
#include <QtTest>
#include <memory>

#include "app/settings/settings_controller.h"

using namespace sotto;
using namespace sotto::app;

namespace {

const QRect kDesk{0, 0, 1920, 1040};       // a monitor with a panel of 40 below
const QRect kBeside{1920, 0, 2560, 1400};  // a second one at its right

}  // namespace

class WindowGeometryTest : public QObject {
    Q_OBJECT

private slots:
    void placeWindow_keepsItInSight_data() {
        QTest::addColumn<QRect>("stored");
        QTest::addColumn<QList<QRect>>("screens");
        QTest::addColumn<QRect>("expected");
        QTest::newRow("first start") << QRect() << QList{kDesk} << QRect(240, 86, 1440, 900);
        QTest::newRow("first start, 1366 x 768")
            << QRect() << QList{QRect(0, 0, 1366, 728)} << QRect(0, 32, 1366, 696);
        QTest::newRow("first start, 1366 x 768 at 150 %")
            << QRect() << QList{QRect(0, 0, 911, 485)} << QRect(0, 32, 911, 453);
        QTest::newRow("as it was left")
            << QRect(120, 80, 1280, 800) << QList{kDesk} << QRect(120, 80, 1280, 800);
        QTest::newRow("on the second monitor")
            << QRect(2000, 60, 1280, 800) << QList{kDesk, kBeside} << QRect(2000, 60, 1280, 800);
        QTest::newRow("the second monitor is gone")
            << QRect(2000, 60, 1280, 800) << QList{kDesk} << QRect(640, 60, 1280, 800);
        QTest::newRow("the left monitor is gone")
            << QRect(-1800, 500, 1280, 800) << QList{kDesk} << QRect(0, 240, 1280, 800);
        QTest::newRow("over an edge, but it can be taken hold of")
            << QRect(1700, 900, 1280, 800) << QList{kDesk} << QRect(1700, 900, 1280, 800);
        QTest::newRow("only its side is on the screen")
            << QRect(-1250, 100, 1280, 800) << QList{kDesk} << QRect(0, 100, 1280, 800);
        QTest::newRow("only its lower part is on the screen")
            << QRect(100, -400, 1280, 800) << QList{kDesk} << QRect(100, 32, 1280, 800);
        QTest::newRow("larger than a monitor that became smaller")
            << QRect(100, 100, 2400, 1300) << QList{kDesk} << QRect(0, 32, 1920, 1008);
        QTest::newRow("smaller than the window may be")
            << QRect(100, 100, 200, 100) << QList{kDesk} << QRect(100, 100, 960, 600);
        QTest::newRow("no title bar on this desktop")
            << QRect(0, 0, 1920, 1000) << QList{kDesk} << QRect(0, 0, 1920, 1000);
        QTest::newRow("no screen at all")
            << QRect(1, 2, 1280, 800) << QList<QRect>{} << QRect(1, 2, 1280, 800);
    }

    void placeWindow_keepsItInSight() {
        QFETCH(QRect, stored);
        QFETCH(QList<QRect>, screens);
        QFETCH(QRect, expected);
        for (const bool isMaximized : {false, true}) {
            const WindowPlacement placement = placeWindow(stored, isMaximized, screens);
            QCOMPARE(placement.normal, expected);
            QCOMPARE(placement.isMaximized, isMaximized);
            QVERIFY(placement.minimum.width() <= placement.normal.width());
            QVERIFY(placement.minimum.height() <= placement.normal.height());
            QCOMPARE(placeWindow(expected, isMaximized, screens).normal, expected);
        }
    }

    // The window asks for 1440×900 and at least 960×600; the screen of these tests has less.
    void firstStart_obeysTheScreen() {
        const auto storage =
            std::move(*storage::Storage::open(storage::StorageOptions::inMemory()));
        StorageBridge bridge(*storage);
        SettingsController settings(bridge, {});
        const QRect room = QGuiApplication::primaryScreen()->availableGeometry();
        QVERIFY(room.width() < 960);
        for (const bool isKept : {false, true}) {
            QWindow window;
            window.setMinimumSize({960, 600});
            window.resize(1440, 900);
            std::unique_ptr<WindowGeometry> geometry;
            if (isKept)
                geometry = std::make_unique<WindowGeometry>(window, settings);
            else
                placeWindow(window);
            window.setVisible(true);
            QTRY_VERIFY(window.isVisible());
            QVERIFY(window.width() <= room.width() && window.height() <= room.height());
            QVERIFY(window.minimumWidth() <= room.width());
        }
    }

    void maximized_isKeptWithTheSizeBeneath() {
        const auto storage =
            std::move(*storage::Storage::open(storage::StorageOptions::inMemory()));
        StorageBridge bridge(*storage);
        SettingsController settings(bridge, {});
        const QRect room = QGuiApplication::primaryScreen()->availableGeometry();
        // The screen of these tests is narrower than the window wants to be, and frames are 2 wide.
        const QRect normal(2, 50, room.width(), room.height() - 100);
        settings.setWindowGeometry(normal);
        {
            QWindow window;
            WindowGeometry geometry(window, settings);
            window.setVisible(true);
            QTRY_COMPARE(window.visibility(), QWindow::Windowed);
            QCOMPARE(window.geometry(), normal);
            window.showMaximized();
            QTRY_COMPARE(window.visibility(), QWindow::Maximized);
            window.close();
        }
        QVERIFY(settings.isWindowMaximized());
        QCOMPARE(settings.windowGeometry(), normal);
        {
            QWindow window;
            WindowGeometry geometry(window, settings);
            window.setVisible(true);
            QTRY_COMPARE(window.visibility(), QWindow::Maximized);
            window.close();
            QCOMPARE(settings.windowGeometry(), normal);
            QVERIFY(settings.isWindowMaximized());
            window.showNormal();
            QTRY_COMPARE(window.visibility(), QWindow::Windowed);
            window.setGeometry(normal.adjusted(0, 5, 0, -5));
            window.close();
        }
        QVERIFY(!settings.isWindowMaximized());
        QCOMPARE(settings.windowGeometry(), normal.adjusted(0, 5, 0, -5));
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    WindowGeometryTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "window_geometry_test.moc"
