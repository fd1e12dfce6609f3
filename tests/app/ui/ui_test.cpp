// Runs tst_*.qml of this folder: the controls, and the window on the real controllers.
#include <QQmlEngine>
#include <QtQuickTest>

#include "tests/app/support/test_app.h"

class Setup : public QObject {
    Q_OBJECT

public slots:
    void applicationAvailable() { sotto::app::registerTestApp(); }
    void qmlEngineAvailable(QQmlEngine* engine) { sotto::app::prepareEngine(*engine); }
};

QUICK_TEST_MAIN_WITH_SETUP(ui, Setup)
#include "ui_test.moc"
