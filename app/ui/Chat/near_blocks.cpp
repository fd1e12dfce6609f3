#include "app/ui/Chat/near_blocks.h"

#include <QAccessible>
#include <QQuickWindow>

namespace sotto::app {
namespace {

constexpr char kIsNear[] = "isNear";  // of a block

}  // namespace

NearBlocks::NearBlocks(QQuickItem* parent) : QQuickItem(parent) {}

void NearBlocks::itemChange(ItemChange change, const ItemChangeData& data) {
    if (change == ItemSceneChange) {
        disconnect(m_frames);
        if (data.window != nullptr)
            m_frames = connect(data.window, &QQuickWindow::afterAnimating, this, &NearBlocks::tell);
    }
    QQuickItem::itemChange(change, data);
}

void NearBlocks::tell() {
    QQuickItem* column = parentItem();
    QQuickItem* viewport = viewportItem();
    if (column == nullptr || viewport == nullptr || !isVisible()) return;
    const QRectF seen =
        column->mapRectFromItem(viewport, QRectF(0, 0, viewport->width(), viewport->height()));
    const double top = seen.top() - kMargin * seen.height();
    const double bottom = seen.bottom() + kMargin * seen.height();
    const bool areAll = QAccessible::isActive();
    const QList<QQuickItem*> blocks = column->childItems();
    for (QQuickItem* block : blocks) {
        const QVariant was = block->property(kIsNear);
        if (!was.isValid()) continue;  // no block
        const bool isNear = areAll || (block->y() + block->height() >= top && block->y() <= bottom);
        if (was.toBool() != isNear) block->setProperty(kIsNear, isNear);
    }
}

}  // namespace sotto::app
