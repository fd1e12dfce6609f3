// BlockSource: the parts of one block of a BlockListModel, read again when that block has changed.
// GUI thread only.
#pragma once

#include <QPointer>

#include "app/chat/block_list_model.h"
#include "app/ui/Chat/text_source.h"

namespace sotto::app {

class BlockSource : public sotto::app::TextSource {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("CodeSource and TableSource are made")
    Q_PROPERTY(sotto::app::BlockListModel* blocks READ blocks WRITE setBlocks NOTIFY shapeChanged)
    Q_PROPERTY(int row READ row WRITE setRow NOTIFY shapeChanged)

public:
    using TextSource::TextSource;

    BlockListModel* blocks() const { return m_blocks; }
    void setBlocks(BlockListModel* blocks);
    int row() const { return m_row; }
    void setRow(int row);

signals:
    void shapeChanged();

protected:
    // Shows the block as it is now.
    virtual void takeBlock(const MarkdownBlock& block) = 0;

private:
    void refresh();

    QPointer<BlockListModel> m_blocks;
    int m_row = -1;
};

}  // namespace sotto::app
