// ReadingPlace: keeps what is read of a conversation where it is when something above it becomes
// higher or lower: a block that has been made, a formula that has been set, another width.
//
// Lies in the list of messages. When all has been laid out and before the frame is drawn it looks
// at a text at the upper edge: if that has moved among the messages, they are
// all moved back. The list itself is not scrolled, which would end a flick. Who reads at the end is
// told instead. GUI thread only.
#pragma once

#include <QPointer>
#include <QQuickItem>
#include <vector>

#include "app/ui/Chat/selected_part.h"

namespace sotto::app {

class ReadingPlace : public QQuickItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickItem* list MEMBER m_list NOTIFY listChanged)  // the ListView of the messages
    // Whose parts are the texts of the conversation.
    Q_PROPERTY(sotto::app::TextSelection* selection MEMBER m_selection NOTIFY listChanged)
    Q_PROPERTY(bool isAtEnd MEMBER m_isAtEnd NOTIFY isAtEndChanged)  // the end is to stay in sight

public:
    explicit ReadingPlace(QQuickItem* parent = nullptr);

signals:
    void listChanged();
    void isAtEndChanged();
    void endMoved();  // or the viewport; the frame that shows it has not been drawn yet

protected:
    void itemChange(ItemChange change, const ItemChangeData& data) override;

private:
    void keep();
    void moveMessages(double distance);
    double yOf(const SelectedPart& text) const;  // px, among the messages

    QPointer<QQuickItem> m_list;
    QPointer<TextSelection> m_selection;
    bool m_isAtEnd = false;
    QMetaObject::Connection m_frames;
    // A text of the conversation that is looked at.
    struct Landmark {
        QPointer<SelectedPart> text;
        int start = 0;  // in its block
        double y = 0;   // px, among the messages
    };
    const Landmark* landmark() const;
    void chooseLandmarks();

    // Best first: the best one may be made anew, as the rows of a table are.
    std::vector<Landmark> m_landmarks;
    double m_contentY = 0;  // px, of the list, when they were chosen
    double m_end = 0;       // px, among the messages
    double m_height = 0;    // px, of the list
};

}  // namespace sotto::app
