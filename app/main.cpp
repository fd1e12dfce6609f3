// sotto: the desktop application. Builds everything once, in the order in which it is needed, and
// hands the root object to the window.
#include <QGuiApplication>
#include <QIcon>
#include <QQmlApplicationEngine>
#include <QQmlExtensionPlugin>
#include <QQuickStyle>
#include <QQuickWindow>
#include <QTemporaryDir>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "app/app_facade.h"
#include "app/bridge/engine_bridge.h"
#include "app/bridge/error_text.h"
#include "app/core/app_core.h"
#include "app/core/resource_paths.h"
#include "app/network/system_keyring.h"
#include "app/settings/system_theme.h"
#include "app/settings/window_geometry.h"
#include "app/start/rescue_controller.h"
#include "app/start/start_loop.h"
#include "app/start_options.h"
#include "app/system/fonts.h"
#include "app/system/icon_provider.h"
#include "app/system/message_handler.h"
#include "app/system/single_instance.h"
#include "app/unattended_run.h"

Q_IMPORT_QML_PLUGIN(Sotto_AppPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ChatPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComparePlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComponentsPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ModelsPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ShellPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_SystemPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ThemePlugin)

namespace {

using namespace sotto;
using namespace sotto::app;

// Of a second start: the first may be reading a large database, or hang.
constexpr int kOtherTimeoutMs = 10'000;

int print(const QString& text, std::FILE* stream, int status) {
    std::fprintf(stream, "%s\n", qPrintable(text));
    return status;
}

// The facade of the window that is open, for failures that no command waits for; null: none.
using OpenFacade = std::shared_ptr<AppFacade*>;

// Tells the window, on its thread. A cause that is gone is tried at once.
void tell(QGuiApplication& application, const OpenFacade& open, const std::optional<Error>& error) {
    QMetaObject::invokeMethod(&application, [open, error] {
        if (*open == nullptr) return;
        HealthController& health = *(*open)->health();
        error ? health.noteFailure(StoreKind::Disk, *error) : health.tryAgain();
    });
}

auto storedSettings(storage::Storage& storage) {
    return storage.call([](storage::Database& database) { return database.settings().all(); });
}

AppCoreOptions coreOptions(QGuiApplication& application, const OpenFacade& open,
                           bool isUnattended) {
    AppCoreOptions options;
    options.chooseHubOptions = [isUnattended](storage::Storage& storage, ModelHubOptions& hub) {
        const auto stored = storedSettings(storage);
        // The switch is not to be passed because it cannot be read.
        if (isUnattended || !stored) hub.network.isOffline = true;
        if (stored) SettingsController::chooseHub(*stored, hub);
    };
    options.chooseEngineOptions = [](storage::Storage& storage, EngineOptions& engine) {
        const auto stored = storedSettings(storage);
        if (!stored) return;
        engine.nThreads = SettingsController::storedThreads(*stored);
        engine.device = SettingsController::storedDevice(*stored);
    };
    options.choosePrefixOptions = [](storage::Storage& storage, DiskPrefixOptions& prefixes) {
        const auto stored = storedSettings(storage);
        if (stored) PrefixController::choose(*stored, prefixes);
    };
    options.onStorageError = [&application, open](const Error& error) {
        tell(application, open, error);
    };
    options.onStorageRecovered = [&application, open] { tell(application, open, std::nullopt); };
    return options;
}

QQuickWindow* loadWindow(QQmlApplicationEngine& engine, const QString& file,
                         const QVariantMap& properties) {
    engine.addImportPath(QStringLiteral("qrc:/qt/qml"));
    engine.addImageProvider(QStringLiteral("icon"), new IconProvider);  // owned by the engine
    engine.setInitialProperties(properties);
    engine.load(QUrl(QStringLiteral("qrc:/qt/qml/Sotto/Shell/") + file));
    return engine.rootObjects().isEmpty()
               ? nullptr
               : qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
}

void raiseOnActivation(const SingleInstance& instance, QQuickWindow* window) {
    QObject::connect(&instance, &SingleInstance::activationRequested, window, [window] {
        // show() would take a maximized window back to its normal size.
        window->setWindowStates(window->windowStates() & ~Qt::WindowMinimized);
        window->setVisible(true);
        window->raise();
        window->requestActivate();
    });
}

// The page before the window: the database cannot be opened, and a person chooses.
RescueController::Outcome runStartWindow(QGuiApplication& application,
                                         const SingleInstance& instance, const Error& error,
                                         const std::filesystem::path& database) {
    RescueController rescue(database, error);
    const SystemTheme theme;
    QQmlApplicationEngine engine;
    QQuickWindow* window =
        loadWindow(engine, QStringLiteral("StartWindow.qml"),
                   {{QStringLiteral("rescue"), QVariant::fromValue(&rescue)},
                    {QStringLiteral("version"), QGuiApplication::applicationVersion()},
                    {QStringLiteral("isDark"), theme.isDark()}});
    if (!window) return RescueController::Quit;
    raiseOnActivation(instance, window);
    auto chosen = RescueController::Quit;
    QObject::connect(&rescue, &RescueController::finished, &application,
                     [&chosen](RescueController::Outcome outcome) {
                         chosen = outcome;
                         QCoreApplication::quit();
                     });
    placeWindow(*window);
    window->show();
    application.exec();
    return chosen;
}

int runWindow(QGuiApplication& application, AppFacade& facade, SingleInstance& instance,
              const StartOptions& options) {
    UnattendedRun::applyOptions(options, facade);
    QQmlApplicationEngine engine;
    QQuickWindow* window = loadWindow(engine, QStringLiteral("Main.qml"),
                                      {{QStringLiteral("app"), QVariant::fromValue(&facade)}});
    if (!window) return print(QStringLiteral("The window could not be made."), stderr, 1);
    raiseOnActivation(instance, window);
    std::unique_ptr<WindowGeometry> geometry;
    if (!options.isUnattended())
        geometry = std::make_unique<WindowGeometry>(*window, *facade.settings());
    window->setVisible(true);  // in the state that it has
    std::unique_ptr<UnattendedRun> run;
    if (options.isUnattended()) run = std::make_unique<UnattendedRun>(options, facade, *window);
    return application.exec();
}

}  // namespace

int main(int argc, char* argv[]) {
    QStringList arguments;
    for (int index = 0; index < argc; ++index) arguments += QString::fromLocal8Bit(argv[index]);
    const StartOptions options = parseStartOptions(arguments);
    if (!options.problem.isEmpty()) return print(options.problem, stderr, 64);
    if (!options.help.isEmpty()) return print(options.help, stdout, 0);
    if (options.isVersionAsked) return print(QStringLiteral("sotto " SOTTO_VERSION), stdout, 0);

    prepareEnvironment(options);
    installMessageHandler();
    // Unattended runs leave the user's chats alone.
    std::unique_ptr<QTemporaryDir> ownHome;
    if (options.isUnattended() && !qEnvironmentVariableIsSet("SOTTO_HOME")) {
        ownHome = std::make_unique<QTemporaryDir>();
        qputenv("SOTTO_HOME", ownHome->path().toLocal8Bit());
    }

    QGuiApplication application(argc, argv);
    QGuiApplication::setApplicationName(QStringLiteral("sotto"));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Sotto"));
    QGuiApplication::setApplicationVersion(QStringLiteral(SOTTO_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("sotto"));
    QGuiApplication::setWindowIcon(QIcon(QStringLiteral(":/brand/sotto-icon.svg")));
    QQuickStyle::setStyle(QStringLiteral("Basic"));
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
    loadFonts();

    const Result<Paths> paths = findPaths(processEnvironment());
    // The folder must be there to be locked; why it cannot be made is told by the window. One that
    // is refused gets nothing of ours, no lock either.
    const Status folders = paths ? createFolders(*paths) : Status();
    const bool isRefused = !folders && folders.error().code == ErrorCode::InvalidArgument;
    const QString dataFolder =
        paths && !isRefused ? QString::fromStdString(paths->data.string()) : QString();
    SingleInstance instance(dataFolder, qEnvironmentVariable("XDG_RUNTIME_DIR"));
    const SingleInstance::Claim claim = instance.claim(kOtherTimeoutMs);
    if (claim == SingleInstance::Claim::Unanswered) return print(instance.problem(), stderr, 75);
    if (claim == SingleInstance::Claim::Shown) {
        // A run that was to draw has drawn nothing.
        return options.isUnattended()
                   ? print(QStringLiteral("Sotto already runs on %1: its window was shown instead.")
                               .arg(dataFolder),
                           stderr, 75)
                   : 0;
    }

    const auto open = std::make_shared<AppFacade*>(nullptr);
    AskAPerson ask;
    if (!options.isUnattended())
        ask = [&](const Error& error, const std::filesystem::path& database) {
            return runStartWindow(application, instance, error, database);
        };
    auto core = openCore(
        paths ? paths->database : std::filesystem::path(),
        [&] { return coreOptions(application, open, options.isUnattended()); }, ask);
    if (!core) return print(errorText(core.error()), stderr, 1);
    if (*core == nullptr) return 0;

    int status = 0;
    {
        const auto& problem = (*core)->storageProblem();
        EngineBridge bridge((*core)->hub());
        // A person's own, which asks that person: no run without one touches it.
        const auto keyring = options.isUnattended() ? nullptr : makeSystemKeyring();
        AppFacade facade(AppFacade::Services{
            bridge,
            (*core)->storage(),
            (*core)->temporaryStorage(),
            (*core)->jobs(),
            problem ? std::optional(StartProblem{*problem, (*core)->isCopyShown()}) : std::nullopt,
            dataFolder,
            (*core)->engineProblem() ? &*(*core)->engineProblem() : nullptr,
            QString::fromStdString((*core)->demoModel().string()),
            QString::fromStdString((*core)->paths().models.string()),
            {},
            (*core)->modelHub(),
            (*core)->hubProblem() ? &*(*core)->hubProblem() : nullptr,
            &(*core)->ledger(),
            &(*core)->tokenFile(),
            keyring.get(),
            QString::fromStdString((*core)->paths().cache.string()),
            &(*core)->quantizing(),
            QString::fromStdString(
                findEvaluationText(processEnvironment(), programFolder()).string()),
            (*core)->prefixes(),
            [&core] { (*core)->forgetGonePrefixes(); }});
        *open = &facade;
        status = runWindow(application, facade, instance, options);
        *open = nullptr;
    }
    return status;
}
