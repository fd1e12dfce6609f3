// StyledDocument: fills the document of a TextEdit with one part of a TextSource, in the formats of
// a TextStyle.
//
// Only what differs is changed: text that grows is appended to, and what stays as it is costs a
// comparison. GUI thread only.
#pragma once

#include <QObject>
#include <QPointer>
#include <QQmlEngine>
#include <QQuickTextDocument>
#include <QTextBlockFormat>

#include "app/ui/Chat/formula_object.h"
#include "app/ui/Chat/styled_runs.h"
#include "app/ui/Chat/text_source.h"
#include "app/ui/Chat/text_style.h"

namespace sotto::app {

// Of each of its paragraphs. A line that a formula makes higher needs room.
QTextBlockFormat lineFormat(const TextStyle& style, bool hasTallLines);

class StyledDocument : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickTextDocument* document READ document WRITE setDocument NOTIFY shapeChanged)
    Q_PROPERTY(sotto::app::TextSource* source READ source WRITE setSource NOTIFY shapeChanged)
    Q_PROPERTY(int part MEMBER m_part WRITE setPart NOTIFY shapeChanged)
    Q_PROPERTY(sotto::app::TextStyle* style READ style WRITE setStyle NOTIFY shapeChanged)
    Q_PROPERTY(QString plainText READ plainText NOTIFY contentChanged)  // for screen readers
    // Inline code or formulas: what TextUnderlay draws.
    Q_PROPERTY(bool isDecorated READ isDecorated NOTIFY contentChanged)
    // A formula makes the first line higher than the style's lines.
    Q_PROPERTY(bool isFirstTall READ isFirstTall NOTIFY firstLineChanged)
    // px that the first baseline is lower than it would be without formulas.
    Q_PROPERTY(double firstDrop READ firstDrop NOTIFY firstLineChanged)

public:
    explicit StyledDocument(QObject* parent = nullptr);

    QQuickTextDocument* document() const { return m_document; }
    void setDocument(QQuickTextDocument* document);
    TextSource* source() const { return m_source; }
    void setSource(TextSource* source);
    int part() const { return m_part; }
    void setPart(int part);
    TextStyle* style() const { return m_style; }
    void setStyle(TextStyle* style);

    QString plainText() const;
    const QList<CodeChip>& chips() const { return m_chips; }
    const QList<HeldMarks>& heldMarks() const { return m_heldMarks; }
    const InlineText& content() const { return m_content; }
    bool isDecorated() const;
    bool isFirstTall() const { return m_isFirstTall; }
    double firstDrop() const { return m_firstDrop; }

signals:
    void shapeChanged();
    void contentChanged();
    void firstLineChanged();

private:
    void lookAtFirstLine();
    void refresh();
    void restyle();
    void show(QList<StyledRun> runs);
    void setLines();
    void takeFormula(const QString& tex);

    QPointer<QQuickTextDocument> m_document;
    QPointer<TextSource> m_source;
    QPointer<TextStyle> m_style;
    int m_part = 0;
    InlineText m_content;
    QList<StyledRun> m_shown;
    QList<CodeChip> m_chips;
    QList<HeldMarks> m_heldMarks;
    bool m_hasTallLines = false;
    bool m_isFirstTall = false;
    double m_firstDrop = 0;
    FormulaObject m_formulas;
};

}  // namespace sotto::app
