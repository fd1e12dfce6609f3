// KaTeX in Qt's script engine: TeX in, its tree as JSON or a spoken sentence out. The scripts come
// from the program's resources and are loaded at the first call (75 ms). They get no globals
// besides the language's own: no files, no network, no timers, no Qt. Belongs to the thread that
// makes it.
#pragma once

#include <QByteArray>
#include <QJSValue>
#include <QString>
#include <chrono>
#include <memory>
#include <optional>

#include "app/formula/script_watchdog.h"

class QJSEngine;

namespace sotto::app {

class KatexEngine {
public:
    // A formula that takes longer is given up, and the engine begins anew at the next one.
    static constexpr std::chrono::milliseconds kLimit{200};
    // UTF-8 bytes of source.
    static constexpr qsizetype kMaxSource = 4096;
    // What a formula of that size can sensibly become; more is not laid out.
    static constexpr qsizetype kMaxTree = 2 * 1024 * 1024;

    // Whether the build had KaTeX's packages.
    static bool isBuiltIn();

    KatexEngine();
    ~KatexEngine();

    // Nothing: KaTeX refuses the source, it is too long, or it took too long.
    std::optional<QByteArray> tree(const QString& tex, bool isDisplay);
    // Nothing: as above, or there is something in it that KaTeX cannot speak (matrices).
    std::optional<QString> spoken(const QString& tex, bool isDisplay);

    // How often kLimit ended a formula.
    int interruptions() const { return m_interruptions; }

    // What the scripts can reach by name; for the test that there is nothing but the language.
    QStringList globalNames();

private:
    bool load();
    std::optional<QString> call(QJSValue& function, const QString& tex, bool isDisplay);

    std::unique_ptr<QJSEngine> m_engine;
    QJSValue m_tree;
    QJSValue m_spoken;
    int m_interruptions = 0;
    ScriptWatchdog m_watchdog;
};

}  // namespace sotto::app
