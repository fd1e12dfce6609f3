// Runs tst_*.qml of this folder: the controls, and the window on a stand-in for Sotto.App (fakes/).
#include <QQmlContext>
#include <QQmlEngine>
#include <QQmlExtensionPlugin>
#include <QQuickStyle>
#include <QtQuickTest>

#include "app/system/fonts.h"
#include "app/system/icon_provider.h"

Q_IMPORT_QML_PLUGIN(Sotto_ChatPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComponentsPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ShellPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_SystemPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ThemePlugin)

class Setup : public QObject {
    Q_OBJECT

public slots:
    void applicationAvailable() {
        QQuickStyle::setStyle(QStringLiteral("Basic"));
        sotto::app::loadFonts();
    }
    void qmlEngineAvailable(QQmlEngine* engine) {
        engine->addImportPath(QStringLiteral("qrc:/qt/qml"));
        engine->addImportPath(QStringLiteral(QUICK_TEST_SOURCE_DIR "/fakes"));
        engine->addImageProvider(QStringLiteral("icon"), new sotto::app::IconProvider);
    }
};

QUICK_TEST_MAIN_WITH_SETUP(ui, Setup)
#include "ui_test.moc"
