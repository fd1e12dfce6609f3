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
    const double end =
        m_list->property("originY").toDouble() + m_list->property("contentHeight").toDouble();
    const double contentY = m_list->property("contentY").toDouble();
    const Landmark* known = landmark();
    if (m_isAtEnd) {
        // Without its text it is another conversation.
        if (known == nullptr || end != m_end || m_list->height() != m_height) emit endMoved();
    } else if (known != nullptr && std::abs(contentY - m_contentY) < m_list->height()) {
        // Further away is another place, which was jumped to.
        const double moved = yOf(*known->text) - known->y;
        if (moved != 0) moveMessages(-moved);
    }
    m_end = end;
    m_height = m_list->height();
    m_contentY = m_list->property("contentY").toDouble();
    chooseLandmarks();
}

double ReadingPlace::yOf(const SelectedPart& text) const {
    return text.edit()->mapToItem(m_list->property("contentItem").value<QQuickItem*>(), {}).y();
}

// The best one that is still there, with the text that it had; null: none is.
const ReadingPlace::Landmark* ReadingPlace::landmark() const {
    const auto* content = m_list->property("contentItem").value<QQuickItem*>();
    for (const Landmark& known : m_landmarks)
        if (known.text != nullptr && content->isAncestorOf(known.text->edit()) &&
            known.text->start() == known.start)
            return &known;
    return nullptr;
}

void ReadingPlace::chooseLandmarks() {
    constexpr std::size_t kMost = 8;
    m_landmarks.clear();
    for (SelectedPart* text :
         m_selection->textsAt(m_list->mapToScene({}).y(), m_list->height(), kMost))
        m_landmarks.push_back({text, text->start(), yOf(*text)});
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
