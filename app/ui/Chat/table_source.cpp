#include "app/ui/Chat/table_source.h"

#include <algorithm>
#include <cmath>

#include "app/chat/markdown_blocks.h"
#include "app/ui/Chat/styled_runs.h"

namespace sotto::app {

void TableSource::setStyle(TextStyle* style) {
    if (style == m_style) return;
    if (m_style != nullptr) m_style->disconnect(this);
    m_style = style;
    if (m_style != nullptr) {
        connect(m_style, &TextStyle::restyled, this, &TableSource::remeasure);
        connect(m_style, &TextStyle::formulaChanged, this, &TableSource::takeFormula);
    }
    emit shapeChanged();
    remeasure();
}

void TableSource::setHeaderStyle(TextStyle* style) {
    if (style == m_headerStyle) return;
    if (m_headerStyle != nullptr) m_headerStyle->disconnect(this);
    m_headerStyle = style;
    if (m_headerStyle != nullptr)
        connect(m_headerStyle, &TextStyle::restyled, this, &TableSource::remeasure);
    emit shapeChanged();
    remeasure();
}

void TableSource::remeasure() { measure(0); }

void TableSource::takeFormula(const QString& tex) {
    for (qsizetype cell = 0; cell < m_cells.size(); ++cell)
        for (const InlineSpan& span : std::as_const(m_cells[cell].spans))
            if (span.styles & Formula && span.target == tex) return measure(cell);
}

TextStyle& TableSource::styleOf(qsizetype cell) const {
    return cell < m_columns ? *m_headerStyle : *m_style;
}

void TableSource::takeBlock(const MarkdownBlock& block) {
    const auto differs =
        std::mismatch(block.cells.cbegin(), block.cells.cend(), m_cells.cbegin(), m_cells.cend());
    const bool isReshaped = block.columns != m_columns || block.isRightToLeft != m_isRightToLeft;
    if (differs.first == block.cells.cend() && differs.second == m_cells.cend() && !isReshaped)
        return;
    const qsizetype first = isReshaped ? 0 : differs.first - block.cells.cbegin();
    const qsizetype nBefore = m_cells.size();
    m_cells = block.cells;
    m_columns = block.columns;
    m_isRightToLeft = block.isRightToLeft;
    measure(first);
    emit partsChanged(static_cast<int>(first), static_cast<int>(std::max(nBefore, m_cells.size())));
}

void TableSource::measure(qsizetype firstCell) {
    if (m_style == nullptr || m_headerStyle == nullptr || m_columns <= 0) return;
    m_widths.resize(static_cast<std::size_t>(m_cells.size()));
    for (qsizetype cell = firstCell; cell < m_cells.size(); ++cell)
        m_widths[static_cast<std::size_t>(cell)] =
            std::ceil(naturalWidth(m_cells[cell], styleOf(cell))) + 1;
    std::vector<double> columns(static_cast<std::size_t>(m_columns), 0);
    for (std::size_t cell = 0; cell < m_widths.size(); ++cell) {
        double& column = columns[cell % columns.size()];
        column = std::max(column, std::min(m_widths[cell], kMostWidth));
    }
    m_lefts.assign(1, 0);
    for (const double column : columns) m_lefts.push_back(m_lefts.back() + column + 2 * kPaddingX);

    m_tops.assign(1, 0);
    for (qsizetype first = 0; first < m_cells.size(); first += m_columns) {
        double height = 0;
        for (qsizetype cell = first; cell < std::min(first + m_columns, m_cells.size()); ++cell) {
            // Only what is wider than its column is broken.
            const bool isWide = m_widths[static_cast<std::size_t>(cell)] > kMostWidth;
            const bool isBroken = isWide || m_cells[cell].text.contains(QChar::LineSeparator);
            const int nLines = isBroken
                                   ? lineCount(m_cells[cell], styleOf(cell),
                                               columns[static_cast<std::size_t>(cell % m_columns)])
                                   : 1;
            const double tallest = tallestFormula(m_cells[cell], styleOf(cell));
            height = std::max({height, nLines * styleOf(cell).lineHeight(), tallest});
        }
        m_tops.push_back(m_tops.back() + height + 2 * kPaddingY);
    }
    std::vector<double> sizes;
    for (int first = 0; first < rows(); first += kChunkRows)
        sizes.push_back(m_tops[static_cast<std::size_t>(std::min(first + kChunkRows, rows()))] -
                        m_tops[static_cast<std::size_t>(first)]);
    ++m_revision;
    m_chunks.setSizes(sizes);
    emit placesChanged();
}

QRectF TableSource::place(int cell) const {
    if (m_columns <= 0 || cell < 0 || cell >= m_cells.size()) return {};
    const auto column = static_cast<std::size_t>(cell % m_columns);
    const auto row = static_cast<std::size_t>(cell / m_columns);
    const double width = m_lefts[column + 1] - m_lefts[column];
    const double left = m_isRightToLeft ? tableWidth() - m_lefts[column + 1] : m_lefts[column];
    return {left, m_tops[row], width, m_tops[row + 1] - m_tops[row]};
}

int TableSource::cellsOf(int chunk) const {
    return std::max(
        0, std::min(static_cast<int>(m_cells.size()) - firstCell(chunk), kChunkRows * m_columns));
}

InlineText TableSource::part(int part) const {
    return part >= 0 && part < m_cells.size() ? m_cells[part] : InlineText();
}

int TableSource::partStart(int part) const {
    qsizetype start = 0;
    for (int cell = 0; cell < part && cell < m_cells.size(); ++cell)
        start += m_cells[cell].text.size() + 1;
    return static_cast<int>(start);
}

}  // namespace sotto::app
