// TextLines: gives the text of a TextEdit the line height of its type role, which TextEdit cannot
// do.
//
// Qt puts the whole difference to the font's own height above each line; the item has to be moved
// up by half of it (RichText and PlainText do). Only blocks without the format are touched, so
// typing costs nothing. GUI thread only.
#pragma once

#include <QObject>
#include <QPointer>
#include <QQmlEngine>
#include <QQuickTextDocument>

namespace sotto::app {

class TextLines : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickTextDocument* document READ document WRITE setDocument NOTIFY changed)
    Q_PROPERTY(double lineHeight READ lineHeight WRITE setLineHeight NOTIFY changed)  // px

public:
    explicit TextLines(QObject* parent = nullptr);

    QQuickTextDocument* document() const { return m_document; }
    void setDocument(QQuickTextDocument* document);
    double lineHeight() const { return m_lineHeight; }
    void setLineHeight(double pixels);

signals:
    void changed();

private:
    void apply();

    QPointer<QQuickTextDocument> m_document;
    double m_lineHeight = 0;
    bool m_isApplying = false;
};

}  // namespace sotto::app
