#include "app/chat/block_list_model.h"

#include "app/chat/markdown_blocks.h"
#include "app/chat/markdown_cut.h"

namespace sotto::app {

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
        if (blocks[row].kind != m_blocks[row].kind) {
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
        case KindRole: return block.kind;
        case HtmlRole: return block.html;
        case Qt::DisplayRole:
        case TextRole: return block.text;
        case LevelRole: return block.level;
        case MarkerRole: return block.marker;
        case LanguageRole: return block.language;
        case IsOpenRole: return block.isOpen;
        case ColumnsRole: return block.columns;
        case CellsRole: return block.cells;
        case AlignmentsRole: return QVariant::fromValue(block.alignments);
        default: return {};
    }
}

QHash<int, QByteArray> BlockListModel::roleNames() const {
    return {{KindRole, "kind"},     {HtmlRole, "html"},
            {TextRole, "text"},     {LevelRole, "level"},
            {MarkerRole, "marker"}, {LanguageRole, "language"},
            {IsOpenRole, "isOpen"}, {ColumnsRole, "columns"},
            {CellsRole, "cells"},   {AlignmentsRole, "alignments"}};
}

}  // namespace sotto::app
