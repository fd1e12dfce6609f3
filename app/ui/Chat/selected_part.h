// SelectedPart: one TextEdit's share of a TextSelection: paints what is selected of it, and says
// which place a point is. GUI thread only.
#pragma once

#include <QPointer>
#include <QQmlEngine>
#include <QQuickItem>

#include "app/ui/Chat/styled_document.h"
#include "app/ui/Chat/text_selection.h"

namespace sotto::app {

class SelectedPart : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(
        sotto::app::TextSelection* selection READ selection WRITE setSelection NOTIFY placeChanged)
    Q_PROPERTY(QQuickItem* edit MEMBER m_edit WRITE setEdit NOTIFY placeChanged)  // a TextEdit
    Q_PROPERTY(sotto::app::StyledDocument* text READ text WRITE setText NOTIFY placeChanged)
    Q_PROPERTY(int row MEMBER m_row NOTIFY placeChanged)      // of the message
    Q_PROPERTY(int block MEMBER m_block NOTIFY placeChanged)  // of the message

public:
    explicit SelectedPart(QObject* parent = nullptr);
    ~SelectedPart() override;

    TextSelection* selection() const { return m_selection; }
    void setSelection(TextSelection* selection);
    void setEdit(QQuickItem* edit);
    StyledDocument* text() const { return m_text; }
    void setText(StyledDocument* text);

    QRectF sceneRect() const;  // empty: not to be seen
    TextPlace placeAt(QPointF scenePoint) const;
    QString linkAt(QPointF scenePoint) const;
    // Around a place in this part: the word; the line of code or the whole paragraph.
    std::pair<TextPlace, TextPlace> wordAt(const TextPlace& place) const;
    std::pair<TextPlace, TextPlace> paragraphAt(const TextPlace& place) const;

    bool eventFilter(QObject* watched, QEvent* event) override;

signals:
    void placeChanged();
    void linkActivated(const QString& link);

private:
    void show();
    int start() const;
    std::pair<TextPlace, TextPlace> around(const TextPlace& place,
                                           QTextCursor::SelectionType type) const;

    QPointer<TextSelection> m_selection;
    QPointer<QQuickItem> m_edit;
    QPointer<StyledDocument> m_text;
    int m_row = -1;
    int m_block = 0;
};

}  // namespace sotto::app
