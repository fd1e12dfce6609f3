#include "tests/app/window/test_window.h"

#include <QElapsedTimer>
#include <QQmlExtensionPlugin>
#include <QQuickStyle>
#include <QtTest>

#include "app/core/resource_paths.h"
#include "app/system/fonts.h"
#include "app/system/icon_provider.h"

Q_IMPORT_QML_PLUGIN(Sotto_AppPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ChatPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComparePlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComponentsPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ModelsPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ShellPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_SystemPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ThemePlugin)

namespace sotto::app {

void prepareTestWindows() {
    QQuickStyle::setStyle(QStringLiteral("Basic"));
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
    loadFonts();
}

TestProgram::TestProgram(const QString& home, decltype(AppCoreOptions::makeEngine) makeEngine,
                         const TestMachine& machine) {
    qputenv("SOTTO_HOME", home.toLocal8Bit());
    AppCoreOptions options;
    options.environment = processEnvironment();
    options.makeEngine = std::move(makeEngine);
    options.chooseHubOptions = machine.chooseHub;
    auto core = AppCore::create(std::move(options));
    if (!core) qFatal("%s", core.error().message.c_str());
    m_core = std::move(*core);
    m_bridge = std::make_unique<EngineBridge>(m_core->hub());
    m_facade = std::make_unique<AppFacade>(AppFacade::Services{
        *m_bridge,
        m_core->storage(),
        m_core->temporaryStorage(),
        m_core->jobs(),
        {},
        home,
        nullptr,
        QString::fromStdString(m_core->demoModel().string()),
        QString::fromStdString(m_core->paths().models.string()),
        machine.probe,
        m_core->modelHub(),
        nullptr,
        &m_core->ledger(),
        &m_core->tokenFile(),
        nullptr,
        {},
        nullptr,
        QString::fromStdString(
            findEvaluationText(processEnvironment(), programFolder()).string())});
    if (!machine.isFirstRun) m_facade->settings()->finishFirstRun();
    m_qml = std::make_unique<QQmlApplicationEngine>();
    m_qml->addImportPath(QStringLiteral("qrc:/qt/qml"));
    m_qml->addImageProvider(QStringLiteral("icon"), new IconProvider);
    m_qml->setInitialProperties({{QStringLiteral("app"), QVariant::fromValue(m_facade.get())}});
    m_qml->load(QUrl(QStringLiteral("qrc:/qt/qml/Sotto/Shell/Main.qml")));
    if (m_qml->rootObjects().isEmpty()) qFatal("Main.qml cannot be loaded");
    m_window = qobject_cast<QQuickWindow*>(m_qml->rootObjects().constFirst());
    m_window->show();
    if (!QTest::qWaitForWindowExposed(m_window)) qFatal("the window does not open");
}

// The window goes before what it shows, the bridge before the hub that it uses.
TestProgram::~TestProgram() {
    m_qml.reset();
    m_facade.reset();
    m_bridge.reset();
    m_core.reset();
}

bool TestProgram::waitForModel(int timeoutMs) {
    QElapsedTimer timer;
    timer.start();
    const auto isOver = [this] {
        const ModelController::State state = m_facade->models()->state();
        return state == ModelController::Loaded || state == ModelController::Failed;
    };
    while (!isOver() && timer.elapsed() < timeoutMs) QTest::qWait(20);
    return m_facade->models()->state() == ModelController::Loaded;
}

QQuickItem* TestProgram::find(const QString& objectName) const {
    return m_window->findChild<QQuickItem*>(objectName);
}

void TestProgram::type(const QString& text) {
    for (const QChar character : text) QTest::keyClick(m_window, character.toLatin1());
}

void TestProgram::press(Qt::Key key, Qt::KeyboardModifiers modifiers) {
    QTest::keyClick(m_window, key, modifiers);
}

}  // namespace sotto::app
