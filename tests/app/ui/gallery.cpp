// sotto_gallery: draws Gallery.qml to a file, to look at beside the design.
//
//     sotto_gallery FILE.png [light] [zh_CN]      (QT_SCALE_FACTOR=1.5 for other scales)
#include <QGuiApplication>
#include <QQmlEngine>
#include <QQmlExtensionPlugin>
#include <QQuickItem>
#include <QQuickView>
#include <QTimer>

#include "app/system/fonts.h"
#include "app/system/icon_provider.h"

Q_IMPORT_QML_PLUGIN(Sotto_SystemPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ThemePlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComponentsPlugin)

int main(int argc, char* argv[]) {
    QGuiApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() < 2) qFatal("usage: sotto_gallery FILE.png [light]");
    sotto::app::loadFonts();
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);

    QQuickView view;
    view.engine()->addImportPath(QStringLiteral("qrc:/qt/qml"));
    view.engine()->addImageProvider(QStringLiteral("icon"), new sotto::app::IconProvider);
    view.setInitialProperties(
        {{QStringLiteral("isDark"), !arguments.contains(QStringLiteral("light"))}});
    view.setSource(QUrl::fromLocalFile(QStringLiteral(SOTTO_GALLERY_QML)));
    view.show();
    QTimer::singleShot(700, &view, [&] {
        const bool isSaved = view.grabWindow().save(arguments.at(1));
        app.exit(isSaved && view.status() == QQuickView::Ready ? 0 : 1);
    });
    return app.exec();
}
