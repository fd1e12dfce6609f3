#include "app/ui/Chat/text_underlay.h"

#include <QAbstractTextDocumentLayout>
#include <QFontMetricsF>
#include <QPainter>
#include <QTextBlock>
#include <QTextLayout>
#include <algorithm>
#include <cmath>

namespace sotto::app {
namespace {

constexpr double kChipRadius = 5;
constexpr double kFoundRadius = 3;

}  // namespace

TextUnderlay::TextUnderlay(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setAntialiasing(true);
    const auto repaint = [this] { update(); };
    connect(this, &TextUnderlay::placeChanged, this, repaint);
}

void TextUnderlay::setText(StyledDocument* text) {
    if (text == m_text) return;
    if (m_text != nullptr) m_text->disconnect(this);
    m_text = text;
    if (m_text != nullptr)
        connect(m_text, &StyledDocument::contentChanged, this, [this] { update(); });
    emit textChanged();
    update();
}

void TextUnderlay::setFound(SelectedPart* found) {
    if (found == m_found) return;
    if (m_found != nullptr) m_found->disconnect(this);
    m_found = found;
    if (m_found != nullptr)
        connect(m_found, &SelectedPart::foundChanged, this, [this] { update(); });
    emit textChanged();
    update();
}

QList<QRectF> TextUnderlay::rectangles(int start, int end, const QFont& font) const {
    QList<QRectF> found;
    const QTextDocument& document = *m_text->document()->textDocument();
    const QFontMetricsF metrics(font);
    for (QTextBlock block = document.findBlock(start); block.isValid() && block.position() < end;
         block = block.next()) {
        const QPointF origin = document.documentLayout()->blockBoundingRect(block).topLeft() +
                               QPointF(m_textX, m_textY);
        const QTextLayout& layout = *block.layout();
        for (int index = 0; index < layout.lineCount(); ++index) {
            const QTextLine line = layout.lineAt(index);
            const int from = std::max(start - block.position(), line.textStart());
            const int to = std::min(end - block.position(), line.textStart() + line.textLength());
            if (from >= to) continue;
            const double x = line.cursorToX(from);
            const double other = line.cursorToX(to);
            const double baseline = origin.y() + line.y() + line.ascent();
            found.push_back({origin.x() + std::min(x, other), baseline - metrics.ascent(),
                             std::abs(other - x), metrics.ascent() + metrics.descent()});
        }
    }
    return found;
}

void TextUnderlay::paint(QPainter* painter) {
    if (m_text == nullptr || m_text->document() == nullptr || m_text->style() == nullptr) return;
    const TextStyle& style = *m_text->style();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(style.chipColor());
    for (const CodeChip& chip : m_text->chips())
        for (const QRectF& place : rectangles(chip.start, chip.end, style.codeFont())) {
            // The space after the last character is the padding of that end.
            const QRectF field = place.adjusted(-TextStyle::kChipPadding, -1, 0, 1);
            painter->drawRoundedRect(field, kChipRadius, kChipRadius);
        }
    if (m_found != nullptr) paintFound(*painter);
    for (const InlineSpan& span : m_text->content().spans)
        if (span.styles & Formula) paintFormula(*painter, span);
}

void TextUnderlay::paintFound(QPainter& painter) const {
    for (const FoundWord& word : m_found->found()) {
        painter.setBrush(word.isCurrent ? m_currentColor : m_foundColor);
        for (const QRectF& place : rectangles(word.start, word.end, m_text->style()->font()))
            painter.drawRoundedRect(place.adjusted(-1, -1, 1, 1), kFoundRadius, kFoundRadius);
    }
}

bool TextUnderlay::isRightToLeft(int position) const {
    const QTextBlock block = m_text->document()->textDocument()->findBlock(position);
    const int at = position - block.position();
    const QTextLine line = block.layout()->lineForTextPosition(at);
    return line.isValid() && line.cursorToX(at) > line.cursorToX(at + 1);
}

HeldMarks TextUnderlay::marksBehind(int formula) const {
    const QList<HeldMarks>& all = m_text->heldMarks();
    const auto found = std::find_if(all.cbegin(), all.cend(), [formula](const HeldMarks& marks) {
        return marks.formula == formula;
    });
    return found == all.cend() ? HeldMarks() : *found;
}

void TextUnderlay::paintFormula(QPainter& painter, const InlineSpan& span) const {
    const TextStyle& style = *m_text->style();
    const QFontMetricsF metrics(style.codeFont());
    const bool isDisplay = span.styles & DisplayFormula;
    FormulaCache* formulas = style.formulas();
    const FormulaSize size =
        formulas == nullptr ? FormulaSize() : formulas->size(span.target, isDisplay);
    const double em = style.font().pixelSize();
    const HeldMarks marks = marksBehind(span.start);
    const bool isMirrored = isRightToLeft(span.start);
    for (const QRectF& place : rectangles(span.start, span.start + 1, style.codeFont())) {
        const double width = place.width() - marks.width;
        const double y = place.y() + metrics.ascent();
        const QPointF baseline(isMirrored ? place.x() + marks.width : place.x(), y);
        if (marks.length > 0) {
            painter.setPen(m_color);
            drawLine(painter, mid(m_text->content(), span.start + 1, marks.length), style,
                     QPointF(isMirrored ? place.x() : place.x() + width, y),
                     isMirrored ? Qt::RightToLeft : Qt::LeftToRight);
        }
        if (size.state == FormulaSize::Ready) {
            // Wider than a line it is set smaller, since a line cannot be scrolled.
            const double fit = std::min(1.0, width / std::max(1.0, size.width * em));
            formulas->paint(painter, span.target, isDisplay, baseline, fit * em, m_color);
            continue;
        }
        painter.setPen(m_color);
        painter.setFont(style.codeFont());
        painter.drawText(baseline, metrics.elidedText(span.target, Qt::ElideRight, width + 1));
    }
}

}  // namespace sotto::app
