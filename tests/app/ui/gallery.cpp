// sotto_gallery: draws a QML file to an image, to look at beside the design.
//
//     sotto_gallery FILE.qml OUT.png WxH [IMPORT_PATH…] [property=value…]
//
// The window's own modules come from the import paths when they are there, so that QML can be tried
// without building it. QT_SCALE_FACTOR=1.5 draws at other scales.
#include <QGuiApplication>
#include <QQmlApplicationEngine>
#include <QQmlExtensionPlugin>
#include <QQuickItem>
#include <QQuickWindow>
#include <QTimer>
#include <memory>

#include "app/system/fonts.h"
#include "app/system/icon_provider.h"

Q_IMPORT_QML_PLUGIN(Sotto_SystemPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ThemePlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComponentsPlugin)

namespace {

constexpr int kSettleMs = 900;  // fades and the first frames are over by then

}  // namespace

int main(int argc, char* argv[]) {
    QGuiApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() < 4)
        qFatal("usage: sotto_gallery FILE.qml OUT.png WxH [PATH…] [name=value…]");
    sotto::app::loadFonts();
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);

    QQmlApplicationEngine engine;
    engine.addImportPath(QStringLiteral("qrc:/qt/qml"));
    engine.addImageProvider(QStringLiteral("icon"), new sotto::app::IconProvider);
    QVariantMap properties;
    for (const QString& argument : arguments.mid(4)) {
        const qsizetype split = argument.indexOf(u'=');
        if (split < 0)
            engine.addImportPath(argument);
        else
            properties[argument.left(split)] = argument.mid(split + 1);
    }
    engine.setInitialProperties(properties);
    engine.load(QUrl::fromLocalFile(arguments.at(1)));
    if (engine.rootObjects().isEmpty()) return 1;

    // A page that is not a window gets one.
    auto* window = qobject_cast<QQuickWindow*>(engine.rootObjects().first());
    std::unique_ptr<QQuickWindow> ownWindow;
    auto* item = qobject_cast<QQuickItem*>(engine.rootObjects().first());
    if (!window) {
        ownWindow = std::make_unique<QQuickWindow>();
        window = ownWindow.get();
        item->setParentItem(window->contentItem());
    }
    const QStringList size = arguments.at(3).split(u'x');
    window->resize(size.value(0).toInt(), size.value(1).toInt());
    if (item) item->setSize(window->size());
    window->show();
    QTimer::singleShot(kSettleMs, window,
                       [&] { app.exit(window->grabWindow().save(arguments.at(2)) ? 0 : 1); });
    return app.exec();
}
