#include "app/system/message_handler.h"

#include <QByteArray>
#include <QString>
#include <atomic>
#include <cstdio>

namespace sotto::app {

namespace {

// The one piece of global state: Qt's handler is a plain function without a context.
std::atomic<int> g_warnings{0};

// Harmless and not ours: fonts without tables for a script that a fallback draws, the runtime
// folder of a session without a login, the offscreen platform, which knows no raising of windows,
// and the script engine, which does not like how KaTeX orders its variables.
constexpr const char* kHarmless[] = {
    "OpenType support missing for", "XDG_RUNTIME_DIR not set", "This plugin does not support raise",
    "This plugin does not support propagateSizeHints", "is used before its declaration at"};

void handleMessage(QtMsgType type, const QMessageLogContext& context, const QString& message) {
    for (const char* harmless : kHarmless) {
        if (message.contains(QLatin1String(harmless))) return;
    }
    if (type == QtWarningMsg || type == QtCriticalMsg || type == QtFatalMsg) ++g_warnings;
    const QByteArray line = qFormatLogMessage(type, context, message).toUtf8();
    std::fprintf(stderr, "%s\n", line.constData());
}

}  // namespace

void installMessageHandler() { qInstallMessageHandler(handleMessage); }

int warningCount() { return g_warnings; }

}  // namespace sotto::app
