#include "app/ui/Chat/reading_place.h"

#include <QQuickWindow>
#include <cmath>

namespace sotto::app {

ReadingPlace::ReadingPlace(QQuickItem* parent) : QQuickItem(parent) {}

void ReadingPlace::itemChange(ItemChange change, const ItemChangeData& data) {
    if (change == ItemSceneChange) {
        disconnect(m_frames);
        if (data.window != nullptr)
            m_frames =
                connect(data.window, &QQuickWindow::afterAnimating, this, &ReadingPlace::keep);
    }
    QQuickItem::itemChange(change, data);
}

void ReadingPlace::keep() {
    if (m_list == nullptr || m_selection == nullptr || !m_list->isVisible()) return;
    const auto* content = m_list->property("contentItem").value<QQuickItem*>();
    const double end =
        m_list->property("originY").toDouble() + m_list->property("contentHeight").toDouble();
    const double contentY = m_list->property("contentY").toDouble();
    const bool isThere = m_text != nullptr && content->isAncestorOf(m_text->edit());
    if (m_isAtEnd) {
        // Without its text it is another conversation.
        if (!isThere || end != m_end || m_list->height() != m_height) emit endMoved();
    } else if (isThere && m_text->start() == m_textStart &&
               std::abs(contentY - m_contentY) < m_list->height()) {
        // Further away is another place, which was jumped to; another start is another text.
        const double moved = m_text->edit()->mapToItem(content, {}).y() - m_textY;
        if (moved != 0) moveMessages(-moved);
    }
    m_end = end;
    m_height = m_list->height();
    m_contentY = m_list->property("contentY").toDouble();
    m_text = m_selection->textAt(m_list->mapToScene({}).y(), m_list->height());
    if (m_text == nullptr) return;
    m_textStart = m_text->start();
    m_textY = m_text->edit()->mapToItem(content, {}).y();
}

void ReadingPlace::moveMessages(double distance) {
    const int nMessages = m_list->property("count").toInt();
    for (int row = 0; row < nMessages; ++row) {
        QQuickItem* message = nullptr;
        QMetaObject::invokeMethod(m_list, "itemAtIndex", Q_RETURN_ARG(QQuickItem*, message),
                                  Q_ARG(int, row));
        if (message != nullptr) message->setY(message->y() + distance);
    }
    m_list->polish();  // its extents follow from them
}

}  // namespace sotto::app
