// The page before the window: every state drawn by the real QML without a warning, in both
// languages and themes, and its buttons do what they say.
//
// SOTTO_PICTURES names a folder for pictures of what was tested.
#include <QDir>
#include <QGuiApplication>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include "app/start/rescue_controller.h"
#include "app/system/icon_provider.h"
#include "tests/app/start/damaged_library.h"
#include "tests/app/window/test_window.h"

using namespace sotto;
using namespace sotto::app;

namespace {

class StartWindow {
public:
    StartWindow(RescueController& rescue, const QString& language, bool isDark) : m_isDark(isDark) {
        m_qml.addImportPath(QStringLiteral("qrc:/qt/qml"));
        m_qml.addImageProvider(QStringLiteral("icon"), new IconProvider);
        m_qml.setInitialProperties({{QStringLiteral("rescue"), QVariant::fromValue(&rescue)},
                                    {QStringLiteral("version"), QStringLiteral("1.0.0")},
                                    {QStringLiteral("language"), language},
                                    {QStringLiteral("isDark"), isDark}});
        m_qml.load(QUrl(QStringLiteral("qrc:/qt/qml/Sotto/Shell/StartWindow.qml")));
        m_window = qobject_cast<QQuickWindow*>(m_qml.rootObjects().constFirst());
        m_window->show();
    }
    QQuickWindow& operator*() { return *m_window; }
    // The visible one of this name.
    QQuickItem* find(const QString& name) const {
        for (QQuickItem* item : m_window->findChildren<QQuickItem*>(name))
            if (item->isVisible()) return item;
        return nullptr;
    }
    QString title() const {
        const QQuickItem* title = find(QStringLiteral("startTitle"));
        return title == nullptr ? QString() : title->property("text").toString();
    }
    void click(const QString& name) { QMetaObject::invokeMethod(find(name), "clicked"); }
    void keepPicture(const QString& name) {
        if (!qEnvironmentVariableIsSet("SOTTO_PICTURES")) return;
        const QDir folder(qEnvironmentVariable("SOTTO_PICTURES"));
        for (const QSize size : {QSize(1440, 900), QSize(960, 600)}) {
            m_window->resize(size);
            for (const bool isDark : {!m_isDark, m_isDark}) {
                m_window->setProperty("isDark", isDark);
                QTest::qWait(300);  // the fade, for the eye only
                QVERIFY(m_window->grabWindow().save(folder.filePath(
                    QStringLiteral("%1-%2-%3.png")
                        .arg(name, isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                        .arg(size.width()))));
            }
        }
    }

private:
    bool m_isDark;
    QQmlApplicationEngine m_qml;
    QQuickWindow* m_window = nullptr;
};

}  // namespace

class StartWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void damaged_readAndResult_data() {
        QTest::addColumn<QString>("language");
        QTest::addColumn<bool>("isDark");
        QTest::addColumn<QString>("title");
        QTest::newRow("English") << "en" << true << "The chat database is damaged";
        QTest::newRow("Chinese") << "zh_CN" << false << QStringLiteral("对话数据库已损坏");
    }

    void damaged_readAndResult() {
        QFETCH(QString, language);
        QFETCH(bool, isDark);
        QFETCH(QString, title);
        QTemporaryDir folder;
        const std::filesystem::path file =
            folder.filePath(QStringLiteral("sotto.db")).toStdString();
        makeLibrary(file);
        damage(file, 4);
        RescueController rescue(
            file, Error{ErrorCode::DatabaseDamaged, "sotto.db is damaged.", "", 0, 0});
        StartWindow window(rescue, language, isDark);
        QTRY_COMPARE(rescue.step(), RescueController::Damaged);
        QCOMPARE(window.title(), title);
        window.keepPicture(QStringLiteral("damaged-") + language);
        window.click(QStringLiteral("startPrimary"));
        QCOMPARE(rescue.step(), RescueController::Reading);
        QVERIFY(window.find(QStringLiteral("stopReading")) != nullptr);
        if (qEnvironmentVariableIsSet("SOTTO_PICTURES"))
            QVERIFY((*window).grabWindow().save(
                QDir(qEnvironmentVariable("SOTTO_PICTURES"))
                    .filePath(QStringLiteral("reading-%1.png").arg(language))));
        QTRY_COMPARE(rescue.step(), RescueController::Result);
        window.keepPicture(QStringLiteral("result-") + language);
        QSignalSpy finished(&rescue, &RescueController::finished);
        window.click(QStringLiteral("startPrimary"));
        QCOMPARE(finished.count(), 1);
    }

    void newerAndLocked_data() {
        QTest::addColumn<QString>("language");
        QTest::addColumn<bool>("isDark");
        QTest::newRow("English") << "en" << false;
        QTest::newRow("Chinese") << "zh_CN" << true;
    }

    void newerAndLocked() {
        QFETCH(QString, language);
        QFETCH(bool, isDark);
        QTemporaryDir folder;
        const std::filesystem::path file =
            folder.filePath(QStringLiteral("sotto.db")).toStdString();
        makeLibrary(file);
        RescueController newer(
            file, Error{ErrorCode::NewerVersion, "Written by a newer Sotto.", "", 0, 0});
        {
            StartWindow window(newer, language, isDark);
            window.keepPicture(QStringLiteral("newer-") + language);
            QSignalSpy finished(&newer, &RescueController::finished);
            window.click(QStringLiteral("startBeside"));
            QCOMPARE(finished.count(), 1);
        }
        RescueController locked(file, Error{ErrorCode::Locked, "sotto.db is in use.", "", 0, 0});
        StartWindow window(locked, language, isDark);
        window.keepPicture(QStringLiteral("locked-") + language);
        QSignalSpy finished(&locked, &RescueController::finished);
        window.click(QStringLiteral("tryNow"));
        QTRY_COMPARE(finished.count(), 1);
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    StartWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "start_window_test.moc"
