#include "app/ui/Chat/chunk_area.h"

#include <QQuickWindow>

namespace sotto::app {

ChunkArea::ChunkArea(QQuickItem* parent) : QQuickItem(parent) { polish(); }

void ChunkArea::itemChange(ItemChange change, const ItemChangeData& data) {
    if (change == ItemSceneChange) {
        disconnect(m_frames);
        // Scrolling, resizing and growing all end in a frame, whoever causes them.
        if (data.window != nullptr)
            m_frames =
                connect(data.window, &QQuickWindow::afterAnimating, this, &ChunkArea::updatePolish);
        polish();
    }
    QQuickItem::itemChange(change, data);
}

void ChunkArea::updatePolish() {
    QQuickItem* viewport = viewportItem();
    if (m_chunks == nullptr || viewport == nullptr || !isVisible()) return;
    const QRectF seen =
        mapRectFromItem(viewport, QRectF(0, 0, viewport->width(), viewport->height()));
    m_chunks->show(seen.top() - seen.height(), seen.bottom() + seen.height());
}

}  // namespace sotto::app
