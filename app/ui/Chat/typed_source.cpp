#include "app/ui/Chat/typed_source.h"

#include <algorithm>

#include "app/ui/Chat/typed_code.h"

namespace sotto::app {

TypedSource::TypedSource(QObject* parent) : TextSource(parent) {}

double TypedSource::bytes() const { return static_cast<double>(m_text.toUtf8().size()); }

void TypedSource::setText(const QString& text) {
    if (text == m_text) return;
    // Chunks that another one follows have ended: what is appended changes only the last.
    qsizetype nKept = 0;
    if (!m_cuts.empty() && !m_isFolded && text.startsWith(m_text))
        nKept = static_cast<qsizetype>(m_cuts.size()) - 1;
    m_text = text;
    emit textChanged();
    cut(nKept);
}

void TypedSource::setStyle(TextStyle* style) {
    if (style == m_style) return;
    if (m_style != nullptr) m_style->disconnect(this);
    m_style = style;
    const auto take = [this] {
        if (m_meter.font() == m_style->font()) return;
        m_meter.setFont(m_style->font());
        cut(0);
    };
    if (m_style != nullptr) {
        connect(m_style, &TextStyle::restyled, this, take);
        m_meter.setFont(m_style->font());
    }
    emit shapeChanged();
    cut(0);
}

void TypedSource::setWidth(double width) {
    if (width == m_width) return;
    m_width = width;
    emit shapeChanged();
    if (m_isFolded || m_cuts.empty())
        cut(0);
    else
        measure(0);
}

void TypedSource::setFolded(bool isFolded) {
    if (isFolded == m_isFolded) return;
    m_isFolded = isFolded;
    emit shapeChanged();
    cut(0);
}

void TypedSource::setFoldedLines(int lines) {
    if (lines == m_foldedLines) return;
    m_foldedLines = lines;
    emit shapeChanged();
    cut(0);
}

void TypedSource::cut(qsizetype nKept) {
    if (m_style == nullptr || m_width <= 0) return;
    const qsizetype nBefore = static_cast<qsizetype>(m_cuts.size());
    m_cuts.resize(static_cast<std::size_t>(nKept));
    if (nKept == 0) {
        m_isLong = m_meter.lines(m_text, m_width, 2 * m_foldedLines + 1) > 2 * m_foldedLines;
    }
    qsizetype textEnd = m_text.size();
    if (m_isFolded && m_isLong) m_meter.lines(m_text, m_width, m_foldedLines, &textEnd);
    Chunk next;
    if (nKept > 0) {
        const Chunk& last = m_cuts.back();
        next.fence = last.fence;
        passFences(QStringView(m_text).mid(last.start, last.end - last.start), next.fence);
        next.start = last.end + (m_text[last.end] == u'\n' ? 1 : 0);
    }
    do {
        next.end = std::min(textEnd, next.start + kChunkSize);
        if (next.end < textEnd) {
            // At a line's end, else between words: a text without either is cut where it is.
            const QStringView ahead = QStringView(m_text).mid(next.start, 2 * kChunkSize);
            qsizetype border = ahead.indexOf(u'\n', kChunkSize);
            if (border < 0) border = ahead.lastIndexOf(u'\n');
            if (border < kChunkSize / 4) border = ahead.indexOf(u' ', kChunkSize);
            next.end = std::min(textEnd, next.start + (border > 0 ? border : kChunkSize));
        }
        m_cuts.push_back(next);
        passFences(QStringView(m_text).mid(next.start, next.end - next.start), next.fence);
        next.start = next.end + (next.end < textEnd && m_text[next.end] == u'\n' ? 1 : 0);
    } while (next.end < textEnd);
    measure(nKept);
    const auto nParts = static_cast<int>(std::max<qsizetype>(nBefore, m_cuts.size()));
    emit partsChanged(static_cast<int>(nKept), nParts);
    emit chunksChanged();
}

void TypedSource::measure(qsizetype first) {
    if (m_style == nullptr || m_width <= 0) return;
    std::vector<double> sizes(m_cuts.size());
    for (std::size_t index = 0; index < m_cuts.size(); ++index) {
        if (static_cast<qsizetype>(index) < first) {
            sizes[index] = m_chunks.size(static_cast<int>(index));
            continue;
        }
        const Chunk& chunk = m_cuts[index];
        const QStringView lines = QStringView(m_text).mid(chunk.start, chunk.end - chunk.start);
        sizes[index] = m_meter.lines(lines, m_width) * m_style->lineHeight();
    }
    m_chunks.setSizes(sizes);
    // The first tells how wide a short text is.
    if (m_chunks.rowCount() == 0) m_chunks.show(0, 1, 0);
}

InlineText TypedSource::part(int part) const {
    if (part < 0 || part >= static_cast<int>(m_cuts.size())) return {};
    const Chunk& chunk = m_cuts[static_cast<std::size_t>(part)];
    return typedCode(m_text.mid(chunk.start, chunk.end - chunk.start), chunk.fence);
}

int TypedSource::partStart(int part) const {
    if (part < 0 || part >= static_cast<int>(m_cuts.size())) return 0;
    return static_cast<int>(m_cuts[static_cast<std::size_t>(part)].start);
}

bool TypedSource::goesOn(int part) const {
    if (part <= 0 || part >= static_cast<int>(m_cuts.size())) return false;
    const auto at = static_cast<std::size_t>(part);
    return m_cuts[at].start == m_cuts[at - 1].end;
}

}  // namespace sotto::app
