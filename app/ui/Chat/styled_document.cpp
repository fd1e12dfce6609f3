#include "app/ui/Chat/styled_document.h"

#include <QAbstractTextDocumentLayout>
#include <QFontMetricsF>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextLayout>
#include <algorithm>
#include <utility>

namespace sotto::app {

QTextBlockFormat lineFormat(const TextStyle& style, bool hasTallLines) {
    QTextBlockFormat lines;
    lines.setLineHeight(style.lineHeight(), hasTallLines ? QTextBlockFormat::MinimumHeight
                                                         : QTextBlockFormat::FixedHeight);
    return lines;
}

StyledDocument::StyledDocument(QObject* parent) : QObject(parent) {}

void StyledDocument::setDocument(QQuickTextDocument* document) {
    if (document == m_document) return;
    m_document = document;
    m_shown.clear();
    if (m_document != nullptr) {
        m_document->textDocument()->setUndoRedoEnabled(false);
        QAbstractTextDocumentLayout* layout = m_document->textDocument()->documentLayout();
        layout->registerHandler(kFormulaObject, &m_formulas);
        connect(layout, &QAbstractTextDocumentLayout::documentSizeChanged, this,
                &StyledDocument::lookAtFirstLine);
    }
    emit shapeChanged();
    restyle();
}

void StyledDocument::setSource(TextSource* source) {
    if (source == m_source) return;
    if (m_source != nullptr) m_source->disconnect(this);
    m_source = source;
    if (m_source != nullptr)
        connect(m_source, &TextSource::partsChanged, this, [this](int first, int last) {
            if (m_part >= first && m_part <= last) refresh();
        });
    emit shapeChanged();
    refresh();
}

void StyledDocument::setPart(int part) {
    if (part == m_part) return;
    m_part = part;
    emit shapeChanged();
    refresh();
}

void StyledDocument::setStyle(TextStyle* style) {
    if (style == m_style) return;
    if (m_style != nullptr) m_style->disconnect(this);
    m_style = style;
    if (m_style != nullptr) {
        connect(m_style, &TextStyle::restyled, this, &StyledDocument::restyle);
        connect(m_style, &TextStyle::formulaChanged, this, &StyledDocument::takeFormula);
    }
    emit shapeChanged();
    restyle();
}

QString StyledDocument::plainText() const {
    return m_style == nullptr ? sotto::app::plainText(m_content) : spokenText(m_content, *m_style);
}

void StyledDocument::takeFormula(const QString& tex) {
    const auto& spans = m_content.spans;
    if (std::any_of(spans.cbegin(), spans.cend(), [&tex](const InlineSpan& span) {
            return span.styles & Formula && span.target == tex;
        }))
        refresh();
}

bool StyledDocument::isDecorated() const {
    return !m_chips.isEmpty() || m_content.text.contains(QChar::ObjectReplacementCharacter);
}

void StyledDocument::refresh() {
    if (m_document == nullptr || m_source == nullptr || m_style == nullptr) return;
    m_content = m_source->part(m_part);
    StyledRuns styled = styledRuns(m_content, *m_style);
    m_chips = std::move(styled.chips);
    m_heldMarks = std::move(styled.held);
    const bool hasTallLines =
        std::any_of(styled.runs.cbegin(), styled.runs.cend(),
                    [this](const StyledRun& run) { return isTall(run.format, *m_style); });
    if (std::exchange(m_hasTallLines, hasTallLines) != hasTallLines) setLines();
    show(std::move(styled.runs));
    emit contentChanged();
    lookAtFirstLine();
}

void StyledDocument::lookAtFirstLine() {
    if (m_document == nullptr || m_style == nullptr) return;
    bool isTall = false;
    double drop = 0;
    const QTextLayout& layout = *m_document->textDocument()->firstBlock().layout();
    if (m_content.text.contains(QChar::ObjectReplacementCharacter) && layout.lineCount() > 0) {
        const QTextLine line = layout.lineAt(0);
        const double usual = m_style->lineHeight() - QFontMetricsF(m_style->font()).descent();
        isTall = line.height() > m_style->lineHeight();
        drop = line.y() + line.ascent() - usual;
    }
    if (isTall == m_isFirstTall && drop == m_firstDrop) return;
    m_isFirstTall = isTall;
    m_firstDrop = drop;
    emit firstLineChanged();
}

void StyledDocument::restyle() {
    if (m_document == nullptr || m_source == nullptr || m_style == nullptr) return;
    setLines();
    refresh();
}

// Every paragraph that is inserted takes the format of the one before it, so the first is enough
// while there is no other.
void StyledDocument::setLines() {
    QTextCursor cursor(m_document->textDocument());
    cursor.select(QTextCursor::Document);
    const QTextBlockFormat lines = lineFormat(*m_style, m_hasTallLines);
    if (cursor.blockFormat() != lines) cursor.setBlockFormat(lines);
}

void StyledDocument::show(QList<StyledRun> runs) {
    qsizetype nSame = 0;
    int position = 0;
    while (nSame < runs.size() && nSame < m_shown.size() && runs[nSame] == m_shown[nSame])
        position += static_cast<int>(runs[nSame++].text.size());
    if (nSame == runs.size() && nSame == m_shown.size()) return;
    QString first = nSame < runs.size() ? runs[nSame].text : QString();
    if (nSame < runs.size() && nSame < m_shown.size() &&
        runs[nSame].format == m_shown[nSame].format) {
        const QString& old = m_shown[nSame].text;
        const auto differs = std::mismatch(first.cbegin(), first.cend(), old.cbegin(), old.cend());
        const int nCommon = static_cast<int>(differs.first - first.cbegin());
        position += nCommon;
        first.remove(0, nCommon);
    }
    QTextCursor cursor(m_document->textDocument());
    cursor.beginEditBlock();
    cursor.setPosition(position);
    cursor.movePosition(QTextCursor::End, QTextCursor::KeepAnchor);
    cursor.removeSelectedText();
    for (qsizetype run = nSame; run < runs.size(); ++run)
        cursor.insertText(run == nSame ? first : runs[run].text, runs[run].format);
    cursor.endEditBlock();
    m_shown = std::move(runs);
}

}  // namespace sotto::app
