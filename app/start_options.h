// What `sotto` is asked on its command line, and what must be in the environment before Qt starts.
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>

namespace sotto::app {

struct StartOptions {
    QString screenshot;     // --screenshot FILE.png: draw the window after one exchange, then end
    QSize size{1440, 900};  // --size WxH
    QString theme;          // --theme dark|light; empty: the setting
    QString language;       // --language en|zh_CN; empty: the setting
    QString scale;          // --scale F
    bool isSmoke = false;   // --smoke: show the window once, then end
    QString problem;        // a sentence when an option cannot be understood
    QString help;           // what --help prints; empty unless it was asked for
    bool isVersionAsked = false;

    bool isUnattended() const { return isSmoke || !screenshot.isEmpty(); }
};

StartOptions parseStartOptions(const QStringList& arguments);

// Chooses offscreen drawing and a scale for unattended runs; what the user has set is kept. Before
// QGuiApplication.
void prepareEnvironment(const StartOptions& options);

}  // namespace sotto::app
