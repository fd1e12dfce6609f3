#include "app/ui/Chat/selection_surface.h"

#include <QGuiApplication>
#include <QMouseEvent>
#include <QStyleHints>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/Chat/selected_part.h"

namespace sotto::app {
namespace {

constexpr int kScrollMs = 16;
constexpr double kScrollShare = 0.25;  // of how far the pointer is beyond the edge, each time
constexpr double kLeastScroll = 2;     // px

}  // namespace

SelectionSurface::SelectionSurface(QQuickItem* parent) : QQuickItem(parent) {
    setAcceptedMouseButtons(Qt::LeftButton | Qt::RightButton);
    m_scrolling.setInterval(kScrollMs);
    connect(&m_scrolling, &QTimer::timeout, this, &SelectionSurface::scroll);
}

void SelectionSurface::setSelection(TextSelection* selection) {
    if (selection == m_selection) return;
    m_selection = selection;
    if (m_selection != nullptr && m_viewport != nullptr) m_selection->setSurface(this);
    emit selectionChanged();
}

void SelectionSurface::setViewport(QQuickItem* viewport) {
    if (viewport == m_viewport) return;
    m_viewport = viewport;
    if (m_selection != nullptr && m_viewport != nullptr) m_selection->setSurface(this);
    emit viewportChanged();
}

SelectionSurface* SelectionSurface::main() const {
    return m_selection == nullptr ? nullptr : m_selection->surface();
}

void SelectionSurface::mousePressEvent(QMouseEvent* event) {
    // A finger scrolls.
    if (main() == nullptr || event->source() != Qt::MouseEventNotSynthesized) {
        event->ignore();
        return;
    }
    setKeepMouseGrab(event->button() == Qt::LeftButton);
    main()->press(*event);
}

void SelectionSurface::mouseMoveEvent(QMouseEvent* event) {
    if (main() != nullptr && event->buttons() & Qt::LeftButton) main()->move(*event);
}

void SelectionSurface::mouseReleaseEvent(QMouseEvent* event) {
    if (main() != nullptr && event->button() == Qt::LeftButton) main()->release(*event);
    setKeepMouseGrab(false);
}

void SelectionSurface::mouseUngrabEvent() {
    if (main() != nullptr) main()->stop();
    setKeepMouseGrab(false);
}

void SelectionSurface::press(const QMouseEvent& event) {
    emit pressed();
    if (event.button() == Qt::RightButton) return askForMenu(event.scenePosition());
    m_point = event.scenePosition();
    const auto* hints = QGuiApplication::styleHints();
    const bool isSame = m_sincePress.isValid() &&
                        m_sincePress.elapsed() < hints->mouseDoubleClickInterval() &&
                        (m_point - m_pressPoint).manhattanLength() < hints->startDragDistance();
    m_nClicks = isSame ? m_nClicks % 3 + 1 : 1;
    m_pressPoint = m_point;
    m_sincePress.start();

    SelectedPart* part = m_selection->partAt(m_point, m_nClicks > 1);
    if (part == nullptr) return m_selection->clear();
    const TextPlace place = part->placeAt(m_point);
    if (event.modifiers() & Qt::ShiftModifier && m_selection->anchor().row >= 0) {
        m_selection->select(m_selection->anchor(), place);
        m_nClicks = 0;
    } else if (m_nClicks == 1) {
        m_selection->select(place, place);
    } else {
        const auto [from, to] = m_nClicks == 2 ? part->wordAt(place) : part->paragraphAt(place);
        m_selection->select(from, to);
    }
}

void SelectionSurface::askForMenu(QPointF scenePoint) {
    if (const SelectedPart* part = m_selection->partAt(scenePoint, false); part != nullptr)
        emit menuRequested(part->placeAt(scenePoint).row, part->linkAt(scenePoint),
                           m_viewport->mapFromScene(scenePoint));
}

void SelectionSurface::move(const QMouseEvent& event) {
    m_point = event.scenePosition();
    const int distance = QGuiApplication::styleHints()->startDragDistance();
    if (!m_isDragging && (m_point - m_pressPoint).manhattanLength() < distance / 2) return;
    m_isDragging = true;
    if (m_nClicks <= 1) moveEnd();
    const QPointF here = m_viewport->mapFromScene(m_point);
    if (here.y() < 0 || here.y() > m_viewport->height())
        m_scrolling.start();
    else
        m_scrolling.stop();
}

void SelectionSurface::moveEnd() {
    // Beyond an edge there is nothing to be seen: the end is at the edge.
    QPointF here = m_viewport->mapFromScene(m_point);
    here.setY(std::clamp(here.y(), 0.0, m_viewport->height()));
    const QPointF point = m_viewport->mapToScene(here);
    if (const SelectedPart* part = m_selection->partAt(point, false); part != nullptr)
        m_selection->select(m_selection->anchor(), part->placeAt(point));
}

void SelectionSurface::scroll() {
    const double y = m_viewport->mapFromScene(m_point).y();
    const double beyond = y < 0 ? y : y - m_viewport->height();
    const double step = std::max(kLeastScroll, std::abs(beyond) * kScrollShare);
    emit scrollRequested(beyond < 0 ? -step : step);
    moveEnd();
}

void SelectionSurface::release(const QMouseEvent& event) {
    m_scrolling.stop();
    if (std::exchange(m_isDragging, false) || !m_selection->isEmpty()) return;
    SelectedPart* part = m_selection->partAt(event.scenePosition(), true);
    if (part == nullptr) return;
    const QString link = part->linkAt(event.scenePosition());
    if (!link.isEmpty()) emit part->linkActivated(link);
}

void SelectionSurface::stop() {
    m_scrolling.stop();
    m_isDragging = false;
}

}  // namespace sotto::app
