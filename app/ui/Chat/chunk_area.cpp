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
    if (m_chunks == nullptr || !isVisible()) return;
    QQuickItem* viewport = viewportItem();
    if (viewport == nullptr) return;
    const QRectF seen =
        mapRectFromItem(viewport, QRectF(0, 0, viewport->width(), viewport->height()));
    // The rest with the next frame.
    if (m_chunks->show(seen.top(), seen.bottom(), seen.height()) && window() != nullptr)
        window()->update();
}

}  // namespace sotto::app
