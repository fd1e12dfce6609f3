#include "app/ui/Chat/text_lines.h"

#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>

namespace sotto::app {

TextLines::TextLines(QObject* parent) : QObject(parent) {}

void TextLines::setDocument(QQuickTextDocument* document) {
    if (document == m_document) return;
    if (m_document != nullptr) m_document->textDocument()->disconnect(this);
    m_document = document;
    if (m_document != nullptr)
        connect(m_document->textDocument(), &QTextDocument::contentsChanged, this,
                &TextLines::apply);
    emit changed();
    apply();
}

void TextLines::setLineHeight(double pixels) {
    if (pixels == m_lineHeight) return;
    m_lineHeight = pixels;
    emit changed();
    apply();
}

void TextLines::apply() {
    if (m_document == nullptr || m_lineHeight <= 0 || m_isApplying) return;
    m_isApplying = true;
    QTextBlockFormat wanted;
    wanted.setLineHeight(m_lineHeight, QTextBlockFormat::FixedHeight);
    QTextDocument& document = *m_document->textDocument();
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        const QTextBlockFormat format = block.blockFormat();
        if (format.lineHeightType() == QTextBlockFormat::FixedHeight &&
            format.lineHeight() == m_lineHeight)
            continue;
        QTextCursor cursor(block);
        // Joined, so that it is no step of its own when typing is undone.
        cursor.joinPreviousEditBlock();
        cursor.mergeBlockFormat(wanted);
        cursor.endEditBlock();
    }
    m_isApplying = false;
}

}  // namespace sotto::app
