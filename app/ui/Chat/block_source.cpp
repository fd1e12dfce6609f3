#include "app/ui/Chat/block_source.h"

#include "app/chat/markdown_blocks.h"

namespace sotto::app {

void BlockSource::setBlocks(BlockListModel* blocks) {
    if (blocks == m_blocks) return;
    if (m_blocks != nullptr) m_blocks->disconnect(this);
    m_blocks = blocks;
    if (m_blocks != nullptr)
        connect(m_blocks, &BlockListModel::dataChanged, this,
                [this](const QModelIndex& first, const QModelIndex& last) {
                    if (m_row >= first.row() && m_row <= last.row()) refresh();
                });
    emit shapeChanged();
    refresh();
}

void BlockSource::setRow(int row) {
    if (row == m_row) return;
    m_row = row;
    emit shapeChanged();
    refresh();
}

void BlockSource::refresh() {
    if (m_blocks == nullptr || m_row < 0 || m_row >= m_blocks->rowCount()) return;
    takeBlock(m_blocks->block(m_row));
}

}  // namespace sotto::app
