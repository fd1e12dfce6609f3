// WindowGeometry: where the window stands, over starts: stored when it closes, and brought back to
// where it can be seen.
//
// Deciding is placeWindow(), a pure function of rectangles; the class applies it to a window, which
// must outlive it, as must the settings. GUI thread only.
#pragma once

#include <QList>
#include <QObject>
#include <QRect>
#include <QSize>
#include <QTimer>
#include <QWindow>

namespace sotto::app {

class SettingsController;

struct WindowPlacement {
    QRect normal;  // without frame; of a maximized window what it goes back to
    QSize minimum;
    bool isMaximized = false;
};

// `stored`: the normal rectangle of the last time, null when there is none. `screens`: what each
// screen leaves to windows, the primary first; empty changes nothing but the minimum. A rectangle
// whose upper edge cannot be reached with the mouse moves to the screen nearest to it; nothing is
// larger than its screen, not even the least size that the window wants.
WindowPlacement placeWindow(const QRect& stored, bool isMaximized, const QList<QRect>& screens);

// A window that keeps nothing of where it stood: as at a first start. Before it is shown.
void placeWindow(QWindow& window);

class WindowGeometry : public QObject {
    Q_OBJECT

public:
    // Places the window before it is shown.
    WindowGeometry(QWindow& window, SettingsController& settings, QObject* parent = nullptr);
    ~WindowGeometry() override;

    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void follow();
    void keep();

    QWindow& m_window;
    SettingsController& m_settings;
    QRect m_normal;
    QTimer m_pause;  // a window that is being maximized first changes its size, then its state
};

}  // namespace sotto::app
