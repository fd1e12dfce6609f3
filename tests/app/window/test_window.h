// The real window (Main.qml and all modules) inside a test program, on whichever engine the test
// brings.
//
// Life: prepare() before QGuiApplication, importModules() once, then any number of TestWindows. GUI
// thread only.
#pragma once

#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickWindow>
#include <memory>

#include "app/app_facade.h"
#include "app/core/app_core.h"

namespace sotto::app {

// What surrounds the program beside its engine.
struct TestMachine {
    MachineProbe probe;       // by default the real devices
    bool isFirstRun = false;  // the first page stays
    // Of the way to the network: the endpoint, the switch.
    decltype(AppCoreOptions::chooseHubOptions) chooseHub;
};

// The program as main() builds it, with the folder `home` as its home. `makeEngine` unset: the real
// engine.
class TestProgram {
public:
    explicit TestProgram(const QString& home,
                         decltype(AppCoreOptions::makeEngine) makeEngine = createEngine,
                         const TestMachine& machine = {});
    ~TestProgram();

    AppFacade& facade() { return *m_facade; }
    AppCore& core() { return *m_core; }
    QQuickWindow& window() { return *m_window; }

    // Waits until the model is loaded or has failed; true when it is loaded.
    bool waitForModel(int timeoutMs = 60'000);
    // The one visible item of this class or objectName; null when there is none.
    QQuickItem* find(const QString& objectName) const;
    // Types into whatever has the focus, as a keyboard does.
    void type(const QString& text);
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);

private:
    std::unique_ptr<AppCore> m_core;
    std::unique_ptr<EngineBridge> m_bridge;
    std::unique_ptr<AppFacade> m_facade;
    std::unique_ptr<QQmlApplicationEngine> m_qml;
    QQuickWindow* m_window = nullptr;
};

// Fonts and style, as main() sets them.
void prepareTestWindows();

}  // namespace sotto::app
