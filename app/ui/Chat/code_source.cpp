#include "app/ui/Chat/code_source.h"

#include <QFontMetricsF>
#include <algorithm>

#include "app/chat/markdown_blocks.h"

namespace sotto::app {

void CodeSource::setStyle(TextStyle* style) {
    if (style == m_style) return;
    if (m_style != nullptr) m_style->disconnect(this);
    m_style = style;
    if (m_style != nullptr) connect(m_style, &TextStyle::restyled, this, &CodeSource::restyle);
    restyle();
}

void CodeSource::restyle() {
    if (m_style == nullptr) return;
    m_digitWidth = QFontMetricsF(m_style->font()).horizontalAdvance(u'0');
    emit shapeChanged();
    measure(0);
}

void CodeSource::takeBlock(const MarkdownBlock& block) {
    const QList<CodeLine>& lines = block.codeLines;
    const auto differs =
        std::mismatch(lines.cbegin(), lines.cend(), m_lines.cbegin(), m_lines.cend());
    if (differs.first == lines.cend() && differs.second == m_lines.cend()) return;
    const qsizetype first = differs.first - lines.cbegin();
    const qsizetype nBefore = m_lines.size();
    m_lines = lines;
    measure(first);
    emit partsChanged(static_cast<int>(first / kChunkLines),
                      static_cast<int>(std::max(nBefore, m_lines.size()) / kChunkLines));
}

double CodeSource::widthOf(const QString& line) const {
    // All of them are as wide in the font of code; others come from other fonts.
    const bool isAscii = std::all_of(line.cbegin(), line.cend(), [](QChar character) {
        return character.unicode() >= 32 && character.unicode() < 127;
    });
    if (isAscii) return static_cast<double>(line.size()) * m_digitWidth;
    const double tabs = static_cast<double>(line.count(u'\t')) * tabWidth();
    return QFontMetricsF(m_style->font()).horizontalAdvance(line) + tabs;
}

void CodeSource::measure(qsizetype firstLine) {
    if (m_style == nullptr) return;
    m_widths.resize(static_cast<std::size_t>(m_lines.size()));
    for (qsizetype line = firstLine; line < m_lines.size(); ++line)
        m_widths[static_cast<std::size_t>(line)] = widthOf(m_lines[line].text);
    const auto widest = std::max_element(m_widths.begin(), m_widths.end());
    m_textWidth = widest == m_widths.end() ? 0 : *widest;
    std::vector<double> sizes;
    for (qsizetype line = 0; line < m_lines.size(); line += kChunkLines)
        sizes.push_back(static_cast<double>(std::min(kChunkLines, m_lines.size() - line)) *
                        m_style->lineHeight());
    m_chunks.setSizes(sizes);
    emit textWidthChanged();
}

InlineText CodeSource::part(int part) const {
    InlineText shown;
    const qsizetype first = part * kChunkLines;
    const qsizetype end = std::min(m_lines.size(), first + kChunkLines);
    for (qsizetype index = first; index < end; ++index) {
        if (index > first) shown.text += u'\n';
        const auto start = static_cast<int>(shown.text.size());
        for (const CodeSpan& span : m_lines[index].spans)
            shown.spans.push_back(
                {start + span.start,
                 span.length,
                 static_cast<quint16>((static_cast<int>(span.kind) + 1) << ColourShift),
                 {}});
        shown.text += m_lines[index].text;
    }
    return shown;
}

int CodeSource::partStart(int part) const {
    const qsizetype end = std::min(m_lines.size(), part * kChunkLines);
    qsizetype start = 0;
    for (qsizetype line = 0; line < end; ++line) start += m_lines[line].text.size() + 1;
    return static_cast<int>(start);
}

}  // namespace sotto::app
