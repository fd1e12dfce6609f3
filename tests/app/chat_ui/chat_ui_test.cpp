// Runs the tst_*.qml beside it: the chat page and its delegates against the stand-ins, offscreen.
#include <QQmlEngine>
#include <QtQuickTest>

#include "tests/app/chat_ui/standins.h"

class Setup : public QObject {
    Q_OBJECT

public slots:
    void applicationAvailable() { sotto::app::standin::registerTypes(); }
    void qmlEngineAvailable(QQmlEngine* engine) {
        sotto::app::standin::prepare(*engine);
        // The page as it stands in the source folder, without a build (see screens.cpp).
        if (qEnvironmentVariableIsSet("SOTTO_QML"))
            engine->addImportPath(qEnvironmentVariable("SOTTO_QML"));
    }
};

QUICK_TEST_MAIN_WITH_SETUP(chat_ui, Setup)

#include "chat_ui_test.moc"
