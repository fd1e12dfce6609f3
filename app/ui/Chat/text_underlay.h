// TextUnderlay: what lies below the text of a TextEdit: the rounded fields of inline code, the
// words that are looked for, and formulas, with the marks behind them, in the places that
// FormulaObject keeps for them.
//
// One item for each TextEdit that has any; it covers the edit and a little more. GUI thread only.
#pragma once

#include <QPointer>
#include <QQuickPaintedItem>

#include "app/ui/Chat/selected_part.h"
#include "app/ui/Chat/styled_document.h"

namespace sotto::app {

class TextUnderlay : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::StyledDocument* text READ text WRITE setText NOTIFY textChanged)
    Q_PROPERTY(sotto::app::SelectedPart* found READ found WRITE setFound NOTIFY textChanged)
    Q_PROPERTY(QColor foundColor MEMBER m_foundColor NOTIFY placeChanged)
    Q_PROPERTY(QColor currentColor MEMBER m_currentColor NOTIFY placeChanged)  // looked at
    Q_PROPERTY(QColor color MEMBER m_color NOTIFY placeChanged)                // of formulas
    // Of the document in this item, px.
    Q_PROPERTY(double textX MEMBER m_textX NOTIFY placeChanged)
    Q_PROPERTY(double textY MEMBER m_textY NOTIFY placeChanged)

public:
    explicit TextUnderlay(QQuickItem* parent = nullptr);

    StyledDocument* text() const { return m_text; }
    void setText(StyledDocument* text);
    SelectedPart* found() const { return m_found; }
    void setFound(SelectedPart* found);

    void paint(QPainter* painter) override;

signals:
    void textChanged();
    void placeChanged();

private:
    // The rectangles that the characters [start, end) take, line by line, from ascent to descent of
    // `font` around the baseline.
    QList<QRectF> rectangles(int start, int end, const QFont& font) const;
    void paintFound(QPainter& painter) const;
    bool isRightToLeft(int position) const;
    HeldMarks marksBehind(int formula) const;
    void paintFormula(QPainter& painter, const InlineSpan& span) const;

    QPointer<StyledDocument> m_text;
    QPointer<SelectedPart> m_found;
    QColor m_foundColor;
    QColor m_currentColor;
    QColor m_color;
    double m_textX = 0;
    double m_textY = 0;
};

}  // namespace sotto::app
