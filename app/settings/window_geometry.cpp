#include "app/settings/window_geometry.h"

#include <QEvent>
#include <QGuiApplication>
#include <QScreen>
#include <algorithm>

#include "app/settings/settings_controller.h"

namespace sotto::app {
namespace {

constexpr QSize kFirstSize{1440, 900};
constexpr QSize kLeastSize{960, 600};  // what the design is drawn for
// Room for the title bar above the window; the rectangles here are without frame.
constexpr int kTitleBar = 32;
// As much of the title bar as can be taken hold of.
constexpr QSize kHandle{120, 16};
constexpr int kSettleMs = 250;

// The title bar, or the window's own upper edge where there is none.
QRect upperEdgeOf(const QRect& window) {
    return {window.left(), window.top() - kTitleBar, window.width(), 2 * kTitleBar};
}

bool canBeGrasped(const QRect& window, const QRect& screen) {
    const QRect seen = upperEdgeOf(window).intersected(screen);
    return seen.width() >= std::min(kHandle.width(), window.width()) &&
           seen.height() >= kHandle.height();
}

qint64 areaOn(const QRect& window, const QRect& screen) {
    const QRect seen = window.intersected(screen);
    return qint64{seen.width()} * seen.height();
}

int distance(const QRect& window, const QRect& screen) {
    const QPoint between = window.center() - screen.center();
    return between.manhattanLength();
}

// What a window without its frame may take of a screen.
QRect roomOn(const QRect& screen) { return screen.adjusted(0, kTitleBar, 0, 0); }

QRect movedInto(const QRect& window, const QRect& room) {
    QRect moved(window.topLeft(), window.size().boundedTo(room.size()));
    moved.moveLeft(std::clamp(moved.left(), room.left(), room.right() + 1 - moved.width()));
    moved.moveTop(std::clamp(moved.top(), room.top(), room.bottom() + 1 - moved.height()));
    return moved;
}

const QRect* screenOf(const QRect& window, const QList<QRect>& screens) {
    const QRect* best = nullptr;
    for (const QRect& screen : screens)
        if (canBeGrasped(window, screen) &&
            (best == nullptr || areaOn(window, screen) > areaOn(window, *best)))
            best = &screen;
    return best;
}

QList<QRect> roomOfScreens() {
    QList<QRect> screens;
    for (const QScreen* screen : QGuiApplication::screens())
        screens.append(screen->availableGeometry());  // the primary is the first
    return screens;
}

void apply(const WindowPlacement& placement, QWindow& window) {
    window.setMinimumSize(placement.minimum);
    if (placement.normal.isValid()) window.setGeometry(placement.normal);
    if (placement.isMaximized) window.setWindowStates(Qt::WindowMaximized);
}

}  // namespace

WindowPlacement placeWindow(const QRect& stored, bool isMaximized, const QList<QRect>& screens) {
    WindowPlacement placement{stored, kLeastSize, isMaximized};
    const bool isKnown = stored.width() > 0 && stored.height() > 0;
    if (screens.isEmpty()) return placement;
    if (!isKnown) {
        const QRect room = roomOn(screens.front());
        placement.normal = QRect(QPoint(), kFirstSize.boundedTo(room.size()));
        placement.normal.moveCenter(room.center());
        placement.normal = movedInto(placement.normal, room);
        placement.minimum = kLeastSize.boundedTo(room.size());
        return placement;
    }
    const QRect* screen = screenOf(stored, screens);
    const bool isSeen = screen != nullptr;
    if (!isSeen)
        screen = &*std::min_element(screens.begin(), screens.end(),
                                    [&](const QRect& one, const QRect& other) {
                                        return distance(stored, one) < distance(stored, other);
                                    });
    const QRect room = roomOn(*screen);
    placement.minimum = kLeastSize.boundedTo(room.size());
    placement.normal.setSize(stored.size().expandedTo(placement.minimum).boundedTo(room.size()));
    // A window that hangs over an edge on purpose stays there.
    if (!isSeen || placement.normal.size() != stored.size())
        placement.normal = movedInto(placement.normal, room);
    return placement;
}

void placeWindow(QWindow& window) { apply(placeWindow({}, false, roomOfScreens()), window); }

WindowGeometry::WindowGeometry(QWindow& window, SettingsController& settings, QObject* parent)
    : QObject(parent), m_window(window), m_settings(settings) {
    const WindowPlacement placement =
        placeWindow(settings.windowGeometry(), settings.isWindowMaximized(), roomOfScreens());
    m_normal = placement.normal;
    apply(placement, m_window);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kSettleMs);
    connect(&m_pause, &QTimer::timeout, this, &WindowGeometry::follow);
    const auto wait = [this] { m_pause.start(); };
    connect(&m_window, &QWindow::xChanged, this, wait);
    connect(&m_window, &QWindow::yChanged, this, wait);
    connect(&m_window, &QWindow::widthChanged, this, wait);
    connect(&m_window, &QWindow::heightChanged, this, wait);
    m_window.installEventFilter(this);
    connect(qGuiApp, &QCoreApplication::aboutToQuit, this, &WindowGeometry::keep);
}

WindowGeometry::~WindowGeometry() = default;

bool WindowGeometry::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Close) keep();
    return QObject::eventFilter(watched, event);
}

void WindowGeometry::follow() {
    m_pause.stop();
    if (m_window.visibility() == QWindow::Windowed) m_normal = m_window.geometry();
}

void WindowGeometry::keep() {
    follow();
    m_settings.setWindowGeometry(m_normal);
    const Qt::WindowStates states = m_window.windowStates();
    // A window that was closed while it was minimized opens as it was before that.
    m_settings.setWindowMaximized(states.testFlag(Qt::WindowMaximized));
}

}  // namespace sotto::app
