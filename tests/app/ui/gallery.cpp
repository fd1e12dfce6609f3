// sotto_gallery: draws a QML file to an image, to look at beside the design.
//
//     sotto_gallery FILE.qml OUT.png WxH [IMPORT_PATH…] [property=value…]
//     sotto_gallery tests/app/ui/ShellPreview.qml window.png 1440x900 show=settings theme=light
//     sotto_gallery tests/app/ui/ChatScene.qml page.png 1120x900 scene=states
//
// Pages run on TestApp. The window's own modules come from the import paths when they are there, so
// that QML can be tried without building it. QT_SCALE_FACTOR=1.5 draws at other scales,
// settle=5000 waits so many milliseconds, on a machine that does much else.
#include <QGuiApplication>
#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickWindow>
#include <QTimer>
#include <memory>

#include "tests/app/support/test_app.h"

namespace {

constexpr int kSettleMs = 1500;  // fades and the first frames are over by then

}  // namespace

int main(int argc, char* argv[]) {
    QGuiApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() < 4)
        qFatal("usage: sotto_gallery FILE.qml OUT.png WxH [PATH…] [name=value…]");
    sotto::app::registerTestApp();
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);

    QQmlApplicationEngine engine;
    sotto::app::prepareEngine(engine);
    QVariantMap properties;
    int settleMs = kSettleMs;
    for (const QString& argument : arguments.mid(4)) {
        const qsizetype split = argument.indexOf(u'=');
        if (split < 0)
            engine.addImportPath(argument);
        else if (argument.startsWith(QLatin1String("settle=")))
            settleMs = argument.mid(split + 1).toInt();
        else
            properties[argument.left(split)] = argument.mid(split + 1);
    }
    engine.setInitialProperties(properties);
    engine.load(QUrl::fromLocalFile(arguments.at(1)));
    if (engine.rootObjects().isEmpty()) return 1;

    // A page that neither is a window nor has made one gets one.
    QObject* root = engine.rootObjects().first();
    auto* window = qobject_cast<QQuickWindow*>(root);
    if (!window) window = root->property("window").value<QQuickWindow*>();
    std::unique_ptr<QQuickWindow> ownWindow;
    auto* item = window ? nullptr : qobject_cast<QQuickItem*>(root);
    if (item) {
        ownWindow = std::make_unique<QQuickWindow>();
        window = ownWindow.get();
        item->setParentItem(window->contentItem());
    }
    if (!window) qFatal("%s draws nothing", qPrintable(arguments.at(1)));
    const QStringList size = arguments.at(3).split(u'x');
    window->resize(size.value(0).toInt(), size.value(1).toInt());
    if (item) item->setSize(window->size());
    window->show();
    QTimer::singleShot(settleMs, window,
                       [&] { app.exit(window->grabWindow().save(arguments.at(2)) ? 0 : 1); });
    return app.exec();
}
