// FormulaObject: the place that a formula takes in a line of text. It draws nothing: TextUnderlay
// does, since a text object's own drawing is not crisp on every scale.
//
// One for all documents of a thread; what it measures stands in the format. GUI thread only.
#pragma once

#include <QObject>
#include <QTextCharFormat>
#include <QTextObjectInterface>

#include "app/ui/Chat/text_style.h"

namespace sotto::app {

constexpr int kFormulaObject = QTextFormat::UserObject + 1;

// Of the one character that stands for a formula. `styles` are those of its span.
QTextCharFormat formulaFormat(const QString& tex, quint16 styles, const TextStyle& style);

// At the end of its place, px.
void addRoom(QTextCharFormat& format, double width);
QSizeF formulaSize(const QTextFormat& format);  // px
// Whether its line has to be higher than the others.
bool isTall(const QTextFormat& format, const TextStyle& style);

class FormulaObject : public QObject, public QTextObjectInterface {
    Q_OBJECT
    Q_INTERFACES(QTextObjectInterface)

public:
    using QObject::QObject;

    QSizeF intrinsicSize(QTextDocument* document, int position, const QTextFormat& format) override;
    void drawObject(QPainter* painter, const QRectF& place, QTextDocument* document, int position,
                    const QTextFormat& format) override;
};

}  // namespace sotto::app
