#include "app/chat/block_list_model.h"

#include <algorithm>

#include "app/chat/markdown_blocks.h"
#include "app/chat/markdown_stream.h"

namespace sotto::app {

namespace {

QString textOf(const MarkdownBlock& block) {
    if (block.kind == BlockListModel::Code) return codeText(block.codeLines);
    if (block.kind == BlockListModel::Math && !block.content.spans.isEmpty())
        return block.content.spans.front().target;
    return plainText(block.content);
}

// Whether these are the marks of two items of one list, the first right before the second.
bool areOfOneList(const QString& before, const QString& mark) {
    if (before.back() != mark.back()) return false;
    return mark.size() == 1 || before.chopped(1).toUInt() + 1 == mark.chopped(1).toUInt();
}

}  // namespace

BlockListModel::BlockListModel(QObject* parent)
    : QAbstractListModel(parent), m_stream(std::make_unique<MarkdownStream>()) {}

BlockListModel::~BlockListModel() = default;

void BlockListModel::setSource(const QString& source) {
    const MarkdownChange change = m_stream->setSource(source);
    for (const MarkdownChange::Row& row : change.replaced) setRow(row.row, row.block);
    if (change.extendedRow >= 0) extend(change);
    showRows(change.firstRow, change.rows);
}

void BlockListModel::extend(const MarkdownChange& change) {
    MarkdownBlock& block = m_blocks[change.extendedRow];
    block.isRightToLeft = change.isRightToLeft;
    QList<int> roles{IsRightToLeftRole};
    if (block.kind == Code) {
        block.codeLines.resize(change.nKept);
        block.codeLines += change.lines;
        roles.append({CodeLinesRole, TextRole});
    } else {
        block.cells.resize(change.nKept);
        block.cells += change.cells;
        roles.append(CellContentsRole);
    }
    const QModelIndex changed = index(static_cast<int>(change.extendedRow));
    emit dataChanged(changed, changed, roles);
}

void BlockListModel::setRow(qsizetype row, const MarkdownBlock& block) {
    if (block == m_blocks[row]) return;
    const int at = static_cast<int>(row);
    // A block that changes its kind needs another delegate, so the row is replaced, not changed.
    if (block.kind != m_blocks[row].kind) {
        beginRemoveRows({}, at, at);
        m_blocks.removeAt(row);
        endRemoveRows();
        beginInsertRows({}, at, at);
        m_blocks.insert(row, block);
        endInsertRows();
        return;
    }
    m_blocks[row] = block;
    emit dataChanged(index(at), index(at));
}

// These are the rows from the first one on.
void BlockListModel::showRows(qsizetype first, const QList<MarkdownBlock>& rows) {
    const qsizetype nBefore = m_blocks.size() - first;
    const qsizetype nCommon = std::min(rows.size(), nBefore);
    for (qsizetype row = 0; row < nCommon; ++row) setRow(first + row, rows[row]);
    const int begin = static_cast<int>(first + nCommon);
    if (rows.size() > nCommon) {
        beginInsertRows({}, begin, static_cast<int>(first + rows.size()) - 1);
        m_blocks += rows.mid(nCommon);
        endInsertRows();
    } else if (nBefore > nCommon) {
        beginRemoveRows({}, begin, rowCount() - 1);
        m_blocks.resize(begin);
        endRemoveRows();
    }
}

bool BlockListModel::beginsList(qsizetype row) const {
    const QList<BlockContainer>& around = m_blocks[row].containers;
    const auto item = std::find_if(around.cbegin(), around.cend(),
                                   [](const BlockContainer& it) { return !it.mark.isEmpty(); });
    if (item == around.cend()) return false;
    const qsizetype depth = item - around.cbegin();
    // The item before it: back over its further blocks and what is deeper.
    for (qsizetype before = row - 1; before >= 0; --before) {
        const QList<BlockContainer>& others = m_blocks[before].containers;
        if (others.size() <= depth || others[depth].isQuote()) return false;
        if (!others[depth].mark.isEmpty()) return !areOfOneList(others[depth].mark, item->mark);
    }
    return false;
}

const MarkdownBlock& BlockListModel::block(int row) const { return m_blocks[row]; }

int BlockListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_blocks.size());
}

QVariant BlockListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const MarkdownBlock& block = m_blocks[index.row()];
    switch (role) {
        case KindRole: return block.kind;
        case ContentRole: return QVariant::fromValue(block.content);
        case Qt::DisplayRole:
        case TextRole: return textOf(block);
        case ContainersRole: return QVariant::fromValue(block.containers);
        case IsRightToLeftRole: return block.isRightToLeft;
        case LevelRole: return block.level;
        case CodeLinesRole: return QVariant::fromValue(block.codeLines);
        case LanguageRole: return block.language;
        case ColumnsRole: return block.columns;
        case CellContentsRole: return QVariant::fromValue(block.cells);
        case AlignmentsRole: return QVariant::fromValue(block.alignments);
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
            {ColumnsRole, "columns"},
            {CellContentsRole, "cellContents"},
            {AlignmentsRole, "alignments"}};
}

}  // namespace sotto::app
