// SelectedPart: one TextEdit's share of a TextSelection: paints what is selected of it, knows where
// in it the words stand that are looked for, and says which place a point is. GUI thread only.
#pragma once

#include <QPointer>
#include <QQmlEngine>
#include <QQuickItem>

#include "app/ui/Chat/styled_document.h"
#include "app/ui/Chat/text_selection.h"

namespace sotto::app {

// A word that is looked for, in UTF-16 units of the part.
struct FoundWord {
    int start = 0;
    int end = 0;
    bool isCurrent = false;

    bool operator==(const FoundWord&) const = default;
};

class SelectedPart : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(
        sotto::app::TextSelection* selection READ selection WRITE setSelection NOTIFY placeChanged)
    Q_PROPERTY(QQuickItem* edit MEMBER m_edit WRITE setEdit NOTIFY placeChanged)  // a TextEdit
    Q_PROPERTY(sotto::app::StyledDocument* text READ text WRITE setText NOTIFY placeChanged)
    Q_PROPERTY(int row MEMBER m_row NOTIFY placeChanged)  // of the message
    // Of the message. Words are looked for in those that have one, not in what was thought.
    Q_PROPERTY(int block MEMBER m_block NOTIFY placeChanged)
    Q_PROPERTY(bool hasFound READ hasFound NOTIFY foundChanged)

public:
    explicit SelectedPart(QObject* parent = nullptr);
    ~SelectedPart() override;

    TextSelection* selection() const { return m_selection; }
    void setSelection(TextSelection* selection);
    QQuickItem* edit() const { return m_edit; }
    void setEdit(QQuickItem* edit);
    StyledDocument* text() const { return m_text; }
    void setText(StyledDocument* text);

    const QList<FoundWord>& found() const { return m_found; }
    bool hasFound() const { return !m_found.isEmpty(); }

    // Of the word that is looked at, in `item`; empty: it is in another part.
    QRectF currentWordIn(const QQuickItem* item) const;
    // What scrolls sideways around this part does so, until that word is in sight.
    void showCurrentWordSideways() const;

    QRectF sceneRect() const;  // empty: not to be seen
    int start() const;         // where it begins in its block
    TextPlace placeAt(QPointF scenePoint) const;
    QString linkAt(QPointF scenePoint) const;
    // Around a place in this part: the word; the line of code or the whole paragraph.
    std::pair<TextPlace, TextPlace> wordAt(const TextPlace& place) const;
    std::pair<TextPlace, TextPlace> paragraphAt(const TextPlace& place) const;

    bool eventFilter(QObject* watched, QEvent* event) override;

signals:
    void placeChanged();
    void foundChanged();
    void linkActivated(const QString& link);

private:
    void show();
    void takeHits();
    void find();

    QPointer<TextSelection> m_selection;
    QPointer<QQuickItem> m_edit;
    QPointer<StyledDocument> m_text;
    QPointer<FindHits> m_hits;
    QList<FoundWord> m_found;
    int m_row = -1;
    int m_block = 0;
};

}  // namespace sotto::app
