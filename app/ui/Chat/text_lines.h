// TextLines: gives the text of a TextEdit the line height of its type role, which TextEdit cannot
// do.
//
// Qt puts the whole difference to the font's own height above each line; the item has to be moved
// up by half of it (RichText and PlainText do). Only the paragraphs of a change are looked at, and
// text that is typed or pasted takes the format of the paragraph it goes into, so that neither
// costs more than Qt's own work. GUI thread only.
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

    // Another text in the place of all there is: laid out once, and not to be undone, since it is
    // not what was typed.
    Q_INVOKABLE void showText(const QString& text);
    // The clipboard's text in the place of the characters [from, to). Unlike TextEdit's own pasting
    // it lays them out once, in the format of where they go.
    Q_INVOKABLE void paste(int from, int to);

signals:
    void changed();

private:
    void noteChange(int from, int removed, int added);
    void applyToAll();
    // To the paragraphs that have characters in [from, to].
    void apply(int from, int to);

    QPointer<QQuickTextDocument> m_document;
    double m_lineHeight = 0;
    int m_changedFrom = -1;  // characters, since the last time; -1: none
    int m_changedTo = -1;
    bool m_isApplying = false;
};

}  // namespace sotto::app
