// sotto_chat_screens: draws one state of the chat page to a file, to look at beside the design.
//
//     sotto_chat_screens SCENE FILE.png [light] [WIDTHxHEIGHT]     (QT_SCALE_FACTOR=1.5 for other
//     scales)
#include <QGuiApplication>
#include <QQmlEngine>
#include <QQuickItem>
#include <QQuickView>
#include <QTimer>

#include "tests/app/chat_ui/standins.h"

int main(int argc, char* argv[]) {
    QGuiApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() < 3)
        qFatal("usage: sotto_chat_screens SCENE FILE.png [light] [WIDTHxHEIGHT]");
    QSize size(1120, 900);  // what rail and list leave of a window of 1440
    for (const QString& argument : arguments) {
        const QStringList parts = argument.split(QLatin1Char('x'));
        if (parts.size() == 2 && parts[0].toInt() > 0) size = {parts[0].toInt(), parts[1].toInt()};
    }
    sotto::app::standin::registerTypes();
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);

    QQuickView view;
    sotto::app::standin::prepare(*view.engine());
    // The page as it stands in the source folder (a folder with Sotto/Chat/qmldir), without a
    // build.
    if (qEnvironmentVariableIsSet("SOTTO_QML"))
        view.engine()->addImportPath(qEnvironmentVariable("SOTTO_QML"));
    view.setResizeMode(QQuickView::SizeRootObjectToView);
    view.setInitialProperties(
        {{QStringLiteral("scene"), arguments.at(1)},
         {QStringLiteral("isDark"), !arguments.contains(QStringLiteral("light"))}});
    view.setSource(QUrl::fromLocalFile(QStringLiteral(SOTTO_SCREENS "/Scene.qml")));
    view.resize(size);
    view.show();
    QTimer::singleShot(4000, &view, [&] {
        const bool isSaved = view.grabWindow().save(arguments.at(2));
        app.exit(isSaved && view.status() == QQuickView::Ready ? 0 : 1);
    });
    return app.exec();
}
