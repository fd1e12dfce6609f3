#include "app/ui/Chat/text_lines.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QQuickItem>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <algorithm>

namespace sotto::app {

TextLines::TextLines(QObject* parent) : QObject(parent) {}

void TextLines::setDocument(QQuickTextDocument* document) {
    if (document == m_document) return;
    if (m_document != nullptr) m_document->textDocument()->disconnect(this);
    m_document = document;
    if (m_document != nullptr) {
        // Only what is seen is drawn. TextEdit asks for it itself where `text` is set to something
        // long, but not where it is typed, pasted or inserted.
        if (auto* item = qobject_cast<QQuickItem*>(m_document->parent()))
            item->setFlag(QQuickItem::ItemObservesViewport);
        const QTextDocument* text = m_document->textDocument();
        connect(text, &QTextDocument::contentsChange, this, &TextLines::noteChange);
        // A change may be answered by another one only after all have seen it.
        connect(text, &QTextDocument::contentsChanged, this, [this] {
            if (m_changedFrom >= 0) apply(m_changedFrom, m_changedTo);
        });
    }
    emit changed();
    applyToAll();
}

void TextLines::setLineHeight(double pixels) {
    if (pixels == m_lineHeight) return;
    m_lineHeight = pixels;
    emit changed();
    applyToAll();
}

void TextLines::showText(const QString& text) {
    if (m_document == nullptr) return;
    QTextDocument& document = *m_document->textDocument();
    document.setUndoRedoEnabled(false);
    QTextCursor cursor(&document);
    // Inserted rather than set, so that its paragraphs are made with the format of the first.
    cursor.select(QTextCursor::Document);
    cursor.insertText(text);
    document.setUndoRedoEnabled(true);
}

void TextLines::paste(int from, int to) {
    const QString text = QGuiApplication::clipboard()->text();
    if (m_document == nullptr || text.isEmpty()) return;
    QTextCursor cursor(m_document->textDocument());
    cursor.setPosition(from);
    cursor.setPosition(to, QTextCursor::KeepAnchor);
    cursor.insertText(text);
}

void TextLines::noteChange(int from, int, int added) {
    if (m_isApplying) return;
    m_changedFrom = m_changedFrom < 0 ? from : std::min(m_changedFrom, from);
    m_changedTo = std::max(m_changedTo, from + added);
}

void TextLines::applyToAll() {
    if (m_document == nullptr) return;
    apply(0, m_document->textDocument()->characterCount());
}

void TextLines::apply(int from, int to) {
    m_changedFrom = m_changedTo = -1;
    if (m_document == nullptr || m_lineHeight <= 0 || m_isApplying) return;
    QTextDocument& document = *m_document->textDocument();
    const auto isRight = [this](const QTextBlock& block) {
        const QTextBlockFormat format = block.blockFormat();
        return format.lineHeightType() == QTextBlockFormat::FixedHeight &&
               format.lineHeight() == m_lineHeight;
    };
    QTextBlock first = document.findBlock(from);
    while (first.isValid() && first.position() <= to && isRight(first)) first = first.next();
    if (!first.isValid() || first.position() > to) return;
    QTextBlock last = document.findBlock(to);
    if (!last.isValid()) last = document.lastBlock();
    m_isApplying = true;
    QTextBlockFormat wanted;
    wanted.setLineHeight(m_lineHeight, QTextBlockFormat::FixedHeight);
    QTextCursor cursor(first);
    // All of them at once, since every change is laid out and told. Joined, so that it is no step
    // of its own when typing is undone.
    cursor.joinPreviousEditBlock();
    cursor.setPosition(last.position(), QTextCursor::KeepAnchor);
    cursor.mergeBlockFormat(wanted);
    cursor.endEditBlock();
    m_isApplying = false;
}

}  // namespace sotto::app
