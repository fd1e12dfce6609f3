// Runs the tst_*.qml beside it: the chat page and its delegates on the real controllers, offscreen.
#include <QQmlEngine>
#include <QtQuickTest>

#include "tests/app/support/test_app.h"

class Setup : public QObject {
    Q_OBJECT

public slots:
    void applicationAvailable() { sotto::app::registerTestApp(); }
    void qmlEngineAvailable(QQmlEngine* engine) {
        // The page as it stands in the source folder, without a build (see gallery.cpp).
        sotto::app::prepareEngine(*engine);
        if (qEnvironmentVariableIsSet("SOTTO_QML"))
            engine->addImportPath(qEnvironmentVariable("SOTTO_QML"));
    }
};

QUICK_TEST_MAIN_WITH_SETUP(chat_ui, Setup)

#include "chat_ui_test.moc"
