#include "app/compare/read_only_keys.h"

#include <QEvent>
#include <QVariant>

namespace sotto::app {

void ReadOnlyKeys::setArea(QQuickItem* area) {
    if (area == m_area) return;
    if (m_area) m_area->removeEventFilter(this);
    m_area = area;
    if (m_area) m_area->installEventFilter(this);
    emit areaChanged();
}

bool ReadOnlyKeys::eventFilter(QObject* watched, QEvent* event) {
    const bool isLeft =
        event->type() == QEvent::ShortcutOverride && watched->property("readOnly").toBool();
    if (isLeft) event->ignore();
    return isLeft;
}

}  // namespace sotto::app
