// UnattendedRun: drives the window without a person: one exchange with the demo model, a picture,
// the end.
//
// Made by main() for --screenshot and --smoke. Exit status: 0 all is well; 1 the picture is blank,
// cannot be written, or the model failed; 2 something was warned about on the way. GUI thread only.
#pragma once

#include <QObject>
#include <QQuickWindow>
#include <QTimer>

#include "app/app_facade.h"
#include "app/start_options.h"

namespace sotto::app {

class UnattendedRun : public QObject {
    Q_OBJECT

public:
    // `window` and `facade` must outlive it.
    UnattendedRun(const StartOptions& options, AppFacade& facade, QQuickWindow& window,
                  QObject* parent = nullptr);

    // Puts theme and language of the command line into the settings. Before the window is loaded.
    static void applyOptions(const StartOptions& options, AppFacade& facade);

private:
    void ask();
    void follow();
    void finish();
    void fail(const QString& sentence);

    StartOptions m_options;
    AppFacade& m_facade;
    QQuickWindow& m_window;
    QTimer m_deadline;
    bool m_isAsked = false;
    bool m_isFinishing = false;
};

}  // namespace sotto::app
