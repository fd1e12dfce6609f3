#include "app/chat/block_list_model.h"

#include <algorithm>

#include "app/chat/markdown_blocks.h"
#include "app/chat/markdown_cut.h"
#include "app/chat/tex_text.h"

namespace sotto::app {

namespace {

// Formulas as readable text, for what shows HTML.
QString htmlOf(const InlineText& content) {
    InlineText shown;
    qsizetype at = 0;
    for (const InlineSpan& span : content.spans) {
        shown.append(content.text.mid(at, span.start - at));
        at = span.start + span.length;
        if ((span.styles & Formula) != 0)
            shown.append(texToText(span.target), Italic);
        else
            shown.append(content.text.mid(span.start, span.length), span.styles, span.target);
    }
    shown.append(content.text.mid(at));
    return toHtml(shown);
}

QString htmlOf(const MarkdownBlock& block) {
    return block.kind == BlockListModel::Code ? codeHtml(block.codeLines) : htmlOf(block.content);
}

QString textOf(const MarkdownBlock& block) {
    if (block.kind == BlockListModel::Code) return codeText(block.codeLines);
    if (block.kind == BlockListModel::Math && !block.content.spans.isEmpty())
        return block.content.spans.front().target;
    return plainText(block.content);
}

// A paragraph by the container that it is in.
BlockListModel::Kind kindOf(const MarkdownBlock& block) {
    if (block.kind != BlockListModel::Paragraph || block.containers.isEmpty()) return block.kind;
    return block.containers.back().isQuote() ? BlockListModel::Quote : BlockListModel::ListItem;
}

int levelOf(const MarkdownBlock& block) {
    if (block.kind == BlockListModel::Heading) return block.level;
    const bool isQuote = kindOf(block) == BlockListModel::Quote;
    const auto nSame = std::count_if(
        block.containers.begin(), block.containers.end(),
        [isQuote](const BlockContainer& container) { return container.isQuote() == isQuote; });
    return std::max(0, static_cast<int>(nSame) - 1);
}

QStringList cellsHtml(const MarkdownBlock& block) {
    QStringList cells;
    for (const InlineText& cell : block.cells) cells.append(htmlOf(cell));
    return cells;
}

}  // namespace

BlockListModel::BlockListModel(QObject* parent) : QAbstractListModel(parent) {}

BlockListModel::~BlockListModel() = default;

void BlockListModel::setSource(const QString& source) { show(parse(source)); }

QList<MarkdownBlock> BlockListModel::parsePart(const QString& text) {
    m_parsedCharacters += text.size();
    return parseMarkdown(text);
}

QList<MarkdownBlock> BlockListModel::parse(const QString& source) {
    if (!source.startsWith(m_settled)) {
        m_settled.clear();
        m_settledBlocks.clear();
    }
    QString rest = source.mid(m_settled.size());
    const MarkdownCut cut = findMarkdownCut(rest);
    if (cut.hasDefinition) {
        m_settled.clear();
        m_settledBlocks.clear();
        return parsePart(source);
    }
    if (cut.settled > 0) {
        m_settledBlocks += parsePart(rest.left(cut.settled));
        if (!m_settledBlocks.isEmpty()) m_settledBlocks.back().isOpen = false;  // it has ended
        m_settled += rest.left(cut.settled);
        rest.remove(0, cut.settled);
    }
    return m_settledBlocks + parsePart(rest);
}

void BlockListModel::show(const QList<MarkdownBlock>& blocks) {
    const qsizetype nCommon = qMin(blocks.size(), m_blocks.size());
    for (qsizetype row = 0; row < nCommon; ++row) {
        if (blocks[row] == m_blocks[row]) continue;
        // A block that changes its kind needs another delegate, so the row is replaced, not
        // changed.
        if (kindOf(blocks[row]) != kindOf(m_blocks[row])) {
            const int at = static_cast<int>(row);
            beginRemoveRows({}, at, at);
            m_blocks.removeAt(row);
            endRemoveRows();
            beginInsertRows({}, at, at);
            m_blocks.insert(row, blocks[row]);
            endInsertRows();
            continue;
        }
        m_blocks[row] = blocks[row];
        const QModelIndex changed = index(static_cast<int>(row));
        emit dataChanged(changed, changed);
    }
    if (blocks.size() > nCommon) {
        beginInsertRows({}, static_cast<int>(nCommon), static_cast<int>(blocks.size()) - 1);
        m_blocks.append(blocks.mid(nCommon));
        endInsertRows();
    } else if (m_blocks.size() > nCommon) {
        beginRemoveRows({}, static_cast<int>(nCommon), static_cast<int>(m_blocks.size()) - 1);
        m_blocks.resize(nCommon);
        endRemoveRows();
    }
}

int BlockListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_blocks.size());
}

QVariant BlockListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const MarkdownBlock& block = m_blocks[index.row()];
    switch (role) {
        case KindRole: return kindOf(block);
        case ContentRole: return QVariant::fromValue(block.content);
        case Qt::DisplayRole:
        case TextRole: return textOf(block);
        case ContainersRole: return QVariant::fromValue(block.containers);
        case IsRightToLeftRole: return block.isRightToLeft;
        case LevelRole: return levelOf(block);
        case CodeLinesRole: return QVariant::fromValue(block.codeLines);
        case LanguageRole: return block.language;
        case IsOpenRole: return block.isOpen;
        case ColumnsRole: return block.columns;
        case CellContentsRole: return QVariant::fromValue(block.cells);
        case AlignmentsRole: return QVariant::fromValue(block.alignments);
        case HtmlRole: return htmlOf(block);
        case MarkerRole:
            return block.containers.isEmpty() ? QString() : block.containers.back().marker;
        case CellsRole: return cellsHtml(block);
        default: return {};
    }
}

QHash<int, QByteArray> BlockListModel::roleNames() const {
    return {{KindRole, "kind"},
            {ContentRole, "content"},
            {TextRole, "text"},
            {ContainersRole, "containers"},
            {IsRightToLeftRole, "isRightToLeft"},
            {LevelRole, "level"},
            {CodeLinesRole, "codeLines"},
            {LanguageRole, "language"},
            {IsOpenRole, "isOpen"},
            {ColumnsRole, "columns"},
            {CellContentsRole, "cellContents"},
            {AlignmentsRole, "alignments"},
            {HtmlRole, "html"},
            {MarkerRole, "marker"},
            {CellsRole, "cells"}};
}

}  // namespace sotto::app
