#include "app/ui/Chat/block_meter.h"

#include <algorithm>
#include <tuple>

#include "app/ui/Chat/table_source.h"

namespace sotto::app {
namespace {

constexpr double kContainer = 20;   // px that a quote or an item takes of the width, about
constexpr double kLeastWidth = 40;  // px
// CodeBlock.qml: its head, and the room above and below the lines.
constexpr double kCodeFrame = 37 + 22;
constexpr double kRule = 9;           // RuleBlock.qml
constexpr double kFormulaLines = 2;   // of most that stand on their own
constexpr double kHeadingLine = 1.2;  // of a line of text, as most headings

}  // namespace

bool BlockMeter::setStyles(const BlockStyles& styles) {
    const auto held = std::tuple(m_text.font(), m_textLine, m_codeLine, m_cellLine);
    const auto given = std::tuple(styles.text->font(), styles.text->lineHeight(),
                                  styles.code->lineHeight(), styles.cell->lineHeight());
    if (given == held) return false;
    m_text.setFont(styles.text->font());
    std::tie(std::ignore, m_textLine, m_codeLine, m_cellLine) = given;
    return true;
}

double BlockMeter::height(const MarkdownBlock& block, double width) const {
    const double inside =
        std::max(kLeastWidth, width - kContainer * static_cast<double>(block.containers.size()));
    switch (block.kind) {
        case BlockListModel::Code:
            return kCodeFrame + m_codeLine * static_cast<double>(block.codeLines.size());
        case BlockListModel::Table:
            return 2 + (m_cellLine + 2 * TableSource::kPaddingY) *
                           static_cast<double>(block.cells.size() / std::max(1, block.columns));
        case BlockListModel::Rule: return kRule;
        case BlockListModel::Math: return kFormulaLines * m_textLine;
        case BlockListModel::Heading:
            return kHeadingLine * m_textLine * m_text.lines(block.content.text, inside);
        case BlockListModel::Paragraph: break;
    }
    return m_textLine * m_text.lines(block.content.text, inside);
}

}  // namespace sotto::app
