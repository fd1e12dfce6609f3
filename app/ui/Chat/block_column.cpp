#include "app/ui/Chat/block_column.h"

#include <QAccessible>
#include <QQuickWindow>
#include <limits>

namespace sotto::app {

BlockColumn::BlockColumn(QQuickItem* parent) : QQuickItem(parent) {
    m_more.setSingleShot(true);
    m_more.setInterval(0);
    connect(&m_more, &QTimer::timeout, this, [this] { show(kMostMs); });
    connect(&m_rows, &NearBlocks::displaced, this, [this] {
        m_more.start();
        polish();
    });
}

void BlockColumn::setBlocks(BlockListModel* blocks) {
    if (blocks == m_rows.blocks()) return;
    m_rows.setBlocks(blocks);
    emit blocksChanged();
}

void BlockColumn::componentComplete() {
    QQuickItem::componentComplete();
    for (TextStyle* style : {m_textStyle.data(), m_codeStyle.data(), m_cellStyle.data()})
        connect(style, &TextStyle::restyled, this, &BlockColumn::restyle);
    restyle();
    m_rows.setWidth(width());
    if (m_rows.total() <= NearBlocks::kFew) show(0);
    takePlaces();
}

void BlockColumn::restyle() { m_rows.setStyles({m_textStyle, m_codeStyle, m_cellStyle}); }

void BlockColumn::itemChange(ItemChange change, const ItemChangeData& data) {
    if (change == ItemSceneChange) {
        disconnect(m_frames);
        disconnect(m_focus);
        if (data.window != nullptr) {
            // Whatever moved it ended in a frame.
            m_frames =
                connect(data.window, &QQuickWindow::afterAnimating, this, &BlockColumn::look);
            m_focus = connect(data.window, &QQuickWindow::activeFocusItemChanged, &m_more,
                              qOverload<>(&QTimer::start));
        }
    }
    if (change == ItemSceneChange || change == ItemVisibleHasChanged) {
        m_more.start();
        polish();
    }
    QQuickItem::itemChange(change, data);
}

void BlockColumn::geometryChange(const QRectF& now, const QRectF& before) {
    QQuickItem::geometryChange(now, before);
    if (now.width() != before.width() && isComponentComplete()) m_rows.setWidth(now.width());
}

QRectF BlockColumn::placeOf(int block) const {
    const ColumnSpan span = m_rows.spanOf(block);
    return {0, span.top, width(), span.bottom - span.top};
}

ColumnSpan BlockColumn::seen() const {
    const QRectF seen =
        mapRectFromItem(m_viewport, QRectF(0, 0, m_viewport->width(), m_viewport->height()));
    return {seen.top(), seen.bottom()};
}

void BlockColumn::look() {
    m_displacement = 0;
    QQuickItem* viewport = viewportItem();
    if (viewport != m_viewport) {
        if (m_viewport != nullptr) m_viewport->disconnect(this);
        m_viewport = viewport;
        // So that what comes into sight is there in the frame that shows it.
        if (m_viewport != nullptr && m_viewport->metaObject()->indexOfProperty("contentY") >= 0)
            connect(m_viewport, SIGNAL(contentYChanged()), this, SLOT(look()));
    }
    if (m_viewport == nullptr || !isVisible()) return;
    const ColumnSpan now = seen();
    if (now.top == m_seen.top && now.bottom == m_seen.bottom) return;
    m_seen = now;
    m_more.start();
    polish();
}

void BlockColumn::updatePolish() {
    if (m_viewport == nullptr) look();
    takePlaces();
    show(0);
    takePlaces();
}

void BlockColumn::takePlaces() {
    ColumnSpan seen;
    if (m_viewport != nullptr) seen = this->seen();
    const double end = m_rows.extent();
    const double top = seen.top + m_displacement;
    const bool isEndSeen = seen.bottom + m_displacement >= end;
    const int block = m_rows.blockAt(top);
    const ColumnSpan before = m_rows.spanOf(block);
    if (!m_rows.place()) return;
    const ColumnSpan now = m_rows.spanOf(block);
    if (isEndSeen)
        m_displacement += m_rows.extent() - end;
    else if (top > 0 && before.bottom > before.top)
        m_displacement +=
            now.top + (now.bottom - now.top) * (top - before.top) / (before.bottom - before.top) -
            top;
    setImplicitHeight(m_rows.extent());
}

void BlockColumn::show(double mostMs) {
    if (m_viewport == nullptr) {
        if (m_rows.total() > NearBlocks::kFew) return;
    } else if (!isVisible()) {
        return;
    }
    NearBlocks::Wish wish;
    if (m_viewport != nullptr) {
        const ColumnSpan seen = this->seen();
        const double height = seen.bottom - seen.top;
        const double y = seen.top + m_displacement;
        const auto around = [&](double viewports) {
            return ColumnSpan{y - viewports * height, y + (1 + viewports) * height};
        };
        constexpr double kAll = std::numeric_limits<double>::max();
        const bool areAll = QAccessible::isActive();
        wish.seen = around(0);
        wish.nearby = areAll ? ColumnSpan{-kAll, kAll} : around(kNear);
        wish.kept = areAll ? wish.nearby : around(kFar);
    }
    wish.focused = focusedBlock();
    wish.mostMs = mostMs;
    if (!m_rows.show(wish)) m_more.start();
}

int BlockColumn::focusedBlock() const {
    const QQuickItem* item = window() == nullptr ? nullptr : window()->activeFocusItem();
    if (item == nullptr || !isAncestorOf(item)) return -1;
    while (item->parentItem() != this) item = item->parentItem();
    return item->property("row").toInt();
}

}  // namespace sotto::app
