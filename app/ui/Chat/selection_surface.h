// SelectionSurface: lies below text and takes the presses that no control took: a press and a drag
// select, from one message to any other; beyond an edge the list is asked to scroll. Shift moves
// the end, two clicks take the word, three the paragraph. A click on a link opens it, the right
// button asks for a menu.
//
// The one below all messages has the list as its viewport and does and tells all this. A Flickable
// takes the presses inside it for itself, so that what scrolls sideways has a surface of its own,
// which passes on what it gets. GUI thread only.
#pragma once

#include <QElapsedTimer>
#include <QPointer>
#include <QQuickItem>
#include <QTimer>

#include "app/ui/Chat/text_selection.h"

namespace sotto::app {

class SelectionSurface : public QQuickItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::TextSelection* selection MEMBER m_selection WRITE setSelection NOTIFY
                   selectionChanged)
    Q_PROPERTY(QQuickItem* viewport MEMBER m_viewport WRITE setViewport NOTIFY viewportChanged)

public:
    explicit SelectionSurface(QQuickItem* parent = nullptr);

    void setSelection(TextSelection* selection);
    void setViewport(QQuickItem* viewport);

signals:
    void selectionChanged();
    void viewportChanged();
    void pressed();
    void scrollRequested(double distance);  // px
    // By the right button; at a point of the viewport. No link: empty.
    void menuRequested(int row, const QString& link, QPointF at);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseUngrabEvent() override;

private:
    SelectionSurface* main() const;
    void press(const QMouseEvent& event);
    void move(const QMouseEvent& event);
    void release(const QMouseEvent& event);
    void stop();
    void askForMenu(QPointF scenePoint);
    void moveEnd();
    void scroll();

    QPointer<TextSelection> m_selection;
    QPointer<QQuickItem> m_viewport;
    QPointF m_point;       // of the pointer, in the scene
    QPointF m_pressPoint;  // of the last press
    QElapsedTimer m_sincePress;
    int m_nClicks = 0;
    bool m_isDragging = false;
    QTimer m_scrolling;
};

}  // namespace sotto::app
